/** A program that asks an API so many times at once, or for ever, with the tokens of a file that others have as well. */
import { Client, fileTokens, oauth2 } from "../../src/index.ts";

const [origin = "", file = "", calls = "1", forever = ""] = process.argv.slice(2);
const auth = oauth2({
  tokenEndpoint: `${origin}/token`,
  clientId: "app",
  grant: "refresh_token",
  refreshToken: "rt0",
  store: fileTokens(file),
});
await using client = new Client({ baseUrl: origin, auth });
while (forever === "forever") await client.get("/api");
const answers = await Promise.all(Array.from({ length: Number(calls) }, () => client.get("/api")));
process.stdout.write(answers.map(({ status }) => status).join(" "));
