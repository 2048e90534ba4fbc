import { describe, expect, test } from "vitest";
import {
  type Auth,
  AuthError,
  basic,
  bearer,
  Client,
  Headers,
  apiKey as key,
  Secret,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { json, serve } from "../peers/http-server.ts";

/** Calls three times and gives what the server saw in a header. */
async function threeCalls(auth: Auth, header: string): Promise<unknown[]> {
  await using server = await serve(json({}));
  await using client = new Client({ auth });
  for (let i = 0; i < 3; i++) await client.get(server.origin);
  return server.seen.map(({ headers }) => Reflect.get(headers, header));
}

describe("the credentials of an Auth of one's own are read at each call", () => {
  test("one object that is changed between two calls", async () => {
    let turn = 0;
    const headers = { "x-key": "k-0" };
    const credentials = { headers };
    const auth: Auth = {
      authorize: () => {
        headers["x-key"] = `k-${++turn}`;
        return credentials;
      },
    };
    expect(await threeCalls(auth, "x-key")).toEqual(["k-1", "k-2", "k-3"]);
  });

  test("a frozen one with a getter", async () => {
    let turn = 0;
    const credentials = Object.freeze({
      get headers() {
        return Object.freeze({ "x-key": `k-${++turn}` });
      },
    });
    const seen = await threeCalls({ authorize: () => credentials }, "x-key");
    expect(new Set(seen).size).toBe(3);
  });
});

test("one whose authorize() was replaced is asked by it", async () => {
  const auth = bearer("t-123");
  auth.authorize = () => ({ headers: { "x-key": "k-1" } });
  expect(await threeCalls(auth, "x-key")).toEqual(["k-1", "k-1", "k-1"]);
});

describe("credentials that cannot change", () => {
  test.each([
    ["bearer()", bearer("t-123"), "authorization", "Bearer t-123"],
    ["basic()", basic("user", "passwd"), "authorization", "Basic dXNlcjpwYXNzd2Q="],
    ["apiKey()", key("k-123"), "x-api-key", "k-123"],
  ] as const)("%s gives the same to each call", async (_name, auth, header, value) => {
    expect(await threeCalls(auth, header)).toEqual([value, value, value]);
  });

  test.each([
    ["bearer()", bearer("t-123")],
    ["basic()", basic("user", "passwd")],
    ["apiKey()", key("k-123")],
  ] as const)("%s gives nothing that a caller could change for the others", async (_name, auth) => {
    const credentials = await auth.authorize({
      method: "GET",
      url: "http://localhost/",
      origin: "http://localhost",
      target: "/",
      header: () => null,
      headers: [],
    });
    expect(Object.isFrozen(credentials) && Object.isFrozen(credentials.headers)).toBe(true);
  });

  test.each([
    ["bearer()", bearer, "authorization", "Bearer k-1"],
    ["apiKey()", key, "x-api-key", "k-1"],
  ] as const)(
    "%s is the same somebody that it sends, if its Secret says something else each time",
    async (_name, make, header, value) => {
      let turn = 0;
      class Turning extends Secret {
        override reveal(): string {
          return `k-${++turn}`;
        }
      }
      const auth = make(new Turning(""));
      expect(auth.identity?.("http://localhost")).toBe(make("k-1").identity?.("http://localhost"));
      expect(await threeCalls(auth, header)).toEqual([value, value, value]);
    },
  );

  test("a header set by hand in one call comes first there, and only there (#92)", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ auth: bearer("t-123") });
    await client.get(server.origin);
    await client.get(server.origin, { headers: { Authorization: "Bearer by-hand" } });
    await client.get(server.origin);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer t-123",
      "Bearer by-hand",
      "Bearer t-123",
    ]);
  });

  test("stay masked in every request that they went out with", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ auth: key("k-123", { header: "x-tenant" }) });
    const first = await client.get(server.origin);
    const second = await client.get(server.origin, { headers: { "x-tenant": "by-hand" } });
    expect(JSON.stringify(first.request.headers)).toContain('"x-tenant":"***"');
    expect(JSON.stringify(second.request.headers)).toContain('"x-tenant":"by-hand"');
  });

  test("P9 stay masked in each request, whatever is done to the names of the secrets in another", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ auth: key("k-123", { header: "x-tenant" }) });
    const { request } = await client.get(server.origin);
    const names = request.headers.secretNames;
    expect(names).toEqual(new Set(["x-tenant"]));
    if (names instanceof Set) names.clear();
    const { request: later } = await client.get(server.origin);
    for (const { headers } of [request, request.with({}), later]) {
      expect(JSON.stringify(headers)).toContain('"x-tenant":"***"');
    }
  });
});

describe("credentials of an Auth of one's own that cannot be read are an AuthError, and nothing is sent", () => {
  const thrower = (): never => {
    throw new Error("no");
  };
  test.each([
    ["a Map for headers", { headers: new Map([["x-key", "k-123"]]) }, /a Map for headers/],
    ["Headers for headers", { headers: new Headers({ "x-key": "k-123" }) }, /for headers, not an object/],
    ["pairs for query", { query: [["key", "k-123"]] }, /an array of 1 for query/],
    [
      "nothing for a header",
      { headers: { "x-key": undefined } },
      /undefined for headers\["x-key"\], not a string/,
    ],
    ["nothing for a parameter", { query: { key: undefined } }, /undefined for query\["key"\], not a string/],
    ["a number", { query: { key: 123 } }, /for query\["key"\], not a string/],
    ["a string for headers", { headers: "x-key: k-123" }, /a string for headers/],
    [
      "a getter that throws",
      Object.defineProperty({}, "headers", { get: thrower, enumerable: true }),
      /could not be read/,
    ],
    ["a proxy that throws", new Proxy({}, { ownKeys: thrower }), /could not be read/],
    [
      "a proxy that throws when it is looked at",
      new Proxy({}, { get: thrower, has: thrower }),
      /could not be had/,
    ],
  ])("%s", async (_name, credentials, message) => {
    await using server = await serve(json({}));
    const auth: Auth = Object.create(null, { authorize: { value: () => credentials } });
    await using client = new Client({ auth });
    const error = await caught(client.get(server.origin), AuthError);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain("k-123");
    expect(server.seen).toEqual([]);
  });
});
