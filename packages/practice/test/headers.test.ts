import { once } from "node:events";
import { Agent, get, request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPractice, type RunningPractice, startPractice } from "../src/index.ts";

let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());

interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}
/** A request as it is, which fetch would not let through: a Host, an encoding, an HTTP/1.0. */
function raw(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: practice.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

test("every answer bears the original's headers", async () => {
  const { headers, body } = await raw("/posts/1");
  expect(headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "content-length": String(body.length),
    "cache-control": "no-cache",
    vary: "Origin, Accept-Encoding",
    "x-content-type-options": "nosniff",
    etag: expect.stringMatching(/^W\/"[0-9a-f]+-.{27}"$/),
    connection: "keep-alive",
  });
  expect(body.toString()).toMatch(/^\{\n {2}"userId": 1,\n/);
});

test.each([
  ["the tag", (tag: string) => ({ "if-none-match": tag }), 304],
  ["the tag, strong", (tag: string) => ({ "if-none-match": tag.slice(2) }), 304],
  ["one of several", (tag: string) => ({ "if-none-match": `"x", ${tag}` }), 304],
  ["any", () => ({ "if-none-match": "*" }), 304],
  ["another", () => ({ "if-none-match": 'W/"x"' }), 200],
  ["the tag, but a reload", (tag: string) => ({ "if-none-match": tag, "cache-control": "no-cache" }), 200],
])("If-None-Match with %s is answered by the right status", async (_, conditional, status) => {
  const { headers } = await raw("/posts/1");
  const again = await raw("/posts/1", conditional(String(headers.etag)));
  expect(again.status).toBe(status);
  expect(again.headers.etag).toBe(headers.etag);
  if (status === 304) {
    expect(again.body).toHaveLength(0);
    expect(again.headers["content-type"]).toBe(undefined);
    expect(again.headers["content-length"]).toBe(undefined);
  }
});

test.each([
  ["gzip", "gzip"],
  ["gzip, deflate, br", "br"],
  ["br;q=0.5, gzip", "gzip"],
  ["*", "br"],
  ["gzip;q=0", undefined],
  ["identity, gzip;q=0.5", undefined],
  ["deflate", undefined],
])("Accept-Encoding: %s is answered in %s", async (accepted, coding) => {
  const plain = await raw("/posts");
  const { headers, body } = await raw("/posts", { "accept-encoding": accepted });
  expect(headers["content-encoding"]).toBe(coding);
  expect(headers["content-length"]).toBe(String(body.length));
  expect(headers.etag).toBe(plain.headers.etag);
  const decoded = coding === "gzip" ? gunzipSync(body) : coding === "br" ? brotliDecompressSync(body) : body;
  expect(decoded.equals(plain.body)).toBe(true);
});

test.each(["/posts/1", "/posts", "/echo", "/auth/basic", "/stream/bytes?n=10", "/posts/999"])(
  "HEAD %s is GET without the body",
  async (path) => {
    const get = await raw(path);
    const head = await raw(path, {}, "HEAD");
    expect(head.status).toBe(get.status);
    expect(head.body).toHaveLength(0);
    if (path !== "/echo") expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
  },
);

test("HEAD changes nothing, though the routes of GET share theirs with others", async () => {
  const memory = createPractice({ data: { profile: { name: "Ana" }, notes: [{ id: 1, a: 1 }] }, keep: true });
  const call = (method: string, path: string) => memory.fetch(`http://x.test${path}`, { method });
  await call("GET", "/faults/status/503?run=r");
  for (const path of ["/profile", "/notes/1", "/notes", "/runs/r"])
    expect((await call("HEAD", path)).status).toBe(200);
  expect(await (await call("GET", "/profile")).json()).toEqual({ name: "Ana" });
  expect(await (await call("GET", "/notes")).json()).toEqual([{ id: 1, a: 1 }]);
  expect(await (await call("GET", "/runs/r")).json()).toEqual({ "/faults/status/503": 1 });
});

describe("pages of other origins", () => {
  test("are let in with credentials, their Origin echoed", async () => {
    const { headers } = await raw("/posts/1", { origin: "https://page.example" });
    expect(headers["access-control-allow-origin"]).toBe("https://page.example");
    expect(headers["access-control-allow-credentials"]).toBe("true");
  });

  test("may ask first: OPTIONS is 204 with the methods", async () => {
    const asked = {
      origin: "https://page.example",
      "access-control-request-method": "PUT",
      "access-control-request-headers": "x-a",
    };
    for (const path of ["/posts", "/echo", "/nothing"]) {
      const { status, headers, body } = await raw(path, asked, "OPTIONS");
      expect([status, body.length]).toEqual([204, 0]);
      expect(headers).toMatchObject({
        "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        "access-control-allow-headers": "x-a",
        "access-control-allow-origin": "https://page.example",
      });
    }
  });

  const own = { notes: [{ id: 1 }] };
  const ask = (options: object, method = "GET") =>
    createPractice({ data: own, keep: true, ...options }).fetch("http://127.0.0.1/notes/1", {
      method,
      headers: { origin: "https://page.example" },
    });
  test("get nothing of somebody's own file, unless it is allowed", async () => {
    const closed = await ask({});
    expect([...closed.headers.keys()].filter((name) => name.startsWith("access-control-allow"))).toEqual([]);
    expect((await ask({ cors: true })).headers.get("access-control-allow-origin")).toBe(
      "https://page.example",
    );
  });
  test("may not write into it either, unless it is allowed", async () => {
    const refused = await ask({}, "DELETE");
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { error: expect.stringContaining("--cors") },
    ]);
    expect((await ask({ cors: true }, "DELETE")).status).toBe(200);
  });
});

describe("DNS rebinding: the Host", () => {
  test.each(["localhost", "LOCALHOST:1234", "127.0.0.1", "127.1.2.3:80", "[::1]:4010"])(
    "%s is let in",
    async (host) => {
      expect((await raw("/posts/1", { host })).status).toBe(200);
    },
  );
  test.each([
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "10.0.0.1",
    "localhost@evil.example",
  ])("%s is refused with the reason", async (host) => {
    const { status, body } = await raw("/posts/1", { host });
    expect(status).toBe(421);
    expect(JSON.parse(body.toString()).error).toMatch(/is not this server/);
  });
  test("an absolute target counts as well", async () => {
    expect((await raw("http://evil.example/posts/1")).status).toBe(421);
    expect((await raw("http://localhost/posts/1")).status).toBe(200);
  });
  test("does not matter in memory", async () => {
    expect((await createPractice().fetch("https://any.example/posts/1")).status).toBe(200);
  });
});

test("what is not HTTP as it should be is 400, and the server goes on", async () => {
  expect((await raw("/\\evil")).status).toBe(400);
  expect((await raw("/posts/1")).status).toBe(200);
});

describe("Allow names the methods of the path", () => {
  const ALLOWED: [path: string, allow: string][] = [
    ["/", "GET, HEAD, OPTIONS"],
    ["/posts", "GET, POST, HEAD, OPTIONS"],
    ["/posts/", "GET, POST, HEAD, OPTIONS"],
    ["/posts/1", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"],
    ["/posts/1/comments", "GET, POST, HEAD, OPTIONS"],
    ["/auth/token", "POST, OPTIONS"],
    ["/runs", "DELETE, OPTIONS"],
  ];
  test.each(ALLOWED)("OPTIONS %s is 204 with %s", async (path, allow) => {
    const { status, headers } = await raw(path, {}, "OPTIONS");
    expect([status, headers.allow]).toEqual([204, allow]);
  });
  test.each(ALLOWED)("a method that nothing answers to at %s is 405 with %s", async (path, allow) => {
    for (const method of ["PURGE", "TRACE"]) {
      const { status, headers } = await raw(path, {}, method);
      expect([status, headers.allow]).toEqual([405, allow]);
    }
  });
  test.each(["/echo", "/echo/a/b"])("%s too, which answers OPTIONS like any other", async (path) => {
    const { status, headers } = await raw(path, {}, "PURGE");
    expect([status, headers.allow]).toEqual([405, "GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD"]);
  });
  test("OPTIONS where there is nothing is 404", async () => {
    const { status, headers } = await raw("/nothing", {}, "OPTIONS");
    expect([status, headers.allow]).toEqual([404, undefined]);
  });
});

test("one connection carries many requests", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const reused: boolean[] = [];
  for (const path of ["/posts/1", "/posts/999", "/auth/basic", "/faults/status/204", "/posts?_limit=3"]) {
    const call = get({ host: "127.0.0.1", port: practice.port, path, agent });
    const [response] = await once(call, "response");
    response.resume();
    await once(response, "end");
    reused.push(call.reusedSocket);
  }
  expect(reused).toEqual([false, true, true, true, true]);
  agent.destroy();
});

test("_delay and latency wait, and stop waiting when the client leaves", async () => {
  const patient = createPractice({ latency: 60_000 });
  const leave = new AbortController();
  const waiting = patient.fetch("http://x.test/posts/1", { signal: leave.signal });
  leave.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  const before = performance.now();
  await createPractice().fetch("http://x.test/posts/1?_delay=50");
  expect(performance.now() - before).toBeGreaterThan(45);
});
