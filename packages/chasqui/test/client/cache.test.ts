import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  AbortError,
  type Auth,
  apiKey,
  BodyTooLargeError,
  type CacheMode,
  Client,
  type ClientOptions,
  HttpError,
  memoryCache,
  NetworkError,
  OptionsError,
  TimeoutError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { type Answer, type HttpServer, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";

const SECOND = 1000;

/** Answers with headers, and says in its body how often it was asked. Its clock is no matter here: it sends no Date. */
function counting(headers: Record<string, string>, status = 200): Answer {
  let asked = 0;
  return (response, { headers: sent }) => {
    asked++;
    response.sendDate = false;
    if (headers.etag !== undefined && sent["if-none-match"] === headers.etag) {
      response.writeHead(304, headers).end();
    } else response.writeHead(status, headers).end(`answer ${asked}`);
  };
}

interface Bench extends AsyncDisposable {
  readonly server: HttpServer;
  readonly client: Client;
  readonly clock: ManualClock;
  get(path?: string, mode?: CacheMode): Promise<readonly [cached: string | undefined, text: string]>;
}

async function bench(
  answer: Answer | Readonly<Record<string, Answer>>,
  options: ClientOptions = {},
): Promise<Bench> {
  const server = await serve(answer);
  const clock = new ManualClock();
  const client = new Client({ baseUrl: server.origin, clock, cache: true, retry: false, ...options });
  return {
    server,
    client,
    clock,
    async get(path = "/", mode) {
      const response = await client.get(path, mode === undefined ? {} : { cache: mode });
      return [response.cached, await response.text()];
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

/** The text that is fresh again once it has been asked for in the background. */
async function refreshed(at: Bench): Promise<string> {
  for (;;) {
    const [cached, text] = await at.get();
    if (cached === "hit") return text;
    // What is stored is given without a turn of the loop, and the server would never get its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("a response that is fresh", () => {
  test("is given again without asking, with its age", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60", "content-type": "text/x" }));
    expect(await at.get()).toEqual(["miss", "answer 1"]);
    at.clock.advance(59 * SECOND);
    const again = await at.client.get("/");
    expect(again.cached).toBe("hit");
    expect(await again.text()).toBe("answer 1");
    expect(again.headers.get("age")).toBe("59");
    expect(again.headers.get("content-type")).toBe("text/x");
    expect(at.server.seen).toHaveLength(1);
    at.clock.advance(SECOND);
    expect(await at.get()).toEqual(["miss", "answer 2"]);
  });

  test("is another for each URL, query and all, but not for a fragment", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }));
    await at.get("/a?b=1");
    expect(await at.get("/a?b=2")).toEqual(["miss", "answer 2"]);
    expect(await at.get("/a?b=1#c")).toEqual(["hit", "answer 1"]);
  });

  test("keeps its age from caches on the way, and from a slow answer", async () => {
    let clock: ManualClock | undefined;
    await using at = await bench((response) => {
      clock?.advance(20 * SECOND);
      response.sendDate = false;
      response.writeHead(200, { "cache-control": "max-age=60", age: "30" }).end();
    });
    clock = at.clock;
    await at.get();
    expect((await at.client.get("/")).headers.get("age")).toBe("50");
    at.clock.advance(10 * SECOND);
    expect((await at.get())[0]).toBe("miss");
  });

  test("counts its age from the attempt that brought it", async () => {
    let asked = 0;
    await using at = await bench(
      (response) => {
        response.sendDate = false;
        if (++asked === 1) response.writeHead(503).end();
        else response.writeHead(200, { "cache-control": "max-age=60" }).end();
      },
      { retry: { attempts: 2, backoff: { base: 7 * SECOND }, jitter: "none" } },
    );
    const first = at.get();
    await at.clock.armed(7 * SECOND);
    at.clock.advance(7 * SECOND);
    await first;
    expect((await at.client.get("/")).headers.get("age")).toBe("0");
  });

  test("answers a HEAD, without its body", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60", "content-length": "8" }));
    await at.get();
    const head = await at.client.head("/");
    expect([head.cached, await head.text(), head.headers.get("content-length")]).toEqual(["hit", "", "8"]);
  });

  test("is not stored in another way than it is read: the caller's bytes are the caller's", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }));
    (await (await at.client.get("/")).bytes()).fill(0);
    (await (await at.client.get("/")).bytes()).fill(0);
    const again = await at.client.get("/");
    again.headers.set("x-own", "1");
    expect(await at.get()).toEqual(["hit", "answer 1"]);
    expect((await at.client.get("/")).headers.has("x-own")).toBe(false);
  });

  test("is nothing to a client without a cache", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }), { cache: false });
    expect(await at.get()).toEqual([undefined, "answer 1"]);
    expect(await at.get()).toEqual([undefined, "answer 2"]);
  });
});

describe("a response that was compressed", () => {
  test("is stored as it was read, and counts as it was read", async () => {
    const { gzipSync } = await import("node:zlib");
    const text = "x".repeat(10_000);
    await using at = await bench((response) => {
      response.sendDate = false;
      response
        .writeHead(200, { "cache-control": "max-age=60", "content-encoding": "gzip" })
        .end(gzipSync(text));
    });
    expect(await at.get()).toEqual(["miss", text]);
    expect(await at.get()).toEqual(["hit", text]);
    await caught(at.client.get("/", { maxBytes: 9_999 }), BodyTooLargeError);
    expect(at.server.seen).toHaveLength(1);
  });
});

describe("a response that is stale", () => {
  test("is validated by its tag, and is fresh again by what the 304 says", async () => {
    const control = { "cache-control": "max-age=60", etag: '"v1"', "x-version": "1" };
    await using at = await bench(counting(control));
    await at.get();
    at.clock.advance(60 * SECOND);
    const confirmed = await at.client.get("/");
    expect(confirmed.cached).toBe("revalidated");
    expect(confirmed.status).toBe(200);
    expect(await confirmed.text()).toBe("answer 1");
    expect(at.server.last().headers["if-none-match"]).toBe('"v1"');
    at.clock.advance(59 * SECOND);
    expect(await at.get()).toEqual(["hit", "answer 1"]);
    expect(at.server.seen).toHaveLength(2);
  });

  test("is validated by when it was changed, where it has no tag", async () => {
    const modified = "Wed, 01 Jan 2020 00:00:00 GMT";
    await using at = await bench((response, { headers }) => {
      response.sendDate = false;
      const known = headers["if-modified-since"] === modified;
      response.writeHead(known ? 304 : 200, { "cache-control": "max-age=1", "last-modified": modified });
      response.end(known ? undefined : "answer");
    });
    await at.get();
    at.clock.advance(2 * SECOND);
    expect(await at.get()).toEqual(["revalidated", "answer"]);
  });

  test("takes over the headers of the 304, but for those of the bytes", async () => {
    let asked = 0;
    await using at = await bench((response) => {
      asked++;
      response.sendDate = false;
      const headers = { etag: '"a"', "cache-control": "no-cache", "x-asked": String(asked) };
      if (asked === 1)
        response.writeHead(200, { ...headers, "x-first": "1", "content-length": "4" }).end("body");
      else response.writeHead(304, { ...headers, "content-length": "9" }).end();
    });
    await at.get();
    const { headers, cached } = await at.client.get("/");
    expect(cached).toBe("revalidated");
    expect(headers.get("x-asked")).toBe("2");
    expect(headers.get("x-first")).toBe("1");
    expect(headers.get("content-length")).toBe("4");
  });

  test("is taken from the server when it has changed", async () => {
    let etag = '"v1"';
    await using at = await bench((response, { headers }) => {
      response.sendDate = false;
      if (headers["if-none-match"] === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag, "cache-control": "no-cache" }).end(`body of ${etag}`);
    });
    await at.get();
    etag = '"v2"';
    expect(await at.get()).toEqual(["miss", 'body of "v2"']);
    expect(await at.get()).toEqual(["revalidated", 'body of "v2"']);
  });

  test("is asked for without conditions when a 304 speaks of another version", async () => {
    let asked = 0;
    await using at = await bench((response, { headers }) => {
      asked++;
      response.sendDate = false;
      if (headers["if-none-match"] !== undefined) response.writeHead(304, { etag: '"other"' }).end();
      else response.writeHead(200, { etag: '"mine"', "cache-control": "no-cache" }).end(`answer ${asked}`);
    });
    await at.get();
    expect(await at.get()).toEqual(["miss", "answer 3"]);
  });

  test("is dropped when the 304 says no-store", async () => {
    let control = "max-age=1";
    await using at = await bench((response, { headers }) => {
      response.sendDate = false;
      const known = headers["if-none-match"] !== undefined;
      response
        .writeHead(known ? 304 : 200, { etag: '"a"', "cache-control": control })
        .end(known ? undefined : "x");
    });
    await at.get();
    at.clock.advance(SECOND);
    control = "no-store";
    expect(await at.get()).toEqual(["revalidated", "x"]);
    expect(await at.get()).toEqual(["miss", "x"]);
    expect(at.server.last().headers["if-none-match"]).toBeUndefined();
  });

  test.each(["no-cache", "reload"] as const)(
    "is forgotten when the server, asked by %s, says something that is not to be stored",
    async (mode) => {
      let control = "max-age=60, stale-if-error=60";
      let status = 200;
      await using at = await bench((response) => {
        response.sendDate = false;
        response.writeHead(status, { "cache-control": control }).end(control);
      });
      await at.get();
      // That it cannot say now is no reason.
      status = 503;
      expect((await at.client.get("/", { cache: mode })).status).toBe(503);
      expect((await at.get())[0]).toBe("hit");
      control = "no-store";
      status = 404;
      await at.get("/", mode);
      expect(await at.get()).toEqual(["miss", "no-store"]);
    },
  );

  test("keeps its attempts, its deadline and its credentials when it is validated", async () => {
    let asked = 0;
    await using at = await bench(
      (response, { headers }) => {
        asked++;
        response.sendDate = false;
        if (asked === 2) response.writeHead(503).end();
        else if (headers["if-none-match"] === '"a"') response.writeHead(304).end();
        else response.writeHead(200, { etag: '"a"', "cache-control": "no-cache" }).end("x");
      },
      { retry: { attempts: 2, backoff: { base: 0 } }, auth: apiKey("k-1") },
    );
    await at.get();
    const validated = at.get();
    await at.clock.armed(0);
    at.clock.advance(0);
    expect(await validated).toEqual(["revalidated", "x"]);
    expect(at.server.last().headers["x-api-key"]).toBe("k-1");
  });
});

describe("a server that fails", () => {
  const down: Answer = (response) => void response.writeHead(503).end("down");

  function failing(control: string, fail: Answer): Answer {
    let asked = 0;
    return async (response, seen, request) => {
      response.sendDate = false;
      if (++asked === 1) response.writeHead(200, { "cache-control": control, etag: '"a"' }).end("good");
      else await fail(response, seen, request);
    };
  }

  test("is stood in for by stale-if-error, as long as that says", async () => {
    await using at = await bench(failing("max-age=1, stale-if-error=10", down));
    await at.get();
    at.clock.advance(11 * SECOND);
    expect(await at.get()).toEqual(["stale", "good"]);
    at.clock.advance(1);
    expect((await at.get())[0]).toBe("miss");
  });

  test("that breaks the connection is, too", async () => {
    await using at = await bench(
      failing("max-age=1, stale-if-error=10", (response) => void response.destroy()),
    );
    await at.get();
    at.clock.advance(2 * SECOND);
    const stale = await at.client.get("/");
    expect([stale.cached, await stale.text(), stale.headers.get("age")]).toEqual(["stale", "good", "2"]);
  });

  test("is not where must-revalidate forbids it", async () => {
    await using at = await bench(
      failing("max-age=1, stale-if-error=10, must-revalidate", (response) => void response.destroy()),
    );
    await at.get();
    at.clock.advance(2 * SECOND);
    await caught(at.get(), NetworkError);
  });

  test("is not where the caller gave up", async () => {
    const abort = new AbortController();
    await using at = await bench(failing("max-age=1, stale-if-error=10", () => abort.abort()));
    await at.get();
    at.clock.advance(2 * SECOND);
    await caught(at.client.get("/", { signal: abort.signal }), AbortError);
  });

  test("says so in the log", async () => {
    const lines: string[] = [];
    const log = { debug() {}, info() {}, warn: (line: string) => void lines.push(line), error() {} };
    await using at = await bench(failing("max-age=1, stale-if-error=10", down), { log });
    await at.get();
    at.clock.advance(2 * SECOND);
    await at.get();
    expect(lines).toEqual([
      expect.stringMatching(/→ 200 \(cache: stale, 2 s old, stale for 1 s, in place of status 503\)$/),
    ]);
  });
});

describe("stale-while-revalidate", () => {
  function held(control: string) {
    const hold = gate();
    let asked = 0;
    const answer: Answer = async (response) => {
      const number = ++asked;
      if (number > 1) await hold.opened;
      response.sendDate = false;
      response.writeHead(200, { "cache-control": control }).end(`answer ${number}`);
    };
    return { hold, answer };
  }

  test("gives what is stale at once, and asks the server meanwhile, once for all", async () => {
    const { hold, answer } = held("max-age=1, stale-while-revalidate=10");
    await using at = await bench(answer);
    await at.get();
    at.clock.advance(2 * SECOND);
    expect(await Promise.all([at.get(), at.get(), at.get()])).toEqual(Array(3).fill(["stale", "answer 1"]));
    hold.open();
    expect(await refreshed(at)).toBe("answer 2");
    expect(at.server.seen).toHaveLength(2);
  });

  test("ends with the client, and nobody hears of it", async () => {
    const { answer } = held("max-age=1, stale-while-revalidate=10");
    const lines: string[] = [];
    const log = { debug() {}, info() {}, warn: (line: string) => void lines.push(line), error() {} };
    await using at = await bench(answer, { log });
    await at.get();
    at.clock.advance(2 * SECOND);
    await at.get();
    await until(() => at.server.seen.length === 2);
    await at.client.close();
    await until(() => lines.length > 0);
    expect(lines).toEqual([expect.stringMatching(/\(cache: not refreshed: AbortError\)$/)]);
    await until(() => at.server.open() === 0);
    expect(at.clock.pending).toBe(0);
  });

  test("goes on when the caller's own signal ends the call that it was begun by", async () => {
    const { hold, answer } = held("max-age=1, stale-while-revalidate=10");
    await using at = await bench(answer);
    await at.get();
    at.clock.advance(2 * SECOND);
    const abort = new AbortController();
    await at.client.get("/", { signal: abort.signal });
    abort.abort();
    hold.open();
    expect(await refreshed(at)).toBe("answer 2");
  });

  test("does not last longer than half a minute", async () => {
    const { answer } = held("max-age=1, stale-while-revalidate=10");
    const lines: string[] = [];
    const log = { debug() {}, info() {}, warn: (line: string) => void lines.push(line), error() {} };
    await using at = await bench(answer, { log, timeout: { headers: "5m", idle: "5m" } });
    await at.get();
    at.clock.advance(2 * SECOND);
    await at.get();
    await until(() => at.server.seen.length === 2);
    at.clock.advance(30 * SECOND);
    await until(() => lines.length > 0);
    expect(lines).toEqual([expect.stringMatching(/not refreshed: TimeoutError/)]);
  });

  test("of a server that fails leaves what is stored, and is tried again", async () => {
    let asked = 0;
    await using at = await bench((response) => {
      response.sendDate = false;
      if (++asked === 2) response.writeHead(500).end();
      else
        response
          .writeHead(200, { "cache-control": "max-age=1, stale-while-revalidate=10" })
          .end(`answer ${asked}`);
    });
    await at.get();
    at.clock.advance(2 * SECOND);
    expect(await refreshed(at)).toBe("answer 3");
  });
});

describe("a process", () => {
  test("ends while a cache in memory is being refreshed, and nothing is left unhandled", async () => {
    let asked = 0;
    await using server = await serve((response, { target }) => {
      if (target === "/asked") response.end(String(asked));
      // It never answers a second time.
      else if (++asked === 1) {
        response.writeHead(200, { "cache-control": "max-age=0, stale-while-revalidate=60" }).end("x");
      }
    });
    const program = `
      import { Client, get } from "../src/index.ts";
      const client = new Client({ baseUrl: process.env.ORIGIN, cache: true });
      await client.get("/");
      const { cached } = await client.get("/");
      while ((await get(process.env.ORIGIN + "/asked").text()) !== "2");
      console.log(cached);
    `;
    const ended = await run(program, { ORIGIN: server.origin });
    expect(ended).toEqual({ code: 0, stdout: "stale\n", stderr: "" });
  });

  test("holds on to a connection again for the next request on it", async () => {
    let asked = 0;
    await using server = await serve((response) => {
      const number = ++asked;
      const answer = () =>
        response.writeHead(200, { "cache-control": "max-age=0, stale-while-revalidate=60" }).end("x");
      if (number < 3) answer();
      else setTimeout(answer, 500);
    });
    const program = `
      import { Client } from "../src/index.ts";
      const client = new Client({ baseUrl: process.env.ORIGIN, cache: true, connections: 1 });
      await client.get("/");
      await client.get("/");
      const { cached } = await client.get("/", { cache: "reload" });
      console.log(cached);
    `;
    const ended = await run(program, { ORIGIN: server.origin });
    expect(ended).toEqual({ code: 0, stdout: "miss\n", stderr: "" });
  });
});

describe("beside the rest of the library", () => {
  test("save() saves what is stored", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chasqui-cache-"));
    try {
      await using at = await bench(counting({ "cache-control": "max-age=60" }));
      await at.get();
      for (const name of ["a", "b"]) await at.client.get("/").save(join(folder, name));
      expect(await readFile(join(folder, "b"), "utf8")).toBe("answer 1");
      await at.client.get("/fresh").save(join(folder, "c"));
      expect(await at.get("/fresh")).toEqual(["hit", "answer 2"]);
      expect(at.server.seen).toHaveLength(2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a page that is walked again is not asked for again", async () => {
    await using at = await bench((response, { target }) => {
      response.sendDate = false;
      const page = Number(new URL(target, "http://x").searchParams.get("page") ?? 1);
      response.writeHead(200, { "cache-control": "max-age=60", "content-type": "application/json" });
      response.end(JSON.stringify(page < 3 ? [{ id: page * 2 }, { id: page * 2 + 1 }] : []));
    });
    const walk = () => at.client.paginate("/", { by: "page" }).all();
    const rows = await walk();
    const { length } = at.server.seen;
    expect(await walk()).toEqual(rows);
    expect(at.server.seen).toHaveLength(length);
  });

  test("events are not stored", async () => {
    await using at = await bench((response) => {
      response.writeHead(200, { "cache-control": "max-age=60", "content-type": "text/event-stream" });
      response.end("data: 1\n\n");
    });
    for (const _ of [1, 2]) {
      for await (const { data } of at.client.get("/").events()) {
        expect(data).toBe("1");
        break;
      }
    }
    expect(at.server.seen).toHaveLength(2);
  });

  test("calls that ask for the same at a time are one request, and what it brings is stored", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }), { dedupe: true });
    const both = await Promise.all([at.get(), at.get()]);
    expect(both.map(([, text]) => text)).toEqual(["answer 1", "answer 1"]);
    expect(both.map(([cached]) => cached)).toEqual(["miss", "miss"]);
    expect((await at.get())[0]).toBe("hit");
  });

  test("a second request beside a slow one counts the age from when it was sent", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }), { hedge: true });
    await at.get();
    expect((await at.client.get("/")).headers.get("age")).toBe("0");
  });

  test("a middleware around the call sees what is stored, and may answer something else of it", async () => {
    const seen: unknown[] = [];
    await using at = await bench(counting({ "cache-control": "max-age=60" }), {
      use: [
        async (request, next) => {
          const response = await next(request);
          seen.push(response.cached);
          return response.with({ headers: { "x-own": "1" } });
        },
      ],
    });
    await at.get();
    const again = await at.client.get("/");
    expect([again.cached, again.headers.get("x-own"), seen]).toEqual(["hit", "1", ["miss", "hit"]]);
  });

  test("hooks are told of exchanges, and what is stored is none", async () => {
    const told: string[] = [];
    await using at = await bench(counting({ "cache-control": "max-age=60" }), {
      hooks: { onRequest: [() => void told.push("request")], onResponse: [() => void told.push("response")] },
    });
    await at.get();
    await at.get();
    expect(told).toEqual(["request", "response"]);
  });
});

describe("what chose a response", () => {
  const byLanguage: Answer = (response, { headers }) => {
    response.sendDate = false;
    response.writeHead(200, { "cache-control": "max-age=60", vary: "Accept-Language" });
    response.end(headers["accept-language"] ?? "none");
  };

  test("Vary keeps variants apart, and beside one another", async () => {
    await using at = await bench(byLanguage);
    const ask = async (language?: string) => {
      const headers = language === undefined ? {} : { "accept-language": language };
      const response = await at.client.get("/", { headers });
      return [response.cached, await response.text()];
    };
    expect(await ask("de")).toEqual(["miss", "de"]);
    expect(await ask("en")).toEqual(["miss", "en"]);
    expect(await ask()).toEqual(["miss", "none"]);
    expect(await ask("DE")).toEqual(["hit", "de"]);
    expect(await ask("en")).toEqual(["hit", "en"]);
    expect(await ask()).toEqual(["hit", "none"]);
    expect(at.server.seen).toHaveLength(3);
  });

  test("what varies by a header that a middleware sets on the way is not stored: nobody knows it beforehand", async () => {
    let language = "de";
    await using at = await bench(byLanguage, {
      wire: [
        (request, next) => {
          request.headers.set("accept-language", language);
          return next(request);
        },
      ],
    });
    expect(await at.get()).toEqual(["miss", "de"]);
    language = "en";
    expect(await at.get()).toEqual(["miss", "en"]);
  });

  test("a server that varies without end does not fill the store", async () => {
    const store = memoryCache();
    await using at = await bench(byLanguage, { cache: { store } });
    for (let i = 0; i < 100; i++) await at.client.get("/", { headers: { "accept-language": `x${i}` } });
    expect(store.size).toBe(16);
    expect((await at.client.get("/", { headers: { "accept-language": "x99" } })).cached).toBe("hit");
  });
});

describe("who asks", () => {
  const whoAmI: Answer = (response, { headers }) => {
    response.sendDate = false;
    response.writeHead(200, { "cache-control": "max-age=60" });
    response.end(headers["x-api-key"] ?? headers.authorization ?? headers.cookie ?? "nobody");
  };

  test("S71 what was answered to one is not shown to another: an Auth, a header, a cookie, a query", async () => {
    await using at = await bench(whoAmI);
    const asks = [
      {},
      { auth: apiKey("ann") },
      { auth: apiKey("bob") },
      { headers: { authorization: "Bearer ann" } },
      { headers: { authorization: "Bearer bob" } },
      { cookies: { sid: "ann" } },
      { cookies: { sid: "bob" } },
      { headers: { cookie: "sid=carl" } },
    ];
    const first = await Promise.all(asks.map((options) => at.client.get("/", options).text()));
    expect(new Set(first).size).toBe(asks.length);
    for (const [index, options] of asks.entries()) {
      const again = await at.client.get("/", options);
      expect([again.cached, await again.text()]).toEqual(["hit", first[index]]);
    }
    expect(at.server.seen).toHaveLength(asks.length);
  });

  test("S71 a cookie of the jar says who asks", async () => {
    await using at = await bench({
      "/": whoAmI,
      "/login": (response, { target }) =>
        void response.writeHead(200, { "set-cookie": `sid=${target.split("?")[1]}` }).end(),
    });
    await at.client.get("/login?ann");
    expect(await at.get()).toEqual(["miss", "sid=ann"]);
    expect(await at.get()).toEqual(["hit", "sid=ann"]);
    await at.client.get("/login?bob", { cache: "no-store" });
    expect(await at.get()).toEqual(["miss", "sid=bob"]);
    await at.client.get("/login?ann", { cache: "no-store" });
    expect(await at.get()).toEqual(["hit", "sid=ann"]);
  });

  test("credentials, cookies of the jar and hooks beside one another are no reason not to store", async () => {
    await using at = await bench(
      { "/": whoAmI, "/login": (response) => void response.writeHead(200, { "set-cookie": "sid=1" }).end() },
      { auth: apiKey("ann"), hooks: { onRequest: [({ headers }) => headers.set("x-trace", "1")] } },
    );
    await at.client.get("/login");
    expect(await at.get()).toEqual(["miss", "ann"]);
    expect(await at.get()).toEqual(["hit", "ann"]);
  });

  test("S71 where an Auth does not say who it is, nothing is stored and nothing shown", async () => {
    await using at = await bench(whoAmI);
    await at.get();
    const auth: Auth = { authorize: () => ({ headers: { authorization: "x" } }) };
    for (const _ of [1, 2]) {
      const response = await at.client.get("/", { auth });
      expect([response.cached, await response.text()]).toEqual([undefined, "x"]);
    }
  });

  test("S71 what a middleware around the exchange adds is not stored as if it were nobody's", async () => {
    await using at = await bench(whoAmI, {
      wire: [
        (request, next) => {
          request.headers.set("authorization", "Bearer tenant");
          return next(request);
        },
      ],
    });
    expect(await at.get()).toEqual(["miss", "Bearer tenant"]);
    expect(await at.get()).toEqual(["miss", "Bearer tenant"]);
    expect(at.server.seen).toHaveLength(2);
  });

  test("no secret reaches the store: not of the URL, not of a header, not of a cookie", async () => {
    const written: unknown[] = [];
    const memory = memoryCache();
    const store = {
      read: memory.read.bind(memory),
      remove: memory.remove.bind(memory),
      write: (...parts: Parameters<typeof memory.write>) => void written.push(parts),
    };
    await using at = await bench(
      (response) => {
        const headers = {
          "cache-control": "max-age=60",
          "set-cookie": "sid=s3cret",
          vary: "x-api-key, accept",
        };
        response.writeHead(200, headers).end("body");
      },
      { cache: { store } },
    );
    await at.client.get("/s3cret?token=s3cret", {
      headers: { authorization: "s3cret", "x-api-key": "s3cret" },
      cookies: { a: "s3cret" },
    });
    expect(written).toHaveLength(1);
    const text = JSON.stringify(written);
    expect(text).not.toContain("s3cret");
    expect(text).not.toContain("127.0.0.1");
  });

  test("a cookie that a stored response set is not set again", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60", "set-cookie": "a=1" }));
    await at.get();
    // The first had no cookie, so that the second is another's.
    expect(await at.get()).toEqual(["miss", "answer 2"]);
    const again = await at.client.get("/");
    expect([again.cached, again.cookies, again.headers.has("set-cookie")]).toEqual(["hit", {}, false]);
  });
});

describe("a change", () => {
  test.each(["POST", "PUT", "PATCH", "DELETE"])(
    "%s makes what is stored of its URL untrue, whoever asked for it",
    async (method) => {
      await using at = await bench(counting({ "cache-control": "max-age=60" }));
      await at.get();
      await at.client.get("/", { auth: apiKey("ann") });
      const changed = await at.client.request(method, "/");
      expect(changed.cached).toBeUndefined();
      expect((await at.get())[0]).toBe("miss");
      expect((await at.client.get("/", { auth: apiKey("ann") })).cached).toBe("miss");
    },
  );

  test("and of what it names at the same origin", async () => {
    const fresh = counting({ "cache-control": "max-age=60" });
    await using at = await bench({
      "/a": fresh,
      "/b": fresh,
      "/c": fresh,
      "/do": (response) => void response.writeHead(201, { location: "/a", "content-location": "b" }).end(),
    });
    for (const path of ["/a", "/b", "/c"]) await at.get(path);
    await at.client.post("/do");
    expect((await at.get("/a"))[0]).toBe("miss");
    expect((await at.get("/b"))[0]).toBe("miss");
    expect((await at.get("/c"))[0]).toBe("hit");
  });

  test("that failed changes nothing; one of which nobody knows does", async () => {
    let fail: Answer = (response) => void response.writeHead(400).end();
    const fresh = counting({ "cache-control": "max-age=60" });
    await using at = await bench((response, seen, request) =>
      seen.method === "POST" ? fail(response, seen, request) : fresh(response, seen, request),
    );
    await at.get();
    await at.client.post("/");
    expect((await at.get())[0]).toBe("hit");
    fail = (response) => void response.destroy();
    await caught(at.client.post("/"), NetworkError);
    expect((await at.get())[0]).toBe("miss");
  });

  test("is not undone by what was asked before it and comes after it", async () => {
    const hold = gate();
    let asked = 0;
    await using at = await bench(async (response, { method }) => {
      const number = ++asked;
      if (number === 1) await hold.opened;
      response.sendDate = false;
      response
        .writeHead(200, method === "GET" ? { "cache-control": "max-age=60" } : {})
        .end(`answer ${number}`);
    });
    const before = at.get();
    await until(() => at.server.seen.length === 1);
    await at.client.put("/");
    hold.open();
    expect(await before).toEqual(["miss", "answer 1"]);
    expect(await at.get()).toEqual(["miss", "answer 3"]);
  });

  test("of what was asked twice, the answer that was asked for later stays", async () => {
    const hold = gate();
    let asked = 0;
    await using at = await bench(async (response) => {
      const number = ++asked;
      if (number === 1) await hold.opened;
      response.sendDate = false;
      response.writeHead(200, { "cache-control": "max-age=60" }).end(`answer ${number}`);
    });
    const early = at.get();
    await until(() => at.server.seen.length === 1);
    expect(await at.get()).toEqual(["miss", "answer 2"]);
    hold.open();
    expect(await early).toEqual(["miss", "answer 1"]);
    expect(await at.get()).toEqual(["hit", "answer 2"]);
  });

  test("a POST's answer that says that it is the resource is stored as such", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60", "content-location": "/thing" }));
    await at.client.post("/thing");
    expect(await at.get("/thing")).toEqual(["hit", "answer 1"]);
    await at.client.post("/other");
    expect((await at.get("/other"))[0]).toBe("miss");
  });
});

describe("redirects", () => {
  test("each hop is stored under its own URL, and given without asking", async () => {
    const moved: Answer = (response) => {
      response.sendDate = false;
      response.writeHead(301, { location: "/to", "cache-control": "max-age=60" }).end("moved");
    };
    await using at = await bench({ "/from": moved, "/to": counting({ "cache-control": "max-age=60" }) });
    await at.get("/from");
    const again = await at.client.get("/from");
    expect([again.cached, again.redirected, again.url]).toEqual(["hit", true, `${at.server.origin}/to`]);
    expect(again.history.map(({ cached, status }) => [cached, status])).toEqual([["hit", 301]]);
    expect(at.server.seen).toHaveLength(2);
    // What was followed has no body to show.
    const manual = await at.client.get("/from", { redirect: "manual" });
    expect([manual.cached, await manual.text()]).toEqual(["miss", "moved"]);
  });

  test("credentials do not cross an origin because a redirect was stored", async () => {
    await using other = await serve((response) => void response.end("there"));
    await using at = await bench(
      (response) => {
        response.sendDate = false;
        response.writeHead(302, { location: `${other.origin}/`, "cache-control": "max-age=60" }).end();
      },
      { auth: apiKey("k-1") },
    );
    for (const _ of [1, 2]) await at.client.get("/", { headers: { "x-own": "1" } });
    expect(at.server.seen).toHaveLength(1);
    expect(other.seen.map(({ headers }) => [headers["x-api-key"], headers["x-own"]])).toEqual(
      Array(2).fill([undefined, undefined]),
    );
  });
});

describe("the modes of Fetch", () => {
  test("no-store neither looks nor stores, and has caches on the way ask anew", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }));
    await at.get();
    expect(await at.get("/", "no-store")).toEqual([undefined, "answer 2"]);
    expect(at.server.last().headers).toMatchObject({ "cache-control": "no-cache", pragma: "no-cache" });
    expect(await at.get()).toEqual(["hit", "answer 1"]);
  });

  test("reload does not look, and stores", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60", etag: '"a"' }));
    await at.get();
    expect(await at.get("/", "reload")).toEqual(["miss", "answer 2"]);
    expect(at.server.last().headers["if-none-match"]).toBeUndefined();
    expect(await at.get()).toEqual(["hit", "answer 2"]);
  });

  test("no-cache asks whether what is stored is still true, but for what is immutable", async () => {
    await using at = await bench({
      "/": counting({ "cache-control": "max-age=60", etag: '"a"' }),
      "/forever": counting({ "cache-control": "max-age=60, immutable", etag: '"a"' }),
    });
    await at.get();
    expect(await at.get("/", "no-cache")).toEqual(["revalidated", "answer 1"]);
    expect(at.server.last().headers["cache-control"]).toBe("max-age=0");
    await at.get("/forever");
    expect((await at.get("/forever", "no-cache"))[0]).toBe("hit");
  });

  test("force-cache takes what is stored however old, and asks where nothing is", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=1" }));
    expect((await at.get("/", "force-cache"))[0]).toBe("miss");
    at.clock.advance(3600 * SECOND);
    expect(await at.get("/", "force-cache")).toEqual(["stale", "answer 1"]);
  });

  test("only-if-cached never asks: 504 where nothing is stored, and the error says why", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }));
    const nothing = await at.client.get("/", { cache: "only-if-cached" });
    expect([nothing.status, nothing.cached]).toEqual([504, "miss"]);
    const error = await caught(at.client.get("/", { cache: "only-if-cached" }).text(), HttpError);
    expect(error).toMatchObject({ hint: expect.stringContaining("only-if-cached") });
    expect(at.server.seen).toHaveLength(0);
    await at.get();
    expect(await at.get("/", "only-if-cached")).toEqual(["hit", "answer 1"]);
    const header = await at.client.get("/other", { headers: { "cache-control": "only-if-cached" } });
    expect(header.status).toBe(504);
  });

  test("a client has a mode for all of its calls, and a child another, with the same store", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60", etag: '"a"' }), {
      cache: { mode: "no-cache" },
    });
    await at.get();
    expect((await at.get())[0]).toBe("revalidated");
    const child = at.client.extend({ cache: { mode: "default" } });
    expect((await child.get("/")).cached).toBe("hit");
    expect((await at.client.extend({ headers: { "x-a": "1" } }).get("/")).cached).toBe("revalidated");
    expect((await at.client.extend({ cache: false }).get("/")).cached).toBeUndefined();
    expect((await at.client.extend({ cache: { maxBytes: 1e6 } }).get("/")).cached).toBe("miss");
  });

  test("false leaves the cache out altogether", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }));
    await at.get();
    expect((await at.client.get("/", { cache: false })).cached).toBeUndefined();
    expect(at.server.last().headers["cache-control"]).toBeUndefined();
  });
});

describe("what a request says", () => {
  test("a Range is left alone, and no part is stored", async () => {
    const whole = counting({ "cache-control": "max-age=60" });
    await using at = await bench((response, seen, request) => {
      response.sendDate = false;
      if (seen.headers.range === undefined) return whole(response, seen, request);
      response.writeHead(206, { "cache-control": "max-age=60", "content-range": "bytes 0-0/9" }).end("a");
    });
    const part = { headers: { range: "bytes=0-0" } };
    expect((await at.client.get("/", part)).cached).toBeUndefined();
    expect(await at.get()).toEqual(["miss", "answer 1"]);
    expect((await at.client.get("/", part)).status).toBe(206);
    expect(await at.get()).toEqual(["hit", "answer 1"]);
  });

  test("a condition of the caller's own is answered from what is fresh, and goes out as it is otherwise", async () => {
    await using at = await bench(
      counting({ "cache-control": "max-age=60", etag: '"a"', "content-language": "en" }),
    );
    const mine = { headers: { "if-none-match": '"a"' } };
    const first = await at.client.get("/", mine);
    expect([first.status, first.cached]).toEqual([304, "miss"]);
    await at.get();
    const answered = await at.client.get("/", mine);
    expect([answered.status, answered.cached, answered.headers.get("etag")]).toEqual([304, "hit", '"a"']);
    expect(answered.headers.has("content-length")).toBe(false);
    const other = await at.client.get("/", { headers: { "if-none-match": '"b"' } });
    expect([other.status, other.cached]).toEqual([200, "hit"]);
    expect(at.server.seen).toHaveLength(2);
    at.clock.advance(60 * SECOND);
    await at.client.get("/", { headers: { "if-none-match": '"b"' } });
    expect(at.server.last().headers["if-none-match"]).toBe('"b"');
  });

  test("a GET with a body is none that is stored", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }));
    await at.client.get("/", { body: "q" });
    expect((await at.client.get("/", { body: "q" })).cached).toBeUndefined();
    expect((await at.get())[0]).toBe("miss");
  });
});

describe("a HEAD that is sent", () => {
  test("says that what is stored is still true, or that it is not", async () => {
    let length = "5";
    await using at = await bench((response, { method }) => {
      response.sendDate = false;
      response.writeHead(200, {
        "cache-control": "max-age=1, stale-if-error=99",
        "content-length": length,
        "x-by": method,
      });
      response.end(method === "HEAD" ? undefined : "hello".padEnd(Number(length)));
    });
    await at.get();
    at.clock.advance(2 * SECOND);
    expect((await at.client.head("/")).cached).toBe("miss");
    const fresh = await at.client.get("/");
    expect([fresh.cached, fresh.headers.get("x-by"), await fresh.text()]).toEqual(["hit", "HEAD", "hello"]);
    at.clock.advance(2 * SECOND);
    length = "6";
    await at.client.head("/");
    expect((await at.client.get("/", { cache: "only-if-cached" })).status).toBe(504);
  });
});

describe("a body that is streamed", () => {
  const pieces = ["one ", "two ", "three"];
  function slowly(hold: { opened: Promise<void> } | undefined, end = true): Answer {
    return async (response) => {
      response.sendDate = false;
      response.writeHead(200, { "cache-control": "max-age=60" });
      for (const piece of pieces) response.write(piece);
      await hold?.opened;
      if (end) response.end();
      else response.destroy();
    };
  }

  test("is stored when it has been read to its end", async () => {
    await using at = await bench(slowly(undefined));
    const response = await at.client.get("/", { stream: true });
    expect(response.cached).toBe("miss");
    expect((await at.client.get("/", { cache: "only-if-cached" })).status).toBe(504);
    expect(await response.text()).toBe("one two three");
    expect(await at.get()).toEqual(["hit", "one two three"]);
    const streamed = await at.client.get("/", { stream: true });
    expect([streamed.cached, await streamed.text()]).toEqual(["hit", "one two three"]);
    let lines = 0;
    for await (const line of at.client.get("/").lines()) lines += line.length;
    expect(lines).toBe(13);
  });

  test("is not when it is left, or breaks off, or is too large", async () => {
    const hold = gate();
    await using at = await bench(
      { "/left": slowly(hold), "/broken": slowly(undefined, false), "/large": slowly(undefined) },
      { cache: { maxEntry: 12 } },
    );
    for await (const _ of at.client.get("/left").stream()) break;
    hold.open();
    await caught(at.client.get("/broken", { stream: true }).text(), NetworkError);
    expect(await at.client.get("/large", { stream: true }).text()).toBe("one two three");
    expect(await at.client.get("/large").text()).toBe("one two three");
    for (const path of ["/left", "/broken", "/large"]) {
      expect((await at.client.get(path, { cache: "only-if-cached" })).status).toBe(504);
    }
  });

  test("is given from the store after a 304, and in place of a failure, and the connection is free again", async () => {
    let down = false;
    await using at = await bench(
      (response, { headers }) => {
        response.sendDate = false;
        const known = headers["if-none-match"] === '"a"';
        const control = { etag: '"a"', "cache-control": "max-age=1, stale-if-error=60" };
        if (down) response.writeHead(503).end("down".repeat(100_000));
        else response.writeHead(known ? 304 : 200, control).end(known ? undefined : "whole");
      },
      { connections: 1 },
    );
    await at.get();
    for (const verdict of ["revalidated", "stale"]) {
      at.clock.advance(2 * SECOND);
      const response = await at.client.get("/", { stream: true });
      expect([response.status, response.cached, await response.text()]).toEqual([200, verdict, "whole"]);
      down = true;
    }
    // On the one connection that there is.
    down = false;
    expect(await at.get("/", "reload")).toEqual(["miss", "whole"]);
  });

  test("that fails has its error's text, whoever keeps it", async () => {
    await using at = await bench(counting({ "cache-control": "max-age=60" }, 404));
    const error = await caught(at.client.get("/").lines().next(), HttpError);
    expect(error).toMatchObject({ status: 404, text: "answer 1" });
  });
});

describe("the store", () => {
  test("holds so many bytes, and forgets what was used longest ago", async () => {
    const store = memoryCache({ maxBytes: 10_000 });
    await using at = await bench(
      (response) => {
        response.sendDate = false;
        response.writeHead(200, { "cache-control": "max-age=60" }).end("x".repeat(3000));
      },
      { cache: { store } },
    );
    await at.get("/a");
    await at.get("/b");
    await at.get("/a");
    await at.get("/c");
    await at.get("/d");
    expect(store.bytes).toBeLessThanOrEqual(10_000);
    expect(
      await Promise.all(
        ["/a", "/b", "/c", "/d"].map(async (path) => (await at.get(path, "only-if-cached"))[0]),
      ),
    ).toEqual(["miss", "miss", "hit", "hit"].map((_, index) => ["hit", "miss", "hit", "hit"][index]));
    store.clear();
    expect([store.bytes, store.size]).toEqual([0, 0]);
    expect((await at.get("/a"))[0]).toBe("miss");
  });

  test("that fails fails no call, and the log says so", async () => {
    const lines: string[] = [];
    const log = { debug() {}, info() {}, warn: (line: string) => void lines.push(line), error() {} };
    const broken = (): never => {
      throw new Error("the disk is full");
    };
    const store = { read: () => Promise.reject(new Error("gone")), write: broken, remove: broken };
    await using at = await bench(counting({ "cache-control": "max-age=60" }), { cache: { store }, log });
    expect(await at.get()).toEqual(["miss", "answer 1"]);
    await at.client.post("/");
    expect(lines).toEqual([
      "The cache could not be read: Error: gone",
      "The cache could not be written: Error: the disk is full",
      "The cache could not be changed: Error: the disk is full",
    ]);
  });

  test("that does not answer does not hold a call beyond its deadline", async () => {
    const store = { read: () => new Promise<never>(() => {}), write() {}, remove() {} };
    await using at = await bench(counting({}), { cache: { store } });
    const signal = AbortSignal.abort();
    await caught(at.client.get("/", { signal }), AbortError);
    const waiting = caught(at.client.get("/", { timeout: { total: 5000 } }), TimeoutError);
    await at.clock.armed(5000);
    at.clock.advance(5000);
    expect(await waiting).toMatchObject({ code: "ERR_TIMEOUT", phase: "total" });
  });

  test("may answer later", async () => {
    const memory = memoryCache();
    const store = {
      read: async (...parts: Parameters<typeof memory.read>) => memory.read(...parts),
      write: async (...parts: Parameters<typeof memory.write>) => memory.write(...parts),
      remove: async (...parts: Parameters<typeof memory.remove>) => memory.remove(...parts),
    };
    await using at = await bench(counting({ "cache-control": "max-age=60" }), { cache: { store } });
    await at.get();
    expect((await at.get())[0]).toBe("hit");
  });

  test("is one of several clients that are given it", async () => {
    const store = memoryCache();
    await using at = await bench(counting({ "cache-control": "max-age=60" }), { cache: { store } });
    await at.get();
    await using other = new Client({ baseUrl: at.server.origin, clock: at.clock, cache: { store } });
    expect((await other.get("/")).cached).toBe("hit");
  });
});

describe("the option", () => {
  function made(cache: unknown): unknown {
    try {
      // @ts-expect-error: what JavaScript may give.
      return new Client({ cache });
    } catch (error) {
      return error;
    }
  }

  test.each([
    ["yes", /"yes"; it takes true, false, a mode or/],
    [1, /the number 1/],
    [[], /an array/],
    [{ ttl: 5 }, /no field "ttl", but store, maxBytes, maxEntry, mode/],
    [{ mode: "never" }, /"never"; it takes "default", "no-store"/],
    [{ store: {} }, /read\(\), write\(\) and remove\(\)/],
    [{ store: Promise.resolve() }, /read\(\), write\(\) and remove\(\)/],
    [{ store: memoryCache(), maxBytes: 5 }, /a store and `maxBytes`/],
    [{ maxBytes: 0 }, /above 0/],
    [{ maxBytes: "1" }, /above 0/],
    [{ maxEntry: -1 }, /a number of bytes/],
    [{ heuristic: 1 }, /true or false/],
    [{ identity: "" }, /a name for who asks/],
  ])("%j is refused", (cache, message) => {
    const error = made(cache);
    expect(error).toBeInstanceOf(OptionsError);
    expect(String(error)).toMatch(message);
  });

  test("of a call asks something of a cache that is there", async () => {
    await using server = await serve((response) => void response.end("x"));
    await using client = new Client({ baseUrl: server.origin });
    expect(await caught(client.get("/", { cache: "reload" }), OptionsError)).toMatchObject({
      option: "cache",
    });
    // @ts-expect-error: of a client
    expect(await caught(client.get("/", { cache: true }), OptionsError)).toMatchObject({
      hint: expect.stringContaining("new Client"),
    });
    expect(await client.get("/", { cache: "no-store" }).text()).toBe("x");
    expect(await client.get("/", { cache: false }).text()).toBe("x");
  });

  test("a polluted prototype has no say in it", async () => {
    Object.defineProperty(Object.prototype, "mode", { value: "force-cache", configurable: true });
    Object.defineProperty(Object.prototype, "maxBytes", { value: 1, configurable: true });
    try {
      await using at = await bench(counting({ "cache-control": "max-age=1" }));
      await at.get();
      at.clock.advance(2 * SECOND);
      expect((await at.get())[0]).toBe("miss");
      expect((await at.get())[0]).toBe("hit");
    } finally {
      Reflect.deleteProperty(Object.prototype, "mode");
      Reflect.deleteProperty(Object.prototype, "maxBytes");
    }
  });

  test("heuristic: false takes nothing to be fresh that does not say so", async () => {
    const headers = { "last-modified": "Wed, 01 Jan 2020 00:00:00 GMT" };
    await using guessing = await bench(counting(headers));
    await guessing.get();
    expect((await guessing.get())[0]).toBe("hit");
    await using careful = await bench(counting(headers), { cache: { heuristic: false } });
    await careful.get();
    expect((await careful.get())[0]).toBe("miss");
  });
});

describe("what was done", () => {
  test("stands in the trace and in the log", async () => {
    const lines: string[] = [];
    const log = { debug: (line: string) => void lines.push(line), info() {}, warn() {}, error() {} };
    await using at = await bench(counting({ "cache-control": "max-age=60" }), { log });
    const details = ({ trace }: { trace: { toString(): string } }): string => trace.toString();
    expect(details(await at.client.get("/"))).toContain("miss");
    at.clock.advance(5 * SECOND);
    expect(details(await at.client.get("/"))).toContain("hit, 5 s old");
    expect(lines.at(-1)).toMatch(/^GET http.* → 200 \(cache: hit, 5 s old\)$/);
    await using uncached = await bench(counting({ "cache-control": "no-store" }));
    expect(details(await uncached.client.get("/"))).toContain("not stored: it says no-store");
  });
});
