import { inspect } from "node:util";
import { type Call, Client, get, NetworkError, OptionsError, post, type RequestOptions } from "chasqui";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { certificates } from "../peers/certificates.ts";
import { serve } from "../peers/http-server.ts";

let server: Awaited<ReturnType<typeof serve>>;
let asked: string[] = [];

beforeAll(async () => {
  server = await serve((response, { method, target }) => {
    asked.push(`${method} ${target}`);
    response.setHeader("content-type", "application/json");
    response.end('{"a":1}\n');
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Calls a reader with what its types forbid. */
function wrongly(call: Call, reader: keyof Call, ...args: unknown[]): unknown {
  const read: unknown = Reflect.get(call, reader);
  if (typeof read !== "function") throw new Error(`no ${String(reader)}()`);
  return Reflect.apply(read, call, args);
}

async function endOf(read: unknown): Promise<unknown> {
  if (typeof read === "object" && read !== null && Symbol.asyncIterator in read) {
    return caught(Array.fromAsync(read as AsyncIterable<unknown>), OptionsError);
  }
  const answer: unknown = await Promise.resolve(read).catch((error: unknown) => ({ error }));
  return typeof answer === "object" && answer !== null && "error" in answer ? answer.error : answer;
}

describe("a reader that was given what it cannot use keeps its call from being sent", () => {
  const cases: readonly [keyof Call, unknown, string][] = [
    ["json", { amount: 5 }, "schema"],
    ["json", null, "schema"],
    ["jsonOrUndefined", { amount: 5 }, "schema"],
    ["result", { amount: 5 }, "schema"],
    ["resultOrUndefined", { amount: 5 }, "schema"],
    ["ndjson", { amount: 5 }, "schema"],
    ["stream", { chunksize: 5 }, "stream.chunksize"],
    ["stream", { chunkSize: -5 }, "stream.chunkSize"],
    ["events", { lastEventID: "1" }, "events.lastEventID"],
  ];

  test.each(cases)(".%s(%o)", async (reader, given, option) => {
    asked = [];
    const error = await endOf(wrongly(post(server.origin, { json: {} }), reader, given));
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({
      option,
      attempts: 0,
      request: { method: "POST", url: `${server.origin}/` },
    });
    // With the place of the call, as any other error of a call.
    expect(String(Reflect.get(Object(error), "stack"))).toContain("bad-arguments.test.ts");
    expect(asked).toEqual([]);
  });

  test("but one that has begun has been sent, and tells it with the answer", async () => {
    asked = [];
    const call = get(server.origin);
    await call;
    expect(await endOf(wrongly(call, "json", { amount: 5 }))).toMatchObject({ option: "schema" });
    expect(await call.json()).toEqual({ a: 1 });
    expect(asked).toEqual(["GET /"]);
  });

  test("what it can use is read as ever", async () => {
    const pieces = await Array.fromAsync(get(server.origin).stream({ chunkSize: 4 }));
    expect(pieces.map(({ length }) => length)).toEqual([4, 4]);
    expect(await Array.fromAsync(get(server.origin).stream({}))).toHaveLength(1);
    const schema = {
      "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
    } as const;
    expect(await get(server.origin).json(schema)).toEqual({ a: 1 });
    expect(await Array.fromAsync(get(server.origin).ndjson(schema))).toEqual([{ a: 1 }]);
  });

  test("nobody who reads leaves no rejection behind", async () => {
    asked = [];
    wrongly(get(server.origin), "stream", { chunkSize: -5 });
    wrongly(get(server.origin), "ndjson", {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual([]);
  });
});

describe("what was refused before a byte of it was written is no attempt", () => {
  test.each<[string, RequestOptions]>([
    ["an Expect that the client does not speak", { headers: { expect: "200-ok" } }],
    [
      "the credentials of a proxy in the headers",
      { headers: { "proxy-authorization": "Basic YTpi" }, proxy: "http://127.0.0.1:9" },
    ],
  ])("%s", async (_, options) => {
    asked = [];
    const error = await caught(get(server.origin, options).text(), OptionsError);
    expect(error.attempts).toBe(0);
    expect(error.trace?.events.filter(({ kind }) => kind === "exchange")).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("a key that is not the certificate's", async () => {
    const { localhost: one, client: other } = await certificates();
    const tls = { cert: one.cert, key: other.key };
    const error = await caught(get("https://127.0.0.1:9/", { tls }).text(), OptionsError);
    expect(error).toMatchObject({ option: expect.stringContaining("tls"), attempts: 0 });
  });

  test("a body's stream that throws an OptionsError half way is one", async () => {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      throw new OptionsError("The file is none", { option: "body" });
    }
    const error = await caught(post(server.origin, { body: body(), retry: false }).text(), OptionsError);
    expect(error.attempts).toBe(1);
  });

  test("a server that is not there is one", async () => {
    const error = await caught(get("http://127.0.0.1:9/", { retry: false }).text(), NetworkError);
    expect(error.attempts).toBe(1);
  });
});

describe("a call that is printed", () => {
  test("says which it is, without secrets, and no more than is known", async () => {
    await using client = new Client({ baseUrl: server.origin });
    const call = client.get("/a", { params: { token: "s3cret" } });
    const which = `Call GET ${server.origin}/a?token=***`;
    expect(inspect(call)).toBe(`${which} (await it)`);
    await call;
    expect(inspect(call)).toBe(`${which} (await it)`);
  });

  test("that could not be made says no more than it knows", async () => {
    const call = get("nowhere");
    expect(inspect(call)).toBe("Call ? (await it)");
    await caught(call, OptionsError);
  });
});
