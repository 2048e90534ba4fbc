import { describe, expect, test } from "vitest";
import {
  Client,
  type ClientOptions,
  type CookieStore,
  get,
  type Middleware,
  OptionsError,
  type Response,
  TimeoutError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Answer, type HttpServer, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

/** A body that begins and never ends: its connection is free when it is closed, and not before. */
function unending(status = 200): Answer {
  return (response) => {
    response.writeHead(status, { "set-cookie": "a=b" });
    response.write("one\n");
  };
}

class Mine extends Error {}

function boom(): never {
  throw new Mine("boom");
}

const throwing: Middleware = async (request, next) => {
  await next(request);
  return boom();
};

const throwingCopy: Middleware = async (request, next) => {
  (await next(request)).with({ headers: { "x-copy": "1" } });
  return boom();
};

const forgetful: CookieStore = { getCookieHeader: () => "", setCookies: boom };

describe("P20 a streamed response that never reaches the caller gives its connection back", () => {
  const cases: [string, ClientOptions, number][] = [
    ["use throws after next()", { use: [throwing] }, 200],
    ["wire throws after next()", { wire: [throwing] }, 200],
    ["use throws after with()", { use: [throwingCopy] }, 200],
    ["wire throws after with()", { wire: [throwingCopy] }, 200],
    ["onResponse throws", { hooks: { onResponse: boom } }, 200],
    ["onServerError throws", { hooks: { onServerError: boom }, raise: false }, 500],
    ["raise throws", { raise: boom }, 200],
    ["raise holds", { raise: () => true }, 200],
    ["raise gives a promise", { raise: (async () => false) as unknown as () => boolean }, 200],
    ["the cookie store throws", { cookies: forgetful }, 200],
    [
      "a middleware gives a good answer a bad status",
      { use: [async (request, next) => (await next(request)).with({ status: 500 })] },
      200,
    ],
  ];
  test.each(cases)("%s", async (_, options, status) => {
    // An error's body is read ahead as far as it goes, so that of the 500 has to have an end beyond that.
    await using server = await serve(
      status === 200 ? unending() : (response) => void response.writeHead(status).end("x".repeat(2 << 20)),
    );
    await using client = new Client({ retry: false, ...options });
    await expect(client.get(server.origin).lines().next()).rejects.toThrow();
    await expect.poll(() => server.open()).toBe(0);
  });

  test("of several that a middleware asked for, those that it does not answer", async () => {
    await using server = await serve(unending());
    const dropped: Response[] = [];
    const twice: Middleware = async (request, next) => {
      dropped.push(await next(request));
      return next(request);
    };
    await using client = new Client({ use: [twice] });
    const lines = client.get(server.origin).lines();
    expect((await lines.next()).value).toBe("one");
    expect(server.connections()).toBe(2);
    await expect.poll(() => server.open()).toBe(1);
    expect(dropped[0]?.bodyUsed).toBe(true);
    await lines.return?.();
  });

  test("one that comes when the middleware has answered", async () => {
    await using server = await serve({ "/fast": unending(), "/slow": unending() });
    let slow: Promise<Response> | undefined;
    let answered: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const late: Middleware = async (request, next) => {
      if (request.target === "/slow") await held;
      return next(request);
    };
    const race: Middleware = (request, next) => {
      slow = next(request.with({ target: "/slow" }));
      return next(request);
    };
    await using client = new Client({ use: [race], wire: [late] });
    const response = await client.get(`${server.origin}/fast`, { stream: true });
    answered?.();
    expect((await slow)?.bodyUsed).toBe(true);
    await expect.poll(() => [server.connections(), server.open()]).toEqual([2, 1]);
    expect(response.bodyUsed).toBe(false);
    await response.close();
  });

  test("and one that does keeps its body, through copies and hooks", async () => {
    await using server = await serve((response) => void response.end("one\ntwo"));
    const copying: Middleware = async (request, next) => {
      const response = (await next(request)).with({ headers: { "x-copy": "1" } });
      return response.with({ statusText: "copied" });
    };
    await using client = new Client({
      use: [copying],
      wire: [copying],
      hooks: { onResponse: [(response) => response.with({ status: 201 }), (response) => response.with({})] },
    });
    expect(await Array.fromAsync(client.get(server.origin).lines())).toEqual(["one", "two"]);
  });

  test("and one that a middleware goes on reading is left to it", async () => {
    await using server = await serve(async (response) => {
      response.write("one ");
      await new Promise((resolve) => setImmediate(resolve));
      response.end("two");
    });
    let text: Promise<string> | undefined;
    const spying: Middleware = async (request, next) => {
      text = (await next(request)).text();
      return next(request);
    };
    await using client = new Client({ use: [spying] });
    expect(await (await client.get(server.origin, { stream: true })).text()).toBe("one two");
    expect(await text).toBe("one two");
  });
});

async function occupied(server: HttpServer, client: Client): Promise<Response[]> {
  return Promise.all(Array.from({ length: 128 }, () => client.get(server.origin, { stream: true })));
}

test("who waits in vain for a connection is told what may hold them all", async () => {
  await using server = await serve(unending());
  const clock = new ManualClock();
  await using client = new Client({ clock, timeout: { queue: "5s", idle: null } });
  await occupied(server, client);
  const error = caught(client.get(server.origin, { retry: false }), TimeoutError);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5000);
  expect((await error).phase).toBe("queue");
  expect((await error).hint).toMatch(/a streamed response holds one until it is read or closed/);
});

describe("answers that must be true or false are no promises", () => {
  test("raise", async () => {
    await using server = await serve((response) => void response.end());
    const raise = (async () => false) as unknown as () => boolean;
    expect((await caught(get(server.origin, { raise }).text(), OptionsError)).option).toBe("raise");
  });

  test("auth.answers", async () => {
    await using server = await serve((response) => void response.writeHead(401).end());
    const answers = (async () => false) as unknown as () => boolean;
    const auth = { authorize: () => ({ headers: {} }), answers, refresh: () => {} };
    expect((await caught(get(server.origin, { auth }), OptionsError)).option).toBe("auth");
    expect(server.seen).toHaveLength(1);
  });
});

test.each(["use", "wire"] as const)("next() of %s takes a request and nothing else", async (option) => {
  await using server = await serve((response) => void response.end());
  await using client = new Client({
    [option]: [(_: unknown, next: (given: unknown) => unknown) => next({})],
  });
  expect((await caught(client.get(server.origin), OptionsError)).option).toBe(option);
  expect(server.seen).toHaveLength(0);
});
