import { type RunningPractice, startPractice } from "@chasqui/practice";
import {
  AuthError,
  basic,
  bearer,
  CallerError,
  type ChasquiError,
  Client,
  DecodeError,
  get,
  HttpError,
  memory,
  NetworkError,
  OptionsError,
  post,
} from "chasqui";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";

/** What a newcomer gets wrong, and what is said then. */

let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());

/** A value that the types forbid: not every caller is TypeScript. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for what a caller in JavaScript writes.
const wrong = (value: unknown): any => value;

interface Slip {
  readonly name: string;
  readonly make: (url: string) => unknown;
  readonly type: new (...args: never[]) => ChasquiError;
  readonly says: string;
  readonly hint?: string;
}

const SLIPS: readonly Slip[] = [
  {
    name: "the name of a file as an authority",
    make: () => new Client({ tls: { ca: "/etc/ssl/ca.pem" } }),
    type: OptionsError,
    says: "`tls.ca` has no PEM in it",
    hint: "not its name",
  },
  {
    name: "a certificate without its key",
    make: () => new Client({ tls: { cert: "-----BEGIN CERTIFICATE-----" } }),
    type: OptionsError,
    says: "`tls` has a cert without a key",
    hint: "{ cert, key }",
  },
  {
    name: "a password that is not set",
    make: () => basic("user", wrong(undefined)),
    type: OptionsError,
    says: "not undefined",
    hint: "variable of the environment",
  },
  {
    name: "a part with a key that is none",
    make: (url) => post(`${url}/echo`, { multipart: { file: wrong({ data: "x", filname: "a" }) } }),
    type: OptionsError,
    says: "keys data, filname",
    hint: "{ content, filename, contentType, headers }",
  },
  {
    name: "a part that was not awaited",
    make: (url) => post(`${url}/echo`, { multipart: { file: wrong(Promise.resolve("x")) } }),
    type: OptionsError,
    says: "is a Promise",
    hint: "await it first",
  },
  {
    name: "the port 0",
    make: () => get("http://127.0.0.1:0/", { retry: false }),
    type: NetworkError,
    says: "refused",
    hint: "has the port 0",
  },
  {
    name: "credentials that are no headers",
    make: (url) => get(`${url}/auth/key`, { auth: { authorize: () => wrong({ "x-api-key": "k" }) } }),
    type: AuthError,
    says: 'authorize() gave "x-api-key"',
    hint: "{ headers: { name: value } }",
  },
  {
    name: "a token that is refused",
    make: (url) => get(`${url}/auth/bearer`, { auth: bearer("old") }).json(),
    type: HttpError,
    says: "401",
    hint: "refused the credentials of `auth`",
  },
  {
    name: "a placeholder without a value",
    make: (url) => get(`${url}/posts/{id}`),
    type: OptionsError,
    says: "no value for {id}",
    hint: "{ path: { id: … } }",
  },
  {
    name: "a tuple of timeouts",
    make: (url) => get(url, { timeout: wrong([3, 5]) }),
    type: OptionsError,
    says: "`timeout` is an array of 2",
    hint: 'connect: "3s"',
  },
  {
    name: "a limit of retries",
    make: (url) => get(url, { retry: wrong({ limit: 3 }) }),
    type: OptionsError,
    says: '"limit"',
    hint: "`attempts`",
  },
  {
    name: "a proxy in parts",
    make: (url) => get(url, { proxy: wrong({ host: "localhost", port: 3128 }) }),
    type: OptionsError,
    says: "`host`",
    hint: "A proxy is a URL",
  },
  {
    name: "a client's option at a call",
    make: () => get("/posts", wrong({ baseUrl: "http://127.0.0.1:9" })),
    type: OptionsError,
    says: "`baseUrl`",
    hint: "new Client",
  },
  {
    name: "a handler that gives data",
    make: () => new Client({ transport: memory(wrong(() => ({ id: 1 }))) }).get("http://x.test/"),
    type: CallerError,
    says: "gave an object",
    hint: "Response.json(data)",
  },
  {
    name: "JSON Lines of a document",
    make: async (url) => {
      for await (const _value of get(`${url}/posts`).ndjson()) break;
    },
    type: DecodeError,
    says: "Line 1 is not JSON",
    hint: ".json() reads it whole",
  },
];

describe("what a newcomer gets wrong is said, with what to do", () => {
  test.each(SLIPS)("$name", async ({ make, type, says, hint }) => {
    const error = await caught((async () => await make(practice.url))(), type);
    expect(error.message).toContain(says);
    expect(error.hint ?? "").toContain(hint ?? "");
  });
});

test("a password that is left out is empty, and one of a key in the user's place is none", async () => {
  const answer = await get(`${practice.url}/auth/basic?password=`, { auth: basic("user") }).json();
  expect(answer).toMatchObject({ authenticated: true });
});

test("braces that are escaped, or stand in the query, are nobody's placeholders", async () => {
  const echo = (target: string): Promise<{ url: string }> => get(practice.url + target).json();
  expect((await echo("/echo/%7Bid%7D")).url).toContain("%7Bid%7D");
  expect((await echo("/echo?filter={id}")).url).toContain("filter={id}");
});

const form = {
  grant_type: "client_credentials",
  client_id: "practice-client",
  client_secret: "practice-secret",
};

describe.skipIf(Number.parseInt(process.versions.node, 10) < 24)(
  "a provider that asks with its own client",
  () => {
    test("is told that it waits for itself, however late it asks", async () => {
      await using client: Client = new Client({
        baseUrl: practice.url,
        auth: bearer(async (): Promise<string> => {
          await new Promise(setImmediate);
          return (await client.post("/auth/token", { form }).json<{ access_token: string }>()).access_token;
        }),
      });
      const error = await caught(client.get("/auth/bearer").json(), AuthError);
      expect(error).toMatchObject({
        message: expect.stringContaining("waits for itself"),
        hint: expect.stringContaining("auth: null"),
      });
    });

    test("gets its token where it says `auth: null`, while others wait for it", async () => {
      await using client: Client = new Client({
        baseUrl: practice.url,
        auth: bearer(async (): Promise<string> => {
          const asked = client.post("/auth/token", { form, auth: null });
          return (await asked.json<{ access_token: string }>()).access_token;
        }),
      });
      const answers = await Promise.all([1, 2, 3].map(() => client.get("/auth/bearer").json()));
      expect(answers).toHaveLength(3);
    });
  },
);
