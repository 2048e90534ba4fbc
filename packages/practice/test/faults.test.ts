import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPractice, type RunningPractice, startPractice } from "../src/index.ts";

let now = Date.UTC(2026, 10, 22, 12, 0, 0, 500);
const memory = createPractice({ now: () => now });
const ask = (path: string, init: RequestInit = {}) => memory.fetch(`http://x.test${path}`, init);

let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());

describe("status", () => {
  test("for so many requests of a run, and then 200", async () => {
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await ask("/faults/status/503?times=2&run=a")).status);
    expect(statuses).toEqual([503, 503, 200, 200]);
    expect((await ask("/faults/status/503?times=2&run=b")).status).toBe(503);
    expect(await (await ask("/runs/a")).json()).toEqual({ "/faults/status/503": 4 });
  });

  test("can be reset, one run or all of them", async () => {
    const fails = async (run: string) => (await ask(`/faults/status/500?times=1&run=${run}`)).status === 500;
    expect([await fails("c"), await fails("c"), await fails("d")]).toEqual([true, false, true]);
    expect((await ask("/runs/c", { method: "DELETE" })).status).toBe(204);
    expect([await fails("c"), await fails("d")]).toEqual([true, false]);
    await ask("/runs", { method: "DELETE" });
    expect(await fails("d")).toBe(true);
    memory.reset("d");
    expect(await fails("d")).toBe(true);
  });

  test.each([
    ["retry_after=2", "2"],
    ["retry_after=2&as=date", "Sun, 22 Nov 2026 12:00:03 GMT"],
    ["retry_after=soon", "soon"],
    ["", null],
  ])("with %s says Retry-After: %s", async (query, expected) => {
    expect((await ask(`/faults/status/429?${query}`)).headers.get("retry-after")).toBe(expected);
  });

  test.each([[204], [205], [304]])("%i has no body", async (status) => {
    const response = await fetch(`${practice.url}/faults/status/${status}`);
    expect([response.status, await response.text()]).toEqual([status, ""]);
  });

  test.each(["99", "600", "abc", "200.5"])("%s is none", async (status) => {
    expect((await ask(`/faults/status/${status}`)).status).toBe(400);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("answers %s too", async (method) => {
    expect((await ask("/faults/status/502", { method })).status).toBe(502);
  });
});

describe("rate limit", () => {
  test("429 beyond the limit, until the window ends", async () => {
    const call = () => ask("/faults/rate-limit?limit=2&window=10&run=r");
    const end = String(Math.ceil(now / 1000 + 10));
    const first = await call();
    expect(Object.fromEntries(first.headers)).toMatchObject({
      ratelimit: '"default";r=1;t=10',
      "ratelimit-policy": '"default";q=2;w=10',
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "1",
      "x-ratelimit-reset": end,
    });
    now += 4000;
    expect((await call()).headers.get("ratelimit")).toBe('"default";r=0;t=6');
    const over = await call();
    expect([over.status, over.headers.get("retry-after"), over.headers.get("x-ratelimit-remaining")]).toEqual(
      [429, "6", "0"],
    );
    now += 5999;
    expect((await call()).status).toBe(429);
    now += 1;
    expect((await call()).status).toBe(200);
  });

  test.each<readonly [string, Record<string, string>]>([
    ["ratelimit", { "ratelimit-policy": '"default";q=5;w=10', ratelimit: '"default";r=4;t=10' }],
    ["draft-7", { "ratelimit-policy": "5;w=10", ratelimit: "limit=5, remaining=4, reset=10" }],
    ["draft-3", { "ratelimit-limit": "5", "ratelimit-remaining": "4", "ratelimit-reset": "10" }],
    ["x", { "x-ratelimit-limit": "5", "x-ratelimit-remaining": "4", "x-ratelimit-reset": "10" }],
    [
      "openai",
      {
        "x-ratelimit-limit-requests": "5",
        "x-ratelimit-remaining-requests": "4",
        "x-ratelimit-reset-requests": "10s",
      },
    ],
    ["none", {}],
  ])("speaks the dialect %s", async (dialect, lines) => {
    const { headers } = await ask(`/faults/rate-limit?dialect=${dialect}&reset=seconds&run=${dialect}`);
    expect(Object.fromEntries([...headers].filter(([name]) => name.includes("ratelimit")))).toEqual(lines);
  });

  test.each([
    ["epoch", () => String(Math.ceil(now / 1000) + 10)],
    ["ms", () => String(now + 10_000)],
    ["seconds", () => "10"],
    ["date", () => new Date(Math.ceil(now / 1000) * 1000 + 10_000).toISOString().replace(".000", "")],
  ])("says the reset as %s", async (reset, said) => {
    const { headers } = await ask(`/faults/rate-limit?dialect=x&reset=${reset}&run=reset-${reset}`);
    expect(headers.get("x-ratelimit-reset")).toBe(said());
  });

  test("a bucket gives its tokens back one by one", async () => {
    const call = () => ask("/faults/rate-limit?kind=bucket&limit=2&window=10&run=b&retry=ms");
    expect([(await call()).status, (await call()).status]).toEqual([200, 200]);
    const over = await call();
    expect([over.status, over.headers.get("retry-after-ms"), over.headers.get("ratelimit")]).toEqual([
      429,
      "5000",
      '"default";r=0;t=10',
    ]);
    now += 5000;
    expect([(await call()).status, (await call()).status]).toEqual([200, 429]);
  });

  test("a sliding window lets through what is not within the last one", async () => {
    const call = () => ask("/faults/rate-limit?kind=sliding&limit=2&window=10&run=s");
    await call();
    now += 9000;
    await call();
    now += 1000;
    expect([(await call()).status, (await call()).status]).toEqual([200, 429]);
  });

  test("per=key counts each credential by itself", async () => {
    const call = (key: string) =>
      ask("/faults/rate-limit?limit=1&per=key&run=k", { headers: { "x-api-key": key } });
    expect([(await call("a")).status, (await call("b")).status, (await call("a")).status]).toEqual([
      200, 200, 429,
    ]);
  });

  test("a refusal may be of another status, with a date or nothing to say when to come back", async () => {
    const call = (retry: string) => ask(`/faults/rate-limit?limit=1&status=503&retry=${retry}&run=${retry}`);
    await call("date");
    await call("none");
    const dated = await call("date");
    expect(dated.status).toBe(503);
    expect(Date.parse(dated.headers.get("retry-after") ?? "")).toBe(Math.ceil((now + 10_000) / 1000) * 1000);
    expect((await call("none")).headers.get("retry-after")).toBeNull();
  });

  test("a word that is not known is 400", async () => {
    expect((await ask("/faults/rate-limit?dialect=latin")).status).toBe(400);
    expect((await ask("/faults/rate-limit?kind=leaky")).status).toBe(400);
  });
});

describe("redirect", () => {
  test.each([
    ["", 302, "/echo"],
    ["?to=https://other.example/a?b=1&status=307", 307, "https://other.example/a?b=1"],
    ["?to=/caf%C3%A9&status=308", 308, "/caf%C3%A9"],
    ["?to=/a%0d%0aSet-Cookie:x=1", 302, "/a%0D%0ASet-Cookie:x=1"],
  ])("%s answers %i to %s", async (query, status, location) => {
    const response = await ask(`/faults/redirect${query}`, { redirect: "manual" });
    expect([response.status, response.headers.get("location"), response.headers.get("set-cookie")]).toEqual([
      status,
      location,
      null,
    ]);
  });
  test("a status that is no redirect is 400", async () => {
    expect((await ask("/faults/redirect?status=200")).status).toBe(400);
  });
  test("is followed by fetch", async () => {
    const response = await fetch(`${practice.url}/faults/redirect?to=/posts/2`);
    expect([response.redirected, await response.json()]).toMatchObject([true, { title: "qui est esse" }]);
  });
});

test("bad JSON says it is JSON", async () => {
  const response = await ask("/faults/bad-json");
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "application/json; charset=utf-8",
  ]);
  await expect(response.json()).rejects.toThrow(SyntaxError);
});

/** The code that a connection ends with when it is read to its end with node:http. */
async function ending(path: string): Promise<{ code: string | undefined; bytes: number; declared: number }> {
  const call = get(practice.url + path);
  // Once the response is there, its own stream tells of the error, and the request tells of it again.
  call.on("error", () => undefined);
  try {
    const [response] = await once(call, "response");
    let bytes = 0;
    try {
      for await (const chunk of response) bytes += chunk.length;
      return { code: undefined, bytes, declared: Number(response.headers["content-length"]) };
    } catch (error) {
      return { code: Object(error).code, bytes, declared: Number(response.headers["content-length"]) };
    }
  } catch (error) {
    return { code: Object(error).code, bytes: 0, declared: 0 };
  }
}

describe("on a port", () => {
  test("reset resets the connection", async () => {
    expect(await ending("/faults/reset")).toEqual({ code: "ECONNRESET", bytes: 0, declared: 0 });
  });
  test("reset is a TCP reset, not an end", async () => {
    const socket = connect(practice.port, "127.0.0.1");
    socket.write("GET /faults/reset HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({ code: "ECONNRESET", syscall: "read" });
  });
  test("reset after the body began brings half of it", async () => {
    const { code, bytes, declared } = await ending("/faults/reset?after=body");
    expect(code).toBe("ECONNRESET");
    expect([bytes > 0, bytes < declared]).toEqual([true, true]);
  });
  test("truncated declares more than it sends, and closes in good order", async () => {
    const socket = connect(practice.port, "127.0.0.1");
    socket.write("GET /faults/truncated HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += chunk;
    const [head = "", body = ""] = text.split("\r\n\r\n");
    const declared = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect([body.length > 0, body.length < declared]).toEqual([true, true]);
  });
  test("times and run hold for these as well", async () => {
    const codes = [];
    for (let i = 0; i < 3; i++) codes.push((await ending("/faults/reset?times=2&run=t")).code);
    expect(codes).toEqual(["ECONNRESET", "ECONNRESET", undefined]);
    expect((await ending("/faults/truncated?times=1&run=t")).code).toBe("ECONNRESET");
    expect((await ending("/faults/truncated?times=1&run=t")).code).toBe(undefined);
  });
  test("a stalled body comes to half, and whole when it is to", async () => {
    const response = await fetch(`${practice.url}/faults/stalled-body`);
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value?.length).toBeLessThan(
      Number(response.headers.get("content-length")),
    );
    await reader?.cancel();
    const late = await fetch(`${practice.url}/faults/stalled-body?ms=20`);
    expect(await late.json()).toMatchObject({ id: 1 });
  });
  test("slow headers come when they are to", async () => {
    const before = performance.now();
    expect((await fetch(`${practice.url}/faults/slow-headers?ms=40`)).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(35);
  });
  test("closing the server cuts what is kept waiting, at once", async () => {
    const server = await startPractice({ port: 0 });
    const stalled = await fetch(`${server.url}/faults/stalled-body`);
    const waiting = Promise.allSettled([
      stalled.text(),
      fetch(`${server.url}/faults/slow-headers?ms=60000`),
      fetch(`${server.url}/posts/1?_delay=60000`),
    ]);
    const silent = connect(server.port, "127.0.0.1");
    silent.on("error", () => undefined);
    const silenced = new Promise((resolve) => silent.on("close", resolve));
    await once(silent, "connect");
    await server.close();
    expect((await waiting).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await silenced;
    await server.close();
  });
});

describe("in memory", () => {
  test("reset rejects as fetch does", async () => {
    await expect(ask("/faults/reset")).rejects.toMatchObject({
      name: "TypeError",
      message: "fetch failed",
      cause: { code: "ECONNRESET" },
    });
  });
  test.each(["/faults/truncated", "/faults/reset?after=body"])(
    "%s brings half a body, and then an error",
    async (path) => {
      const response = await ask(path);
      const reader = response.body?.getReader();
      expect((await reader?.read())?.value?.length).toBeLessThan(
        Number(response.headers.get("content-length")),
      );
      await expect(reader?.read()).rejects.toBeInstanceOf(TypeError);
    },
  );
  test("slow headers and a stalled body end with the caller's patience", async () => {
    const leave = new AbortController();
    const slow = ask("/faults/slow-headers", { signal: leave.signal });
    leave.abort();
    await expect(slow).rejects.toMatchObject({ name: "AbortError" });
    const late = await ask("/faults/stalled-body?ms=10");
    expect(await late.json()).toMatchObject({ id: 1 });
  });
});
