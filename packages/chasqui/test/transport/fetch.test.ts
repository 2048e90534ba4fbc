import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  AbortError,
  BodyTooLargeError,
  CallerError,
  Client,
  type ClientOptions,
  DecodeError,
  HttpError,
  NetworkError,
  RedirectError,
  TimeoutError,
} from "../../src/index.ts";
import { FetchTransport } from "../../src/transport/fetch.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { serveRaw } from "../peers/raw-server.ts";

interface Fetching {
  readonly client: Client;
  readonly clock: ManualClock;
}

function fetching(options: ClientOptions = {}): Fetching {
  const clock = new ManualClock();
  const transport = new FetchTransport(clock);
  return { client: new Client({ transport, clock, random: () => 0.5, ...options }), clock };
}

describe("over Fetch a call is a call:", () => {
  test("methods, headers, bodies, JSON", async () => {
    await using server = await serve((response, { method, headers, body }) => {
      response.setHeader("x-two", ["1", "2"]);
      response.end(
        JSON.stringify({
          method,
          type: headers["content-type"],
          own: headers["x-own"],
          body: body.toString(),
        }),
      );
    });
    const { client } = fetching({ headers: { "x-own": "mine" } });
    expect(await client.post(server.origin, { json: { é: 1 } }).json()).toEqual({
      method: "POST",
      type: "application/json",
      own: "mine",
      body: '{"é":1}',
    });
    const bytes = await client.put(server.origin, { body: new TextEncoder().encode("bytes") });
    expect(await bytes.json()).toMatchObject({ method: "PUT", body: "bytes" });
    expect(bytes.headers.get("x-two")).toBe("1, 2");
    async function* pieces(): AsyncGenerator<string> {
      yield "one ";
      yield "two";
    }
    expect(await client.patch(server.origin, { body: pieces() }).json()).toMatchObject({ body: "one two" });
    expect(await client.head(server.origin).text()).toBe("");
    await client.close();
  });

  test("redirects, with their history and what stays at home", async () => {
    await using other = await serve((response, { headers }) => void response.end(headers["x-key"] ?? "none"));
    await using server = await serve({
      "/a": redirectTo("/b", 303),
      "/b": redirectTo(`${other.origin}/c`, 307),
    });
    const { client } = fetching();
    const response = await client.post(`${server.origin}/a`, { json: {}, headers: { "x-key": "k" } });
    expect(await response.text()).toBe("none");
    expect(response.history.map(({ status, request }) => [status, request.method])).toEqual([
      [303, "POST"],
      [307, "GET"],
    ]);
    await client.close();
  });

  test("cookies and retries", async () => {
    await using server = await serve((response, { headers }) => {
      if (server.seen.length === 1) response.writeHead(503, { "set-cookie": "a=1" }).end();
      else response.end(headers.cookie);
    });
    const { client, clock } = fetching();
    const call = client.get(server.origin);
    await Promise.race([call, clock.armed(150)]);
    clock.advance(150);
    expect(await call.text()).toBe("a=1");
    await client.close();
  });

  test("codings, and damage under one of them", async () => {
    await using server = await serve({
      "/good": (response) =>
        void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("fine")),
      "/bad": (response) =>
        void response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip at all"),
    });
    const { client } = fetching({ retry: false });
    expect(await client.get(`${server.origin}/good`).text()).toBe("fine");
    await caught(client.get(`${server.origin}/bad`).text(), DecodeError);
    await client.close();
  });

  test("bad statuses, with their body", async () => {
    await using server = await serve(json({ why: "no" }, 404));
    const { client } = fetching();
    expect((await client.get(server.origin)).status).toBe(404);
    expect((await caught(client.get(server.origin).json(), HttpError)).json()).toEqual({ why: "no" });
    expect((await caught(client.get(server.origin).lines().next(), HttpError)).json()).toEqual({ why: "no" });
    await client.close();
  });
});

describe("time", () => {
  test("#137 the headers, connecting included", async () => {
    await using server = await serve(() => {});
    const { client, clock } = fetching({ retry: false });
    const call = client.get(server.origin);
    await clock.armed(70_000);
    clock.advance(70_000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "headers", timeout: 70_000 });
    const without = client.get(server.origin, { timeout: { connect: null, headers: "5s" } });
    await clock.armed(5000);
    clock.advance(5000);
    expect(await caught(without, TimeoutError)).toMatchObject({ phase: "headers", timeout: 5000 });
    await client.close();
  });

  test("#138 a body that stalls, and not one whose reader is slow", async () => {
    const more = gate();
    await using server = await serve(async (response) => {
      response.write("one\n");
      await more.opened;
      response.write("two\n");
    });
    const { client, clock } = fetching({ timeout: { idle: "5s" } });
    const lines = client.get(server.origin).lines();
    expect((await lines.next()).value).toBe("one");
    clock.advance(1_000_000);
    more.open();
    expect((await lines.next()).value).toBe("two");
    const next = lines.next();
    await clock.armed(5000);
    clock.advance(5000);
    expect(await caught(next, TimeoutError)).toMatchObject({ phase: "idle" });
    expect(clock.pending).toBe(0);
    await client.close();
  });

  test("a response that waits to be read has no limit for its headers any more", async () => {
    await using server = await serve((response) => void response.end("here"));
    const { client, clock } = fetching();
    const response = await client.get(server.origin, { stream: true });
    expect(clock.pending).toBe(0);
    clock.advance(1_000_000);
    expect(await response.text()).toBe("here");
    await client.close();
  });

  test("total and attempt, where Fetch itself does not listen to its signal", async () => {
    const clock = new ManualClock();
    const deaf = new FetchTransport(clock, () => new Promise(() => {}));
    await using client = new Client({ transport: deaf, clock, retry: false });
    const call = client.get("http://a.test/", { timeout: { attempt: "2s" } });
    await clock.armed(2000);
    clock.advance(2000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "attempt" });
    expect(clock.pending).toBe(0);
  });
});

describe("#127 P20 what is left", () => {
  test("frees its connection: by break, closed unread, cancelled unread, aborted", async () => {
    let left = 0;
    await using server = await serve((response) => {
      response.on("close", () => left++);
      const pour = (): void => {
        while (!response.destroyed && response.write("line\n".repeat(1000)));
      };
      response.on("drain", pour);
      pour();
    });
    const { client, clock } = fetching();
    for await (const _line of client.get(server.origin).lines()) break;
    await until(() => left === 1);
    await (await client.get(server.origin, { stream: true })).close();
    await until(() => left === 2);
    await (await client.get(server.origin, { stream: true })).body?.cancel();
    await until(() => left === 3);
    const stop = new AbortController();
    const lines = client.get(server.origin, { signal: stop.signal }).lines();
    await lines.next();
    stop.abort();
    await caught(Array.fromAsync(lines), AbortError);
    await until(() => left === 4);
    expect(clock.pending).toBe(0);
    await client.close();
  });

  test("when the client closes: calls under way end, later ones are refused", async () => {
    await using server = await serve(() => {});
    const clock = new ManualClock();
    const transport = new FetchTransport(clock);
    const client = new Client({ transport, clock });
    const error = caught(client.get(server.origin), AbortError);
    await until(() => server.seen.length === 1);
    await transport.close();
    expect((await error).message).toContain("closed");
    await caught(client.get(server.origin), AbortError);
    expect(clock.pending).toBe(0);
  });
});

describe("P10 what goes wrong has a kind", () => {
  test.each<[string, string]>([
    ["/refused", "refused"],
    ["/closed", "closed"],
    ["/short", "closed"],
  ])("%s is %s", async (path, kind) => {
    await using server = await serveRaw((socket, text) => {
      if (text.includes("/short")) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
      else socket.destroy();
    });
    const { client } = fetching({ retry: false });
    const origin = path === "/refused" ? "http://127.0.0.1:1" : server.origin;
    const error = await caught(client.get(origin + path), NetworkError);
    // Port 1 is one of those that Fetch itself refuses to speak to.
    expect(path === "/refused" ? ["refused", "closed"] : [kind]).toContain(error.kind);
    expect(error.host).toBe(origin.slice(7));
    await client.close();
  });

  test("nobody listens", async () => {
    const server = await serve(() => {});
    const { origin } = server;
    await server.close();
    const { client } = fetching({ retry: false });
    expect(await caught(client.get(origin), NetworkError)).toMatchObject({
      kind: "refused",
      host: origin.slice(7),
    });
    await client.close();
  });

  test("a body of the caller's that throws", async () => {
    await using server = await serve((response) => void response.end());
    const { client } = fetching();
    const slip = new RangeError("mine");
    async function* broken(): AsyncGenerator<string> {
      yield "one";
      throw slip;
    }
    expect((await caught(client.post(server.origin, { body: broken() }), CallerError)).cause).toBe(slip);
    await client.close();
  });

  test("a condition goes out without the no-cache that Fetch would add, unless the caller says one", async () => {
    await using server = await serve((response) => void response.end());
    const { client } = fetching();
    const condition = { "if-none-match": '"a"' };
    await client.get(server.origin, { headers: condition });
    expect(server.last().headers["cache-control"]).toBe("max-age=0");
    await client.get(server.origin, { headers: { ...condition, "cache-control": "max-stale" } });
    expect(server.last().headers["cache-control"]).toBe("max-stale");
    await client.get(server.origin);
    expect(server.last().headers["cache-control"]).toBeUndefined();
    await client.close();
  });

  test("a redirect that a browser hides is said to be so", async () => {
    const asked: RequestInit[] = [];
    const hiding = new FetchTransport(
      new ManualClock(),
      async (_url, init) => {
        asked.push(init);
        return Object.defineProperties(new Response(null), {
          type: { value: "opaqueredirect" },
          status: { value: 0 },
        });
      },
      { takesOver: true, unconditional: true, setsItself: new Set() },
    );
    await using client = new Client({ transport: hiding, retry: false });
    const kept = await caught(client.get("http://a.test/", { headers: { "x-key": "1" } }), RedirectError);
    expect(kept).toMatchObject({ kind: "refused" });
    expect(kept.message).toContain("would take along x-key");
    const forbidden = await caught(client.get("http://a.test/", { redirect: "error" }), RedirectError);
    expect(forbidden.kind).toBe("forbidden");
    expect(asked.map(({ redirect }) => redirect)).toEqual(["manual", "manual"]);
  });

  test("S52 an answer that a browser fetched over http for https is not taken", async () => {
    const followed = (url: string): FetchTransport =>
      new FetchTransport(
        new ManualClock(),
        async () =>
          Object.defineProperties(new Response("from anybody"), {
            redirected: { value: true },
            url: { value: url },
          }),
        { takesOver: true, unconditional: true, setsItself: new Set() },
      );
    await using client = new Client({ transport: followed("http://a.test/x") });
    const error = await caught(client.get("https://a.test/"), RedirectError);
    expect(error.kind).toBe("refused");
    expect(await error.response.text()).toBe("");
    await using good = new Client({ transport: followed("https://b.test/x") });
    const response = await good.get("https://a.test/");
    expect([response.url, response.redirected, await response.text()]).toEqual([
      "https://b.test/x",
      true,
      "from anybody",
    ]);
  });

  test("S57 too much of a body, buffered and streamed", async () => {
    await using server = await serve((response) => void response.end("x".repeat(200_000)));
    const { client, clock } = fetching({ maxBytes: 100_000 });
    await caught(client.get(server.origin), BodyTooLargeError);
    await caught(Array.fromAsync(client.get(server.origin).stream()), BodyTooLargeError);
    expect(clock.pending).toBe(0);
    await client.close();
  });
});
