import { createHash, createHmac } from "node:crypto";
import { inspect } from "node:util";
import { type RunningPractice, startPractice } from "@chasqui/practice";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Auth,
  AuthError,
  Client,
  type HmacOptions,
  HttpError,
  hmac,
  OptionsError,
  secret,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());

/** As the practice API wants it. */
const OPTIONS: HmacOptions = {
  key: secret("practice-signing-key"),
  message: ({ method, target, timestamp, nonce, bodyDigest }) =>
    [method, target, timestamp, nonce, bodyDigest].join("\n"),
  headers: (signature, { timestamp, nonce }) => ({
    "x-timestamp": String(timestamp),
    "x-nonce": nonce,
    "x-signature": signature,
  }),
};

describe("requests that are signed with an HMAC", () => {
  test.each<[string, string, object]>([
    ["GET", "/auth/hmac?a=1&b=%20x", {}],
    ["POST", "/auth/hmac", { json: { amount: 5 } }],
    ["POST", "/auth/hmac", { form: { a: "ü" } }],
    ["POST", "/auth/hmac", { body: new Uint8Array([0, 255, 10]) }],
    ["POST", "/auth/hmac", { body: new Blob(["a stream"]).stream() }],
    ["POST", "/auth/hmac", { multipart: { note: "hi" } }],
  ])("are let in by a server that checks them: %s %s", async (method, path, options) => {
    await using client = new Client({ baseUrl: practice.url, auth: hmac(OPTIONS) });
    expect(await client.request(method, path, options).json()).toMatchObject({ authenticated: true });
  });

  test("are refused where they are signed with another key, or changed on the way", async () => {
    await using client = new Client({ baseUrl: practice.url, auth: hmac({ ...OPTIONS, key: "another" }) });
    expect(await caught(client.get("/auth/hmac").json(), HttpError)).toMatchObject({ status: 401 });
  });

  test("are signed anew for each hop and each retry, the last of all: with what middleware and hooks have set", async () => {
    const statuses = [503, 200];
    await using server = await serve({
      "/": redirectTo("/next", 307),
      "/next": (response, seen, request) => json({}, statuses.shift() ?? 200)(response, seen, request),
    });
    const signed: string[] = [];
    let hooked = 0;
    const auth = hmac({
      ...OPTIONS,
      message: ({ target, header, headers, url, origin }) => {
        const names = [...headers].map(([name]) => name.toLowerCase());
        signed.push(
          `${target} ${header("x-wire")} ${header("x-hook")} ${names.includes("x-wire")} ${url === origin + target}`,
        );
        return target;
      },
    });
    await using client = new Client({
      baseUrl: server.origin,
      auth,
      random: () => 0,
      wire: [
        (request, next) => {
          request.headers.set("x-wire", "w");
          return next(request);
        },
      ],
      hooks: { onRequest: ({ headers }) => void headers.set("x-hook", String(++hooked)) },
    });
    await client.put("/", { body: "b", retry: { backoff: { base: 1 } } });
    expect(signed).toEqual(["/ w 1 true true", "/next w 2 true true", "/next w 3 true true"]);
    const nonces = server.seen.map(({ headers }) => headers["x-nonce"]);
    expect(new Set(nonces).size).toBe(3);
    expect(server.seen.every(({ headers }) => headers["x-wire"] === "w")).toBe(true);
  });

  test("are signed with the cookies of the jar, by an Auth of one's own too, in each call of a client", async () => {
    await using server = await serve(json({}, 200, { "set-cookie": "a=1" }));
    const seen: (string | null)[] = [];
    const auth: Auth = {
      signs: true,
      authorize: ({ header }) => {
        seen.push(header("cookie"));
        return { headers: { "x-signature": "s" } };
      },
    };
    await using client = new Client({ baseUrl: server.origin, auth });
    for (let i = 0; i < 3; i++) await client.get("/");
    expect(seen).toEqual([null, "a=1", "a=1"]);
  });

  test("S45 do not carry their signature to another origin", async () => {
    await using other = await serve(json({}));
    await using server = await serve(redirectTo(`${other.origin}/x`, 307));
    await using client = new Client({ baseUrl: server.origin, auth: hmac(OPTIONS) });
    await client.get("/");
    expect(server.last().headers).toHaveProperty("x-signature");
    expect(other.last().headers).not.toHaveProperty("x-signature");
  });

  test.each([
    ["SHA-1", "sha1", "hex"],
    ["SHA-256", "sha256", "base64"],
    ["SHA-384", "sha384", "base64url"],
    ["SHA-512", "sha512", "hex"],
  ] as const)("by %s, written in %s %s, of bytes too", async (hash, name, encoding) => {
    await using server = await serve(json({}));
    const key = new Uint8Array([1, 2, 250]);
    const clock = new ManualClock();
    const auth = hmac({
      key,
      hash,
      encoding,
      clock,
      message: async ({ bodyDigest, timestamp, body }) =>
        new TextEncoder().encode(`${bodyDigest} ${timestamp} ${body.length}`),
      headers: (signature) => ({ "x-sig": signature }),
    });
    await using client = new Client({ baseUrl: server.origin, auth });
    await client.post("/", { body: "hello" });
    const digest = createHash(name).update("hello").digest(encoding);
    const message = `${digest} ${Math.floor(clock.date() / 1000)} 5`;
    expect(server.last().headers["x-sig"]).toBe(createHmac(name, key).update(message).digest(encoding));
  });

  test.each<[string, Partial<Record<keyof HmacOptions, unknown>>, RegExp]>([
    ["a message that is none", { message: () => 5 }, /`message` of hmac\(\) gave the number 5/],
    ["headers that are none", { headers: () => "x" }, /`headers` of hmac\(\) gave a string/],
    ["a header that is a number", { headers: () => ({ a: 1 }) }, /`headers` of hmac\(\) gave an object/],
  ])("give an AuthError for %s", async (_, changed, message) => {
    const auth = hmac({ ...OPTIONS, ...changed } as unknown as HmacOptions);
    expect((await caught(new Client({ auth }).get("http://127.0.0.1:9/"), AuthError)).message).toMatch(
      message,
    );
  });

  test("what a function throws is the cause of an AuthError", async () => {
    const auth = hmac({
      ...OPTIONS,
      message: () => {
        throw new TypeError("no");
      },
    });
    expect((await caught(new Client({ auth }).get("http://127.0.0.1:9/"), AuthError)).cause).toMatchObject({
      message: "no",
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["no key", { key: undefined }, "key"],
    ["an empty key", { key: "" }, "auth"],
    ["a key without bytes", { key: new Uint8Array() }, "key"],
    ["a key that is a number", { key: 5 }, "key"],
    ["no message", { message: undefined }, "message"],
    ["a message that is no function", { message: "x" }, "message"],
    ["no headers", { headers: undefined }, "headers"],
    ["another hash", { hash: "MD5" }, "hash"],
    ["another encoding", { encoding: "utf8" }, "encoding"],
    ["a clock that is none", { clock: 5 }, "clock"],
    ["a name that is no option", { algorithm: "SHA-1" }, "algorithm"],
  ])("%s is an OptionsError that names the option", (_, changed, option) => {
    let error: unknown;
    try {
      hmac({ ...OPTIONS, ...changed } as unknown as HmacOptions);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({ option });
  });

  test("P9 show neither key nor signature", async () => {
    const auth = hmac(OPTIONS);
    await using client = new Client({ baseUrl: practice.url, auth });
    const response = await client.get("/auth/hmac");
    expect(inspect([auth, client, response], { depth: 10 })).not.toMatch(
      /practice-signing-key|x-signature: [0-9a-f]/,
    );
    expect(auth.identity?.(practice.url)).toEqual(expect.any(String));
  });
});
