import { join } from "node:path";
import { apiKey, basic, bearer, Client, env, get, loadEnv, post } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";
loadEnv(join(import.meta.dirname, ".env.example"));

// An API key in the query string.
const inQuery = await get(`${BASE}/auth/key`, { auth: apiKey(env("PRACTICE_KEY"), { query: "api_key" }) });
console.log("Key in the query:", await inQuery.json());

// An API key in a header, which is what most APIs want: logs and histories show URLs, but not headers.
const inHeader = await get(`${BASE}/auth/key`, { auth: apiKey(env("PRACTICE_KEY")) });
console.log("Key in a header:", await inHeader.json());

// Basic: user and password. `auth: ["user", "password"]` is the short form.
const byPassword = await get(`${BASE}/auth/basic`, {
  auth: basic(env("PRACTICE_USER"), env("PRACTICE_PASSWORD")),
});
console.log("Basic:", await byPassword.json());

// A Bearer token, such as OAuth 2 gives.
const byToken = await get(`${BASE}/auth/bearer`, { auth: bearer(env("PRACTICE_TOKEN")) });
console.log("Bearer:", await byToken.json());

// Tokens expire. A client that is told where they come from asks for a new one after a 401, and sends the request again.
async function fetchToken({ reason }: { reason: string }): Promise<string> {
  console.log(`fetching a token: ${reason}`);
  const form = { grant_type: "client_credentials", uses: 2 }; // a short life: two requests
  const auth = basic(env("PRACTICE_CLIENT_ID"), env("PRACTICE_CLIENT_SECRET"));
  const token = await post(`${BASE}/auth/token`, { form, auth }).json<{ access_token: string }>();
  return token.access_token;
}
await using client = new Client({ baseUrl: BASE, auth: bearer(fetchToken) });
for (const number of [1, 2, 3]) {
  const { status } = await client.get("/auth/bearer");
  console.log(`Request ${number}: ${status}`);
}
