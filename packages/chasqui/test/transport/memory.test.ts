import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  AbortError,
  BodyTooLargeError,
  basic,
  CallerError,
  Client,
  DecodeError,
  HttpError,
  type MemoryHandler,
  memory,
  NetworkError,
  OptionsError,
  RedirectError,
  type RequestOptions,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { ManualClock } from "../peers/manual-clock.ts";

function inMemory(handler: MemoryHandler): Client {
  return new Client({ baseUrl: "http://api.test/v1", transport: memory(handler) });
}

describe("#134 a function is a server:", () => {
  test("it sees the request as it was sent", async () => {
    let seen: Request | undefined;
    const client = inMemory((request) => {
      seen = request.clone();
      return Response.json({ got: true }, { status: 201, headers: { "x-a": "b" } });
    });
    const response = await client.post("/things", {
      json: { a: 1 },
      params: { q: "x y" },
      auth: basic("u", "p"),
    });
    expect([response.status, response.headers.get("x-a"), await response.json()]).toEqual([
      201,
      "b",
      { got: true },
    ]);
    expect(seen?.method).toBe("POST");
    expect(seen?.url).toBe("http://api.test/v1/things?q=x+y");
    expect(seen?.headers.get("authorization")).toBe(`Basic ${btoa("u:p")}`);
    expect(await seen?.json()).toEqual({ a: 1 });
  });

  test("redirects, history and loops", async () => {
    const client = inMemory((request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/v1/a") return new Response(null, { status: 302, headers: { location: "/v1/b" } });
      if (pathname === "/v1/loop")
        return new Response(null, { status: 302, headers: { location: "/v1/loop" } });
      return new Response(pathname);
    });
    const response = await client.get("/a");
    expect([await response.text(), response.url, response.history.length]).toEqual([
      "/v1/b",
      "http://api.test/v1/b",
      1,
    ]);
    await caught(client.get("/loop"), RedirectError);
  });

  test("cookies", async () => {
    const client = inMemory((request) => {
      const headers = new Headers();
      headers.append("set-cookie", "a=1; Path=/");
      headers.append("set-cookie", "b=2; Path=/");
      return new Response(request.headers.get("cookie") ?? "none", { headers });
    });
    expect(await client.get("/").text()).toBe("none");
    expect(await client.get("/").text()).toBe("a=1; b=2");
  });

  test("retries", async () => {
    let asked = 0;
    const clock = new ManualClock();
    const transport = memory(() =>
      ++asked < 3 ? new Response("later", { status: 503 }) : new Response("now"),
    );
    await using client = new Client({ transport, clock, random: () => 0.5 });
    const call = client.get("http://api.test/");
    for (const delay of [150, 300]) {
      await Promise.race([call, clock.armed(delay)]);
      clock.advance(delay);
    }
    expect(await call.text()).toBe("now");
  });

  test("streams, read as they come and left early", async () => {
    let cancelled = false;
    let made = 0;
    const client = inMemory(
      () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              controller.enqueue(new TextEncoder().encode(`${++made}\n`));
            },
            cancel() {
              cancelled = true;
            },
          }),
        ),
    );
    const found: string[] = [];
    for await (const line of client.get("/").lines()) {
      found.push(line);
      if (found.length === 3) break;
    }
    expect(found).toEqual(["1", "2", "3"]);
    expect(cancelled).toBe(true);
    expect(made).toBeLessThan(10);
  });

  test.each<[string, Uint8Array<ArrayBuffer>]>([
    ["gzip", gzipSync("coded")],
    ["br", brotliCompressSync("coded")],
    ["zstd", zstdCompressSync("coded")],
    ["gzip, br", brotliCompressSync(gzipSync("coded"))],
    ["unknown", new TextEncoder().encode("coded")],
  ])("#117 it may compress: %s", async (coding, body) => {
    const client = inMemory(() => new Response(body, { headers: { "content-encoding": coding } }));
    expect(await client.get("/").text()).toBe("coded");
    expect((await client.get("/")).headers.get("content-encoding")).toBe(coding);
    expect(await Array.fromAsync(client.get("/").lines())).toEqual(["coded"]);
  });

  test("S14 and what it compresses has a limit, and may be damaged", async () => {
    const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024));
    const client = inMemory((request) => {
      const body = request.url.endsWith("/bomb") ? bomb : "not gzip at all";
      return new Response(body, { headers: { "content-encoding": "gzip" } });
    });
    await caught(client.get("/bomb", { maxBytes: 1_000_000 }), BodyTooLargeError);
    await caught(client.get("/damaged"), DecodeError);
  });

  test.each([204, 205, 304])("a %i, and a HEAD, have no body", async (status) => {
    const client = inMemory(({ method }) =>
      method === "HEAD" ? new Response() : new Response(null, { status }),
    );
    expect(await client.get("/").text()).toBe("");
    expect((await client.get("/")).status).toBe(status);
    expect(await client.head("/", { stream: true }).text()).toBe("");
  });

  test("bad statuses raise, with their body", async () => {
    const client = inMemory(() => Response.json({ title: "no" }, { status: 422 }));
    expect((await caught(client.get("/").json(), HttpError)).json()).toEqual({ title: "no" });
  });
});

describe("what Fetch does not take is a bad option, and is not tried again:", () => {
  test.each<[string, string, RequestOptions]>([
    ["a GET with a body", "GET", { json: {} }],
    ["a HEAD with a body", "HEAD", { body: "x" }],
    ["a method that Fetch forbids", "TRACE", {}],
  ])("%s", async (_what, method, options) => {
    let asked = 0;
    const clock = new ManualClock();
    await using client = new Client({
      clock,
      transport: memory(() => {
        asked++;
        return new globalThis.Response("");
      }),
    });
    await caught(client.request(method, "http://api.test/", options), OptionsError);
    expect([asked, clock.waits]).toEqual([0, []]);
  });
});

describe("a handler", () => {
  test("that throws is a slip of the caller's, and is not asked again", async () => {
    let asked = 0;
    const slip = new TypeError("undefined is not a function");
    const client = inMemory(() => {
      asked++;
      throw slip;
    });
    const error = await caught(client.get("/"), CallerError);
    expect([error.cause, asked]).toEqual([slip, 1]);
  });

  test("may throw an error of the family, to play a network that fails", async () => {
    let asked = 0;
    const clock = new ManualClock();
    const transport = memory(() => {
      asked++;
      throw new NetworkError("reset", "played");
    });
    await using client = new Client({ transport, clock, random: () => 0 });
    const call = client.get("http://api.test/");
    for (let turn = 0; turn < 2; turn++) {
      await Promise.race([call, clock.armed(0)]);
      clock.advance(0);
    }
    expect(await caught(call, NetworkError)).toMatchObject({ kind: "reset", attempts: 3 });
    expect(asked).toBe(3);
  });

  test("that knows nothing of the signal does not hold an aborted call", async () => {
    const client = inMemory(() => new Promise(() => {}));
    const stop = new AbortController();
    const call = client.get("/", { signal: stop.signal });
    const error = caught(call, AbortError);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await error;
  });

  test("#143 whose whole answer waits for its reader is not read on after an abort", async () => {
    const stop = new AbortController();
    await using client = inMemory(
      () =>
        new globalThis.Response(
          new ReadableStream({
            start(controller) {
              for (const piece of ["one", "two"]) controller.enqueue(new TextEncoder().encode(piece));
              controller.close();
            },
          }),
        ),
    );
    const response = await client.get("/", { stream: true, signal: stop.signal });
    const reader = response.stream()[Symbol.asyncIterator]();
    expect((await reader.next()).done).toBe(false);
    stop.abort();
    await caught(reader.next(), AbortError);
  });

  test("that does sees it", async () => {
    let told = false;
    const client = inMemory(({ signal }) => {
      signal.addEventListener("abort", () => {
        told = true;
      });
      return new Promise(() => {});
    });
    const stop = new AbortController();
    const error = caught(client.get("/", { signal: stop.signal }), AbortError);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await error;
    expect(told).toBe(true);
  });
});
