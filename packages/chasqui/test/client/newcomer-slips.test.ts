import { rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  Client,
  ConsumedBodyError,
  CookieJar,
  DecodeError,
  EmptyBodyError,
  get,
  HttpError,
  head,
  MemoryThrottleStore,
  memoryTokens,
  OptionsError,
  post,
  type RequestOptions,
  request,
} from "chasqui";
import { FakeServer, faults } from "chasqui/testing";
import { describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { serve } from "../peers/http-server.ts";

const nowhere = "http://127.0.0.1:9/";

function ends(response: ServerResponse): void {
  response.end("a\nb\n");
}

/** Calls a function with what its types forbid. */
function wrongly(call: (...args: never[]) => unknown, ...args: unknown[]): PromiseLike<unknown> {
  return Reflect.apply(call, undefined, args);
}

function clientOf(options: unknown): () => unknown {
  return () => Reflect.construct(Client, [options]);
}

describe("a slip of a newcomer is told what to write", () => {
  test("data that stand where the options do", async () => {
    const error = await caught(wrongly(post, nowhere, { title: "x" }), OptionsError);
    expect(error).toMatchObject({
      option: "title",
      hint: expect.stringContaining("Data goes into { json: … }"),
    });
    const beside = await caught(wrongly(post, nowhere, { json: {}, zzzzzz: 1 }), OptionsError);
    expect(beside.hint).toBeUndefined();
  });

  test("request() without a method", async () => {
    const error = await caught(wrongly(request, nowhere), OptionsError);
    expect(error).toMatchObject({ option: "method", hint: "The method comes first: request(method, url)." });
  });

  test("a method that was taken from its client", async () => {
    await using client = new Client();
    const { get: detached } = client;
    expect(() => wrongly(detached, nowhere)).toThrow(
      "get() was called without its client: write client.get(…)",
    );
  });

  test("the JSON of a HEAD", async () => {
    await using server = await serve(ends);
    const error = await caught(head(server.origin).json(), EmptyBodyError);
    expect(error.hint).toBe("The answer to a HEAD has no body, only headers: GET has it.");
  });

  test("lines that are read twice: nothing of an option that was not given", async () => {
    await using server = await serve(ends);
    const call = get(server.origin);
    expect(await Array.fromAsync(call.lines())).toEqual(["a", "b"]);
    const error = await caught(Array.fromAsync(call.lines()), ConsumedBodyError);
    expect(error.hint).toBe(
      "`await get(url)`, without `stream: true`, gives a response whose body can be read again.",
    );
  });

  test("a server for testing that is given as the transport", () => {
    const given = { transport: new FakeServer() };
    expect(clientOf(given)).toThrow(
      expect.objectContaining({ option: "transport", hint: expect.stringContaining("server.transport") }),
    );
  });

  test("a jar that is still JSON", () => {
    expect(clientOf({ cookies: { cookies: [] } })).toThrow(
      expect.objectContaining({ option: "cookies", hint: expect.stringContaining("CookieJar.fromJSON") }),
    );
  });

  test("the one of a list that is wrong is the one that is named", () => {
    const pin = `sha256//${"A".repeat(43)}=`;
    expect(() => new Client({ tls: { pins: [pin, "sha256/abc"] } })).toThrow(
      expect.objectContaining({
        option: "tls.pins",
        message: expect.stringContaining("`tls.pins[1]` is not"),
      }),
    );
    expect(() => wrongly(faults, { kinds: ["reset", "rest"] })).toThrow('`kinds[1]` is "rest"');
  });

  test.each<[unknown, string]>([
    [{ "a;b": "1" }, 'A cookie\'s name "a;b" has the character (U+003B) at position 1; it takes Latin-1'],
    [{ "session=s3cret": "1" }, 'A cookie\'s name "session=" has the character (U+003D) at position 7'],
    [{ "a\r\nb": "1" }, 'A cookie\'s name "a\\r\\nb" has a carriage return (U+000D) at position 1'],
    [{ "": "1" }, "A cookie's name is empty"],
    [{ "a ": "1" }, 'A cookie\'s name "a " begins or ends with a blank'],
  ])("the name of a cookie that cannot be: %o", async (cookies, said) => {
    const error = await caught(wrongly(get, nowhere, { cookies }), OptionsError);
    expect(error.message).toContain(said);
    expect(error.message).not.toContain("s3cret");
  });

  test("the name of a cookie that browsers take is sent as it is", async () => {
    await using server = await serve(ends);
    await get(server.origin, { cookies: { "a b": "1", "a,b": "2", ñ: "3" } });
    expect(server.last().headers.cookie).toBe("a b=1; a,b=2; ñ=3");
  });

  test("a jar's file that is none is named", async () => {
    const path = join(tmpdir(), `chasqui-no-jar-${process.pid}.json`);
    await writeFile(path, '{"sid": "s3cret"');
    try {
      const error = await caught(CookieJar.load(path), OptionsError);
      expect(error.message).toBe(`The cookie jar is no JSON, in the file ${path}`);
      expect(error.stack).toContain(path);
    } finally {
      await rm(path);
    }
  });

  test("an object in a form is told of as in a form", async () => {
    const error = await caught(wrongly(post, nowhere, { form: { a: { b: 1 } } }), OptionsError);
    expect(error.message).toContain('form: "a" is an object, and a form has no one way to write it');
    const other = await caught(wrongly(get, nowhere, { params: { a: { b: 1 } } }), OptionsError);
    expect(other.message).toContain("and a query has no one way to write it");
  });

  test("JSON of a redirect that is not followed", async () => {
    await using server = await serve({
      "/empty": (response) => void response.writeHead(302, { location: "/there?token=s3cret" }).end(),
      "/page": (response) => {
        response.writeHead(302, { location: "/there", "content-type": "text/html" }).end("<p>moved</p>");
      },
    });
    const options = { redirect: "manual" } as const;
    const empty = await caught(get(`${server.origin}/empty`, options).json(), EmptyBodyError);
    expect(empty.hint).toBe(
      `It is a redirect to ${server.origin}/there?token=***, which \`redirect: "manual"\` does not follow: await the call for response.next.`,
    );
    const page = await caught(get(`${server.origin}/page`, options).json(), DecodeError);
    expect(page.hint).toContain(`It is a redirect to ${server.origin}/there, which`);
  });

  const kinds = "The call had no credentials: `auth` takes bearer(token), apiKey(key) or [user, password].";
  const refused =
    "The server has refused the credentials in `Authorization`, which `headers` or the URL gave.";
  test.each<[string, RequestOptions, string | undefined]>([
    ["to nothing that could be one", {}, kinds],
    ["to a header of the caller's", { headers: { authorization: "Bearer x" } }, refused],
    [
      "to a key in another header, which may be what was refused",
      { headers: { "x-api-key": "x" } },
      undefined,
    ],
    ["to a key in the query", { params: { api_key: "x" } }, undefined],
  ])("a 401 that does not say what it asks for, %s", async (_, options, hint) => {
    await using server = await serve((response) => void response.writeHead(401).end());
    const error = await caught(get(server.origin, options).json(), HttpError);
    expect(error.hint).toBe(hint);
    if (hint !== kinds) return;
    const url = server.origin.replace("://", "://ann:bad@");
    expect((await caught(get(url).json(), HttpError)).hint).toBe(refused);
  });

  test("a Content-Length without a body", async () => {
    const options = { headers: { "content-length": "5" } };
    const error = await caught(get(nowhere, options), OptionsError);
    expect(error).toMatchObject({
      option: "headers",
      message: "`headers` has a Content-Length, and the call has no body",
    });
    await using server = await serve(ends);
    expect((await post(server.origin, { headers: { "content-length": "0" } })).status).toBe(200);
    expect((await post(server.origin, { ...options, body: "12345" })).status).toBe(200);
  });
});

test("what is looped over, and what keeps something, prints what it is and nothing of what is in it", async () => {
  await using server = await serve((response) => void response.end('[{"id":1}]\n'));
  await using client = new Client({ baseUrl: server.origin });
  const lines = client.get("/").lines();
  expect(inspect(lines)).toBe("A body in pieces (read it with for await)");
  await lines.return?.();
  const walk = client.paginate("/");
  expect(inspect(walk.pages())).toBe("The pages of a walk (read them with for await)");
  expect(inspect(walk[Symbol.asyncIterator]())).toBe("The rows of a walk (read them with for await)");
  const store = new MemoryThrottleStore();
  expect(inspect(store)).toBe("MemoryThrottleStore (buckets: 0)");
  await using slow = client.extend({ throttle: { rate: "100/s", store } });
  await slow.get("/");
  expect(inspect(store)).toBe("MemoryThrottleStore (buckets: 1)");
  const tokens = memoryTokens();
  await tokens.set("k", { accessToken: "s3cret", obtainedAt: 0 });
  expect(inspect(tokens)).toBe("memoryTokens() (tokens: 1)");
});
