import { Events, OAuth2Server } from "oauth2-mock-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AuthError, Client, oauth2 } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
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

test("oauth2-mock-server says where its endpoints are, and gives a token for a code with PKCE", async () => {
  const auth = oauth2({
    issuer: issuer(),
    clientId: "app",
    grant: "authorization_code",
    scope: "openid read",
    redirectUri: "http://localhost:0/back",
    // It lets everybody in.
    open: async (url) => void (await fetch(url)),
  });
  expect(claimsOf((await auth.token()).reveal())).toMatchObject({ iss: issuer(), sub: "johndoe" });
});

test("oauth2-mock-server refuses a code whose verifier is another's", async () => {
  const auth = oauth2({
    issuer: issuer(),
    clientId: "app",
    grant: "authorization_code",
    open: async (url) => {
      const changed = new URL(url);
      changed.searchParams.set("code_challenge", "A".repeat(43));
      await fetch(changed);
    },
  });
  expect((await caught(auth.token(), AuthError)).message).toMatch(/\/token answered 4\d\d/);
});

test("what oauth2-mock-server answers in the place of a token is an error of OAuth 2", async () => {
  server.service.once(Events.BeforeResponse, (answer) => {
    answer.statusCode = 400;
    answer.body = { error: "invalid_scope", error_description: "no such scope" };
  });
  const auth = oauth2({ issuer: issuer(), clientId: "app", clientSecret: "s", grant: "client_credentials" });
  expect(await caught(auth.token(), AuthError)).toMatchObject({
    reason: "invalid_scope",
    description: "no such scope",
  });
});
