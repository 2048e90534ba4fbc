import {
  AbortError,
  basic,
  bearer,
  CallerError,
  Client,
  type Clock,
  MemoryThrottleStore,
  OptionsError,
  type ThrottleOption,
  type ThrottleStore,
  TimeoutError,
} from "chasqui";
import { describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { type Gate, gate, until } from "../peers/gate.ts";
import { type HttpServer, json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

/** A server that answers nobody before it is told to, and knows how many it holds. */
interface Holding extends AsyncDisposable {
  readonly origin: string;
  /** The paths that have arrived, in their order. */
  readonly arrived: readonly string[];
  readonly held: number;
  /** Answers the one that has waited longest. */
  release(): void;
  releaseAll(): void;
}

async function holding(): Promise<Holding> {
  const gates: Gate[] = [];
  const arrived: string[] = [];
  let open = false;
  const server = await serve(async (response, { target }) => {
    arrived.push(target);
    const held = gate();
    gates.push(held);
    if (!open) await held.opened;
    response.end("{}");
  });
  return {
    origin: server.origin,
    arrived,
    get held() {
      return open ? 0 : gates.length;
    },
    release: () => gates.shift()?.open(),
    releaseAll: () => {
      open = true;
      for (const held of gates.splice(0)) held.open();
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Lets what can happen without the clock happen. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function throttled(server: { origin: string }, throttle: ThrottleOption, more: object = {}): Client {
  return new Client({ baseUrl: server.origin, throttle, ...more });
}

describe("concurrency", () => {
  test("P22 no more are under way at once, and each that ends lets the next one go", async () => {
    await using server = await holding();
    await using client = throttled(server, { concurrency: 2 });
    const calls = [0, 1, 2, 3, 4].map((n) => client.get(`/${n}`));
    const all = Promise.all(calls);
    await until(() => server.held === 2);
    await quiet();
    expect(server.arrived).toEqual(["/0", "/1"]);
    server.release();
    await until(() => server.arrived.length === 3);
    server.releaseAll();
    await all;
    expect(server.arrived).toEqual(["/0", "/1", "/2", "/3", "/4"]);
  });

  test("a slot ends at the headers of a streamed body: a call made while it is read goes on", async () => {
    await using server = await serve({ "/rows": json([1, 2]), "/row": json({}) });
    await using client = throttled(server, { concurrency: 1 });
    const statuses: number[] = [];
    for await (const _ of client.get("/rows").stream()) statuses.push((await client.get("/row")).status);
    expect(statuses).toEqual([200]);
  });

  test("P22 a slot is free again before a token is got anew, and the token's own request with that very client has one", async () => {
    let token = 1;
    await using server = await serve({
      "/token": json({ token: "t-2" }),
      "/": (response, { headers }) =>
        void response.writeHead(headers.authorization === "Bearer t-2" ? 200 : 401).end(),
    });
    await using client: Client = throttled(
      server,
      { concurrency: 1, per: "origin" },
      {
        auth: bearer(async () => {
          if (token++ === 1) return "t-1";
          return (await client.get("/token", { auth: null }).json<{ token: string }>()).token;
        }),
      },
    );
    expect((await client.get("/")).status).toBe(200);
  });

  test("a wait before a retry holds no slot", async () => {
    const clock = new ManualClock();
    let failed = false;
    await using server = await serve({
      "/flaky": (response) => {
        response.writeHead(failed ? 200 : 500).end();
        failed = true;
      },
      "/": json({}),
    });
    const retry = { jitter: "none", backoff: { base: 7000 } };
    await using client = throttled(server, { concurrency: 1 }, { clock, retry });
    const flaky = client.get("/flaky").then(({ status }) => status);
    await clock.armed(7000);
    expect((await client.get("/")).status).toBe(200);
    clock.advance(7000);
    expect(await flaky).toBe(200);
    expect(server.seen.map(({ target }) => target)).toEqual(["/flaky", "/", "/flaky"]);
  });

  test("a redirect to another origin has a slot of that origin's", async () => {
    await using there = await holding();
    await using here = await serve({ "/": redirectTo(`${there.origin}/moved`), "/own": json({}) });
    await using client = throttled(here, { concurrency: 1 }, { allowOrigins: [there.origin] });
    const moved = client.get("/").then(({ status }) => status);
    await until(() => there.held === 1);
    expect((await client.get("/own")).status).toBe(200);
    const second = client.get(`${there.origin}/second`).then(({ status }) => status);
    await quiet();
    expect(there.arrived).toEqual(["/moved"]);
    there.releaseAll();
    expect([await moved, await second]).toEqual([200, 200]);
  });

  test("whoever gives a slot back, those who came after it get it", async () => {
    await using server = await holding();
    await using client = throttled(server, { concurrency: 2 });
    const first = [client.get("/a").then(() => {}), client.get("/b").then(() => {})];
    await until(() => server.held === 2);
    server.release();
    await first[0];
    const later = ["/c", "/d"].map((path) => client.get(path).then(() => {}));
    await until(() => server.arrived.length === 3);
    server.release();
    await first[1];
    await until(() => server.arrived.length === 4);
    server.releaseAll();
    await Promise.all(later);
  });

  test("a failed exchange gives its slot back", async () => {
    await using server = await serve({ "/": (response) => void response.destroy(), "/fine": json({}) });
    await using client = throttled(server, { concurrency: 1 }, { retry: false });
    for (let n = 0; n < 3; n++) expect((await client.get("/").result()).ok).toBe(false);
    expect((await client.get("/fine")).status).toBe(200);
  });
});

describe("who has limits of its own", () => {
  async function together(client: Client, server: Holding, calls: readonly object[]): Promise<number> {
    const all = Promise.all(calls.map((options) => client.get("/", options)));
    await until(() => server.held > 0);
    await quiet();
    const most = server.held;
    server.releaseAll();
    await all;
    return most;
  }

  test.each<readonly [string, ThrottleOption, readonly object[], number]>([
    ["one credential", { concurrency: 1 }, [{ auth: basic("ann", "a") }, { auth: basic("ann", "a") }], 1],
    ["two credentials", { concurrency: 1 }, [{ auth: basic("ann", "a") }, { auth: basic("bob", "b") }], 2],
    [
      "keys set by hand",
      { concurrency: 1 },
      [
        { headers: { "x-api-key": "1" } },
        { headers: { "x-api-key": "2" } },
        { headers: { "x-api-key": "2" } },
      ],
      2,
    ],
    [
      "two credentials with limits per origin",
      { concurrency: 1, per: "origin" },
      [{ auth: basic("ann", "a") }, { auth: basic("bob", "b") }],
      1,
    ],
    [
      "a bucket by name",
      { concurrency: 1 },
      [{}, { throttle: { bucket: "search" } }, { throttle: { bucket: "search" } }],
      2,
    ],
    ["calls that are not throttled", { concurrency: 1 }, [{}, { throttle: false }, { throttle: false }], 3],
    [
      "two that do not say who they are",
      { concurrency: 1 },
      [{ auth: { authorize: () => ({}) } }, { auth: { authorize: () => ({}) } }],
      2,
    ],
  ])("P22 limits are of whom they are of: %s", async (_, throttle, calls, most) => {
    await using server = await holding();
    await using client = throttled(server, throttle);
    expect(await together(client, server, calls)).toBe(most);
  });

  test("one that does not say who it is has limits all the same", async () => {
    await using server = await holding();
    const auth = { authorize: () => ({}) };
    await using client = throttled(server, { concurrency: 1 }, { auth });
    expect(await together(client, server, [{}, {}, {}])).toBe(1);
  });

  test("clients that share a store share their limits, and those of extend() too", async () => {
    await using server = await holding();
    const store = new MemoryThrottleStore();
    await using one = throttled(server, { concurrency: 2, store });
    await using other = throttled(server, { concurrency: 2, store });
    const child = one.extend({});
    const all = Promise.all([one, other, child].flatMap((client) => [client.get("/"), client.get("/")]));
    await until(() => server.held === 2);
    await quiet();
    expect(server.held).toBe(2);
    server.releaseAll();
    await all;
  });

  test("clients with stores of their own know nothing of each other", async () => {
    await using server = await holding();
    await using one = throttled(server, { concurrency: 1 });
    await using other = throttled(server, { concurrency: 1 });
    const all = Promise.all([one.get("/"), other.get("/")]);
    await until(() => server.held === 2);
    server.releaseAll();
    await all;
  });
});

describe("the rate", () => {
  test("P22 no more are started in any window, and no time is lost on the way", async () => {
    const clock = new ManualClock();
    await using server = await serve(json({}));
    await using client = throttled(server, "2/10s", { clock });
    await Promise.all([client.get("/"), client.get("/")]);
    const third = client.get("/").then(() => clock.now());
    // The window and what is added to it, for the server counts when a request arrives.
    await clock.armed(10_200);
    clock.advance(10_199);
    await quiet();
    expect(server.seen).toHaveLength(2);
    clock.advance(1);
    await third;
    expect(server.seen).toHaveLength(3);
  });

  test("several rates hold at once; a burst of 1 spreads them evenly", async () => {
    const clock = new ManualClock();
    await using server = await serve(json({}));
    await using client = throttled(server, { rate: ["10/s", "4/10s"], burst: 1 }, { clock });
    const all = Promise.all([1, 2, 3].map(() => client.get("/")));
    for (const at of [1, 2]) {
      await until(() => server.seen.length === at);
      await clock.armed(2500);
      clock.advance(2500);
    }
    await all;
    expect(server.seen).toHaveLength(3);
  });
});

describe("turns", () => {
  /** The order in which calls arrive that wait behind one another for a single slot. */
  async function order(
    server: Holding,
    begin: (client: Client) => readonly PromiseLike<unknown>[],
  ): Promise<string[]> {
    await using client = throttled(server, { concurrency: 1 });
    const first = client.get("/first").then(() => {});
    await until(() => server.held === 1);
    const all = Promise.all([first, ...begin(client)]);
    await quiet();
    for (let n = 1; server.held > 0; n++) {
      await until(() => server.arrived.length === n);
      server.release();
      await quiet();
    }
    await all;
    return server.arrived.slice(1);
  }

  const started = (client: Client, path: string, options: object = {}): Promise<void> =>
    client.get(path, options).then(() => {});

  test("those who came first go first, and those of high priority before them", async () => {
    await using server = await holding();
    const arrived = await order(server, (client) => [
      started(client, "/low", { throttle: { priority: "low" } }),
      started(client, "/a"),
      started(client, "/b"),
      started(client, "/high", { throttle: { priority: "high" } }),
    ]);
    expect(arrived).toEqual(["/high", "/a", "/b", "/low"]);
  });

  test("P22 clients of one store have their turns one after the other, however many calls each makes", async () => {
    await using server = await holding();
    const arrived = await order(server, (client) => {
      const [busy, other] = [client.extend({}), client.extend({})];
      return [
        ...[1, 2, 3, 4].map((n) => started(busy, `/busy-${n}`)),
        started(other, "/other-1"),
        started(other, "/other-2"),
      ];
    });
    expect(arrived).toEqual(["/busy-1", "/other-1", "/busy-2", "/other-2", "/busy-3", "/busy-4"]);
  });
});

describe("a call that waits", () => {
  /** A client whose only slot is taken, and the call that has it. */
  async function busy(
    server: Holding,
    more: object = {},
    throttle: object = {},
  ): Promise<[Client, Promise<unknown>]> {
    const client = throttled(server, { concurrency: 1, ...throttle }, more);
    const first = client.get("/first").result();
    await until(() => server.held === 1);
    return [client, first];
  }

  test("P22 ends at once with its signal, and its place in the queue is the next one's", async () => {
    await using server = await holding();
    const [client, first] = await busy(server, {}, { queue: 1 });
    await using _ = client;
    const controller = new AbortController();
    const given = caught(client.get("/given-up", { signal: controller.signal }), AbortError);
    await quiet();
    controller.abort();
    await given;
    const next = client.get("/next").then(({ status }) => status);
    await quiet();
    server.releaseAll();
    await first;
    expect(await next).toBe(200);
    expect(server.arrived).toEqual(["/first", "/next"]);
  });

  test.each<readonly [string, object, string, number]>([
    ["timeout.queue", { queue: 500 }, "queue", 500],
    ["timeout.total", { total: 700 }, "total", 700],
  ])("ends with %s", async (_, timeout, phase, ms) => {
    const clock = new ManualClock();
    await using server = await holding();
    const [client, first] = await busy(server, { clock });
    await using __ = client;
    const late = caught(client.get("/late", { timeout }), TimeoutError);
    await clock.armed(ms);
    await quiet();
    clock.advance(ms);
    const error = await late;
    expect([error.phase, error.timeout, error.attempts]).toEqual([phase, ms, 0]);
    expect(error.hint).toMatch(/^It waited for/);
    server.releaseAll();
    await first;
    expect(server.arrived).toEqual(["/first"]);
  });

  test("ends at once when its client is closed, and those of another client with the same store go on", async () => {
    await using server = await holding();
    const store = new MemoryThrottleStore();
    const [client, first] = await busy(server, {}, { store });
    await using other = throttled(server, { concurrency: 1, store });
    const waiting = caught(client.get("/waiting"), AbortError);
    const others = other.get("/others").then(({ status }) => status);
    await quiet();
    await client.close();
    await waiting;
    await first;
    server.releaseAll();
    expect(await others).toBe(200);
    expect(server.arrived).toEqual(["/first", "/others"]);
  });

  test("P22 says how many wait when the queue is full, and what for", async () => {
    await using server = await holding();
    const [client, first] = await busy(server, {}, { queue: 2 });
    await using _ = client;
    const waiting = Promise.all([client.get("/2"), client.get("/3")]);
    await quiet();
    const fourth = client.get("/4").result();
    await quiet();
    // One that was let in would be answered now, and not wait for ever.
    server.releaseAll();
    const { error } = await fourth;
    expect(error).toMatchObject({ code: "ERR_TIMEOUT", phase: "queue", timeout: undefined });
    expect(error?.message).toContain("The queue of `throttle` is full: 2 wait");
    expect(error?.hint).toContain("raise `throttle.queue`");
    await Promise.all([first, waiting]);
    expect(server.arrived).toEqual(["/first", "/2", "/3"]);
  });

  test("queue: 0 lets nobody wait", async () => {
    await using server = await holding();
    const [client, first] = await busy(server, {}, { queue: 0 });
    await using _ = client;
    const second = client.get("/2").result();
    await quiet();
    server.releaseAll();
    expect((await second).error).toBeInstanceOf(TimeoutError);
    await first;
  });

  test("tells in its trace that it waited, and what for", async () => {
    await using server = await holding();
    const [client, first] = await busy(server);
    await using _ = client;
    const second = client.get("/second");
    const answered = second.then(({ trace }) => trace.events);
    await quiet();
    server.releaseAll();
    await first;
    expect(
      (await answered).map((event) => ("detail" in event ? [event.kind, event.detail] : event.kind)),
    ).toEqual([["throttle", "1 under way"], "exchange"]);
  });
});

describe("a refusal", () => {
  /** Refuses the first request to `/`, with these headers, and tells of no limits. */
  async function refusing(headers: Record<string, string>, status = 429): Promise<HttpServer> {
    let refused = false;
    return serve((response, { target }) => {
      response
        .writeHead(target === "/" && !refused ? status : 200, target === "/" && !refused ? headers : {})
        .end();
      if (target === "/") refused = true;
    });
  }

  test.each<readonly [string, Record<string, string>, number, number]>([
    ["429 with Retry-After", { "retry-after": "30" }, 429, 30_000],
    ["429 with retry-after-ms", { "retry-after-ms": "1500" }, 429, 1500],
    ["429 that says nothing", {}, 429, 1000],
    ["429 whose quota tells when", { ratelimit: '"a";r=0;t=20' }, 429, 20_000],
    ["503 with Retry-After", { "retry-after": "5" }, 503, 5000],
    ["403 with Retry-After, as GitHub has it", { "retry-after": "60" }, 403, 60_000],
    ["403 with nothing left", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" }, 403, 9000],
    ["a Retry-After of ten years, for an hour", { "retry-after": "315360000" }, 429, 3_600_000],
  ])(
    "P22 %s pauses all calls of the bucket, and not the one that was refused",
    async (_, headers, status, pause) => {
      const clock = new ManualClock();
      await using server = await refusing(headers, status);
      await using client = throttled(server, { maxWait: "1h" }, { clock, retry: false, random: () => 0 });
      expect((await client.get("/")).status).toBe(status);
      const other = client.get("/other").then(({ status }) => status);
      await clock.armed(pause);
      await quiet();
      expect(server.seen).toHaveLength(1);
      clock.advance(pause);
      expect(await other).toBe(200);
    },
  );

  test.each<readonly [string, Record<string, string>, number]>([
    ["503 without Retry-After", {}, 503],
    ["403 of who may not", { "x-ratelimit-remaining": "5" }, 403],
    ["500", { "retry-after": "30" }, 500],
  ])("%s is none", async (_, headers, status) => {
    const clock = new ManualClock();
    await using server = await refusing(headers, status);
    await using client = throttled(server, true, { clock, retry: false });
    await client.get("/");
    expect((await client.get("/other")).status).toBe(200);
  });

  test("other buckets go on; a refused call that is tried again goes when the pause is over", async () => {
    const clock = new ManualClock();
    await using server = await refusing({ "retry-after": "30" });
    await using client = throttled(server, true, { clock, random: () => 0 });
    const refused = client.get("/").then(({ status }) => status);
    await clock.armed(30_000);
    expect((await client.get("/elsewhere", { throttle: { bucket: "b" } })).status).toBe(200);
    clock.advance(30_000);
    expect(await refused).toBe(200);
  });

  test("the pause is lengthened by a little that is drawn: others were told the same", async () => {
    const clock = new ManualClock();
    await using server = await refusing({ "retry-after": "30" });
    await using client = throttled(server, true, { clock, retry: false, random: () => 0.5 });
    await client.get("/");
    const other = client.get("/other");
    const answered = other.then(() => {});
    await clock.armed(30_500);
    clock.advance(30_500);
    await answered;
  });

  test.each<readonly [string, Record<string, string>, ThrottleOption, number]>([
    ["a Retry-After of an hour", { "retry-after": "3600" }, true, 60_000],
    ["a quota that is spent for an hour", { ratelimit: '"a";r=0;t=3600' }, true, 60_000],
    ["a Retry-After of 70 s", { "retry-after": "70" }, { rate: "9/s", learn: false }, 60_000],
    ["more than maxWait", { "retry-after": "7" }, { maxWait: "5s" }, 5000],
    ["anything, with maxWait: 0", { "retry-after": "2" }, { maxWait: 0 }, 0],
  ])(
    "#152 %s is not waited for: the calls after it are refused at once, with what to do",
    async (_, headers, throttle, limit) => {
      const clock = new ManualClock();
      await using server = await refusing(headers);
      await using client = throttled(server, throttle, { clock, retry: false, random: () => 1 });
      expect((await client.get("/")).status).toBe(429);
      const calls = [1, 2, 3].map((id) => client.get(`/${id}`).result());
      await quiet();
      // Before they are waited for: who waits has a timer, and nobody here lets its time come.
      expect(clock.pending).toBe(0);
      for (const { error } of await Promise.all(calls)) {
        expect(error).toMatchObject({ code: "ERR_TIMEOUT", phase: "queue", timeout: limit, attempts: 0 });
        expect(error?.message).toMatch(/lets nobody in for another \d+ s \(the server's pause\)/);
        expect(error?.hint).toContain("`throttle.maxWait`");
      }
      expect(server.seen).toHaveLength(1);
      clock.advance(3_700_000);
      expect((await client.get("/later")).status).toBe(200);
    },
  );

  test("a quota that an answer says is spent for an hour is not waited for, though nobody was refused", async () => {
    const clock = new ManualClock();
    const spent = { "x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "3000" };
    await using server = await serve((response) => void response.writeHead(200, spent).end());
    await using client = throttled(server, true, { clock });
    await client.get("/1");
    const error = await caught(client.get("/2"), TimeoutError);
    expect(error.message).toContain("The server lets nobody in for another 3000 s (the server's limit)");
    clock.advance(3_000_000);
    expect((await client.get("/3")).status).toBe(200);
  });

  test("those that wait already are refused when the server says that it will be long", async () => {
    const clock = new ManualClock();
    await using server = await refusing({ "retry-after": "3600" });
    await using client = throttled(server, { concurrency: 1 }, { clock, retry: false });
    const calls = [client.get("/"), client.get("/2").result(), client.get("/3").result()] as const;
    const [first, second, third] = await Promise.all(calls);
    expect(first.status).toBe(429);
    for (const result of [second, third]) {
      expect(result).toMatchObject({ ok: false, error: { phase: "queue", attempts: 0 } });
    }
  });

  test("a rate of one's own is waited for however long it takes", async () => {
    const clock = new ManualClock();
    await using server = await serve(json({}));
    await using client = throttled(server, "1/2h", { clock });
    await client.get("/1");
    const second = client.get("/2").then(({ status }) => status);
    await clock.armed(7_200_250);
    clock.advance(7_200_250);
    expect(await second).toBe(200);
  });

  test("a Retry-After that retries wait out, because they were told to, is followed by a turn", async () => {
    const clock = new ManualClock();
    await using server = await refusing({ "retry-after": "3600" });
    const retry = { maxWait: "2h" } as const;
    await using client = throttled(server, true, { clock, retry, random: () => 0.5 });
    const call = client.get("/").then(({ status }) => status);
    await clock.armed(3_600_000);
    clock.advance(3_600_000);
    expect(await call).toBe(200);
  });

  test("learn: false reads no quotas, and is paused all the same", async () => {
    const clock = new ManualClock();
    const spent = { ratelimit: '"a";r=0;t=20' };
    await using server = await serve((response, { target }) => {
      response.writeHead(target === "/refused" ? 429 : 200, spent).end();
    });
    await using client = throttled(server, { learn: false }, { clock, retry: false, random: () => 0 });
    await client.get("/");
    await client.get("/refused");
    const paused = client.get("/").then(() => clock.now());
    await clock.armed(20_000);
    clock.advance(20_000);
    await paused;
  });
});

describe("the store", () => {
  test("one that answers late is asked for each, and slots of calls that were given up are given back", async () => {
    const memory = new MemoryThrottleStore();
    const given: (string | undefined)[] = [];
    let delay: Promise<void> = Promise.resolve();
    const store: ThrottleStore = {
      take: async (ask) => {
        await delay;
        return memory.take(ask);
      },
      give: async (bucket, slot, report) => {
        given.push(report === undefined ? "unused" : slot);
        memory.give(bucket, slot, report);
      },
    };
    await using server = await serve(json({}));
    await using client = throttled(server, { concurrency: 1, store });
    await Promise.all([client.get("/1"), client.get("/2"), client.get("/3")]);
    expect(given).toEqual(["1", "2", "3"]);
    const held = gate();
    delay = held.opened;
    const controller = new AbortController();
    const gone = caught(client.get("/gone", { signal: controller.signal }), AbortError);
    await quiet();
    controller.abort();
    await gone;
    held.open();
    await until(() => given.length === 4);
    expect(given.at(-1)).toBe("unused");
    expect((await client.get("/4")).status).toBe(200);
    expect(server.seen.map(({ target }) => target)).toEqual(["/1", "/2", "/3", "/4"]);
  });

  test("maxWait bounds the waits that a store says are the server's word, and no others", async () => {
    const clock = new ManualClock();
    await using server = await serve(json({}));
    const saying = (told: boolean | undefined): ThrottleStore => ({
      take: () => (clock.now() < 3_600_000 ? { wait: 3_600_000, reason: "theirs", told } : { slot: "1" }),
      give: () => {},
    });
    await using bounded = throttled(server, { store: saying(true) }, { clock });
    const error = await caught(bounded.get("/"), TimeoutError);
    expect(error).toMatchObject({ phase: "queue", timeout: 60_000, attempts: 0 });
    expect(clock.pending).toBe(0);
    await using patient = throttled(server, { store: saying(undefined) }, { clock });
    const waiting = patient.get("/").result();
    await until(() => clock.pending === 1);
    clock.advance(3_600_000);
    expect((await waiting).ok).toBe(true);
  });

  test("queue: 0 of a far store lets the first one ask, and not wait", async () => {
    await using server = await serve(json({}));
    const store: ThrottleStore = { take: async () => ({ wait: 1000, reason: "the others" }), give: () => {} };
    await using client = throttled(server, { queue: 0, store });
    const error = await caught(client.get("/"), TimeoutError);
    expect([error.phase, error.timeout]).toEqual(["queue", undefined]);
    expect(error.hint).toContain("(the others)");
  });

  test("a clock that throws ends those that wait", async () => {
    const clock = new ManualClock();
    const broken: Clock = {
      now: () => clock.now(),
      date: () => clock.date(),
      timer: (ms, callback) => {
        if (ms === 12_345) throw new Error("no timers");
        return clock.timer(ms, callback);
      },
    };
    await using server = await serve(json({}));
    const store: ThrottleStore = { take: () => ({ wait: 12_345 }), give: () => {} };
    await using client = throttled(server, { store }, { clock: broken });
    expect((await caught(client.get("/"), CallerError)).message).toContain("The clock has thrown");
  });

  test.each<readonly [string, ThrottleStore["take"], ThrottleStore["give"]]>([
    [
      "take() throws",
      () => {
        throw new Error("down");
      },
      () => {},
    ],
    ["take() rejects", () => Promise.reject(new Error("down")), () => {}],
    ["take() gives neither slot nor wait", () => ({ wait: Number.NaN }), () => {}],
  ])("a store of which %s ends the call in a CallerError", async (_, take, give) => {
    await using server = await serve(json({}));
    await using client = throttled(server, { store: { take, give } });
    const error = await caught(client.get("/"), CallerError);
    expect(error.message).toContain("The store of `throttle` has thrown");
    expect(server.seen).toHaveLength(0);
  });

  test("what give() throws is thrown to the next call", async () => {
    let failing = true;
    const store: ThrottleStore = {
      take: () => ({ slot: "1" }),
      give: async () => {
        if (failing) throw new Error("down");
      },
    };
    await using server = await serve(json({}));
    await using client = throttled(server, { store });
    expect((await client.get("/1")).status).toBe(200);
    failing = false;
    await quiet();
    await caught(client.get("/2"), CallerError);
    expect((await client.get("/3")).status).toBe(200);
  });
});

describe("options", () => {
  test.each<readonly [unknown, string]>([
    ["fast", "throttle.rate"],
    ["10", "throttle.rate"],
    ["0/s", "throttle.rate"],
    ["0.5/s", "throttle.rate"],
    ["10/fortnight", "throttle.rate"],
    ["9/999999999d", "throttle.rate"],
    [10, "throttle"],
    [null, "throttle"],
    [[], "throttle"],
    [{ rate: { limit: 0, window: "1s" } }, "throttle.rate.limit"],
    [{ rate: { limit: 1, window: "1" } }, "throttle.rate.window"],
    [{ rate: { limit: 1, window: "1s", burst: 3 } }, "throttle.rate"],
    [{ rate: ["1/s", 7] }, "throttle.rate"],
    [{ burst: 3 }, "throttle.burst"],
    [{ rate: "1/s", burst: 0 }, "throttle.burst"],
    [{ concurrency: 0 }, "throttle.concurrency"],
    [{ concurrency: 1.5 }, "throttle.concurrency"],
    [{ queue: -1 }, "throttle.queue"],
    [{ maxWait: -1 }, "throttle.maxWait"],
    [{ maxWait: "long" }, "throttle.maxWait"],
    [{ priority: 1 }, "throttle.priority"],
    [{ learn: "yes" }, "throttle.learn"],
    [{ per: "host" }, "throttle.per"],
    [{ bucket: "" }, "throttle.bucket"],
    [{ store: {} }, "throttle.store"],
    [{ maxConcurrent: 3 }, "throttle.maxConcurrent"],
    [{ constructor: 3 }, "throttle.constructor"],
  ])("%j is refused by name", (throttle, option) => {
    expect(() => new Client({ throttle: throttle as ThrottleOption })).toThrow(
      expect.objectContaining({ name: "OptionsError", option }),
    );
  });

  test.each<readonly [object, string]>([
    [{ rate: "10/s" }, "throttle.rate"],
    [{ priority: "urgent" }, "throttle.priority"],
    ["10/s" as unknown as object, "throttle"],
    [true as unknown as object, "throttle"],
  ])("%j of a call is refused by name", async (throttle, option) => {
    await using client = new Client({ throttle: true });
    const error = await caught(
      client.get("http://127.0.0.1:1/", { throttle: throttle as { bucket: string } }),
      OptionsError,
    );
    expect(error.option).toBe(option);
  });

  test("a place among those that wait is refused where nobody waits", async () => {
    await using client = new Client();
    const error = await caught(
      client.get("http://127.0.0.1:1/", { throttle: { priority: "high" } }),
      OptionsError,
    );
    expect(error.hint).toContain("new Client({ throttle");
  });

  test("S55: a polluted prototype sets no limits", async () => {
    const polluted = Object.prototype as Record<string, unknown>;
    polluted.concurrency = "x";
    try {
      expect(() => new Client({ throttle: {} })).not.toThrow();
    } finally {
      delete polluted.concurrency;
    }
  });

  test("what a child leaves out of its limits stays its parent's, and false switches them off", async () => {
    await using server = await holding();
    await using parent = throttled(server, { concurrency: 1 });
    const child = parent.extend({ throttle: { priority: "low" } });
    const free = parent.extend({ throttle: false });
    const all = Promise.all([child, child, free].map((client) => client.get("/")));
    await until(() => server.held === 2);
    await quiet();
    expect(server.held).toBe(2);
    server.releaseAll();
    await all;
  });
});
