import {
  AuthError,
  awsSigV4,
  fileTokens,
  hmac,
  memoryTokens,
  OptionsError,
  oauth2,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal, fits } from "./assert.ts";
import type { Echo } from "./requests.ts";
import type { Topic } from "./suite.ts";

const CLIENT = { clientId: "practice-client", clientSecret: "practice-secret" } as const;

export const tokens: Topic = {
  "a token for client credentials is got, shared and stored": async ({ peers, client }) => {
    const store = memoryTokens();
    await using asking = client();
    const options = {
      issuer: peers.api,
      ...CLIENT,
      grant: "client_credentials",
      store,
      client: asking,
    } as const;
    await using session = client({ auth: oauth2(options) });
    const url = `${peers.api}/auth/bearer`;
    const answers = await Promise.all([session.get(url), session.get(url), session.get(url)]);
    equal(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    const first = await oauth2(options).token();
    equal(first.reveal(), (await oauth2({ ...options, clientAuth: "client_secret_post" }).token()).reveal());
  },
  "a token that is refused is an error of OAuth 2": async ({ peers }) => {
    const tokenEndpoint = `${peers.api}/auth/token`;
    const auth = oauth2({ tokenEndpoint, ...CLIENT, clientSecret: "another", grant: "client_credentials" });
    equal((await caught(auth.token(), AuthError)).reason, "invalid_client");
  },
  "a device code is waited for": async ({ peers, client }) => {
    await using somebody = client();
    const auth = oauth2({
      tokenEndpoint: `${peers.api}/auth/token`,
      deviceAuthorizationEndpoint: `${peers.api}/auth/device?interval=0.01`,
      clientId: "practice-app",
      grant: "device_code",
      prompt: async ({ verificationUri, userCode }) => {
        await somebody.get(verificationUri, { params: { user_code: userCode, decision: "allow" } }).json();
      },
    });
    await using session = client({ auth });
    equal((await session.get(`${peers.api}/auth/bearer`)).status, 200);
  },
  "a JWT is signed by WebCrypto, with a key that it has made": async ({ peers, client }) => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const jwks = { keys: [await crypto.subtle.exportKey("jwk", publicKey)] };
    await using plain = client();
    const registered = await plain
      .post(`${peers.api}/auth/register`, { json: { jwks } })
      .json<{ client_id: string }>();
    const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
    const pem = `-----BEGIN PRIVATE KEY-----\n${btoa(String.fromCharCode(...der))}\n-----END PRIVATE KEY-----`;
    for (const key of [privateKey, pem]) {
      const auth = oauth2({
        tokenEndpoint: `${peers.api}/auth/token`,
        grant: "jwt-bearer",
        assertion: { issuer: registered.client_id, privateKey: key },
      });
      await using session = client({ auth });
      equal((await session.get(`${peers.api}/auth/bearer`)).status, 200);
    }
  },
  "requests are signed with an HMAC": async ({ peers, client }) => {
    const auth = hmac({
      key: "practice-signing-key",
      message: ({ method, target, timestamp, nonce, bodyDigest }) =>
        [method, target, timestamp, nonce, bodyDigest].join("\n"),
      headers: (signature, { timestamp, nonce }) => ({
        "x-timestamp": String(timestamp),
        "x-nonce": nonce,
        "x-signature": signature,
      }),
    });
    await using session = client({ auth });
    equal((await session.post(`${peers.api}/auth/hmac?a=1`, { json: { n: 1 } })).status, 200);
    equal((await session.get(`${peers.api}/auth/hmac`)).status, 200);
  },
  "requests are signed for AWS": async ({ peers, client }) => {
    const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s" };
    await using session = client({ auth: awsSigV4({ ...keys, region: "r", service: "execute-api" }) });
    const { headers } = await session.post(`${peers.own}/echo`, { json: { n: 1 } }).json<Echo>();
    fits(headers.authorization, /^AWS4-HMAC-SHA256 .*SignedHeaders=content-type;host;x-amz-date, /);
  },
  "what needs Node says so elsewhere": async ({ peers, can }) => {
    if (can("files")) return;
    const server = { tokenEndpoint: `${peers.api}/auth/token`, clientId: "practice-app" };
    const page = { authorizationEndpoint: `${peers.api}/auth/authorize` };
    const auth = oauth2({ ...server, ...page, grant: "authorization_code", open: () => {} });
    equal((await caught(auth.token(), OptionsError)).option, "grant");
    const stored = oauth2({
      ...server,
      grant: "refresh_token",
      refreshToken: "r",
      store: fileTokens("tokens.json"),
    });
    equal((await caught(stored.token(), OptionsError)).option, "store");
  },
};
