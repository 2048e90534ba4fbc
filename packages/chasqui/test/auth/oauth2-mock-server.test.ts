import { OAuth2Server } from "oauth2-mock-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client, oauth2 } from "../../src/index.ts";
import { json, serve } from "../peers/http-server.ts";

/** An authorization server that we have not written: oauth2-mock-server of npm. */
const server = new OAuth2Server();

beforeAll(async () => {
  await server.issuer.keys.generate("RS256");
  await server.start(0, "127.0.0.1");
});

afterAll(() => server.stop());

/** What a JWT says; that it is one shows that the token is the server's. */
function claimsOf(token: string): Record<string, unknown> {
  const [, claims = ""] = token.split(".");
  return JSON.parse(Buffer.from(claims, "base64url").toString());
}

const issuer = (): string => server.issuer.url ?? "";

test("oauth2-mock-server gives a token for client credentials, and it goes to the API", async () => {
  await using api = await serve(json({}));
  const auth = oauth2({
    tokenEndpoint: `${issuer()}/token`,
    clientId: "app",
    clientSecret: "s",
    grant: "client_credentials",
    scope: "read write",
  });
  await using client = new Client({ baseUrl: api.origin, auth });
  await client.get("/").json();
  const token = api.last().headers.authorization?.replace("Bearer ", "") ?? "";
  expect(claimsOf(token)).toMatchObject({ iss: issuer(), scope: "read write" });
});

test("oauth2-mock-server gives a token for a refresh token", async () => {
  const auth = oauth2({
    tokenEndpoint: `${issuer()}/token`,
    clientId: "app",
    grant: "refresh_token",
    refreshToken: "any",
  });
  expect(claimsOf((await auth.token()).reveal())).toMatchObject({ iss: issuer(), sub: "johndoe" });
});
