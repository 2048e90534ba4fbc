import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  AbortError,
  BodyTooLargeError,
  bearer,
  Client,
  type ClientOptions,
  DecodeError,
  get,
  HttpError,
  NetworkError,
  OptionsError,
  post,
  type ServerSentEvent,
  TimeoutError,
  ValidationError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { type Answer, redirectTo, type Seen, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

const TYPE = { "content-type": "text/event-stream" };

/** Sends some text and ends in good order. */
function sends(text: string, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(200, { ...TYPE, ...headers }).end(text);
}

/** One answer after the other, and a 204 when there are no more. */
function inTurn(...answers: Answer[]): Answer {
  let turn = 0;
  return (response, seen, request) => {
    const answer = answers[turn++];
    if (answer === undefined) response.writeHead(204).end();
    else return answer(response, seen, request);
  };
}

/** Sends some text, and then the connection breaks. */
function breaks(text: string): Answer {
  return (response, _seen, request) => {
    response.writeHead(200, TYPE);
    response.write(text, () => setImmediate(() => request.socket.destroy()));
  };
}

/** A client without jitter on a clock that goes on by itself: each wait is counted, and over at once. */
function hasty(
  options: ClientOptions = {},
  hurries = (ms: number): boolean => ms < 9000,
): { client: Client; clock: ManualClock } {
  const clock = new ManualClock();
  const arm = clock.timer.bind(clock);
  clock.timer = (ms, callback) => {
    const timer = arm(ms, callback);
    if (hurries(ms)) setImmediate(() => clock.advance(ms));
    return timer;
  };
  return { client: new Client({ clock, retry: { jitter: "none" }, ...options }), clock };
}

const plain = ({ event, data, id }: ServerSentEvent): object => ({ event, data, id });
const all = async (events: AsyncIterable<ServerSentEvent>): Promise<string[]> => {
  const data: string[] = [];
  for await (const event of events) data.push(event.data);
  return data;
};
const lastIds = (seen: readonly Seen[]): (string | undefined)[] =>
  seen.map(({ headers }) => headers["last-event-id"]);

describe("events() asks", () => {
  test("for an event stream and no store, unless the headers say otherwise", async () => {
    await using server = await serve(sends("data: a\n\n"));
    const quiet = { reconnect: false } as const;
    await all(get(server.origin).events(quiet));
    expect(server.last().headers).toMatchObject({ accept: "text/event-stream", "cache-control": "no-store" });
    const headers = { accept: "text/event-stream;q=1", "cache-control": "no-cache" };
    await all(get(server.origin, { headers }).events(quiet));
    expect(server.last().headers).toMatchObject(headers);
    await all(get(server.origin).events({ ...quiet, lastEventId: "7" }));
    expect(server.last().headers["last-event-id"]).toBe("7");
  });

  test("with no limit on silence, unless one is named", async () => {
    const silent: Answer = (response) => {
      response.writeHead(200, TYPE);
      response.write(": there\n\n");
    };
    await using server = await serve(silent);
    const clock = new ManualClock();
    await using client = new Client({ clock });
    const events = client.get(server.origin).events({ reconnect: false });
    const waiting = events.next();
    await until(() => server.seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    clock.advance(3_600_000);
    expect(await Promise.race([waiting, Promise.resolve("silence")])).toBe("silence");
    await events.return?.();

    const limited = client.get(server.origin, { timeout: { idle: "2s" } }).events({ reconnect: false });
    const late = limited.next();
    await clock.armed(2000);
    clock.advance(2000);
    expect((await caught(late, TimeoutError)).phase).toBe("idle");
  });
});

describe("events() reads", () => {
  test("event, data, id and JSON, by a schema too", async () => {
    const text = 'id: 1\nevent: post\ndata: {"id":1,\ndata: "title":"ñ"}\n\ndata: bare\n\n';
    await using server = await serve(sends(text));
    const [first, second] = await Array.fromAsync(get(server.origin).events({ reconnect: false }));
    if (first === undefined || second === undefined) throw new Error("there are two events");
    expect(plain(first)).toEqual({ event: "post", data: '{"id":1,\n"title":"ñ"}', id: "1" });
    expect(plain(second)).toEqual({ event: "message", data: "bare", id: "1" });
    expect(await first.json()).toEqual({ id: 1, title: "ñ" });
    const typed: { id: number } = await first.json(z.object({ id: z.number() }));
    expect(typed).toEqual({ id: 1 });
    await caught(first.json(z.object({ id: z.string() })), ValidationError);
    const error = await caught(second.json(), DecodeError);
    expect(error.message).not.toContain("bare");
    expect(error.request?.url).toContain(server.origin);
  });

  test("events as the server writes them", async () => {
    const more = gate();
    await using server = await serve(async (response) => {
      response.writeHead(200, TYPE);
      response.write("data: one\n\ndata: tw");
      await more.opened;
      response.end("o\n\ndata: never ended\n");
    });
    const events = get(server.origin).events({ reconnect: false });
    expect((await events.next()).value?.data).toBe("one");
    more.open();
    expect((await events.next()).value?.data).toBe("two");
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("a response too, buffered or streamed", async () => {
    await using server = await serve(
      sends("data: a\n\ndata: b\n\n", { "content-type": "Text/Event-Stream; charset=x" }),
    );
    expect(await all((await get(server.origin)).events())).toEqual(["a", "b"]);
    expect(await all((await get(server.origin, { stream: true })).events())).toEqual(["a", "b"]);
    const begun = get(server.origin);
    await begun;
    expect(await all(begun.events())).toEqual(["a", "b"]);
    await caught(begun.events({ reconnect: true }).next(), OptionsError);
  });

  test("several who ask at once get the events in order", async () => {
    await using server = await serve(inTurn(sends("id: 1\ndata: a\n\ndata: b\n\n"), sends("data: c\n\n")));
    const { client } = hasty();
    await using _ = client;
    const events = client.get(server.origin).events();
    const results = await Promise.all(Array.from({ length: 5 }, () => events.next()));
    expect(results.map(({ value }) => value?.data)).toEqual(["a", "b", "c", undefined, undefined]);
  });

  test.each([
    ["text/html", "is text/html, not text/event-stream"],
    [undefined, "has no content type, not text/event-stream"],
    ["text/event-streams", "is text/event-streams"],
  ])(
    "a content type of %s is a DecodeError that says what came, and frees the connection",
    async (type, said) => {
      await using server = await serve((response) => {
        response.writeHead(200, type === undefined ? {} : { "content-type": type });
        response.write("data: a\n\n");
      });
      await using client = new Client();
      const error = await caught(client.get(server.origin).events().next(), DecodeError);
      expect(error.message).toContain(said);
      await until(() => server.open() === 0);
      const response = await client.get(server.origin, { stream: true });
      await caught(response.events().next(), DecodeError);
      await until(() => server.open() === 0);
      expect(server.seen.length).toBe(2);
    },
  );

  test("a 204 has no events, and ends them", async () => {
    await using server = await serve((response) => void response.writeHead(204).end());
    expect(await all(get(server.origin).events())).toEqual([]);
    expect(await all((await get(server.origin)).events())).toEqual([]);
    expect(server.seen.length).toBe(2);
  });

  test("a bad status raises, and is not tried again beyond the policy", async () => {
    await using server = await serve((response) => void response.writeHead(404).end("none"));
    const error = await caught(get(server.origin).events().next(), HttpError);
    expect([error.status, error.text, server.seen.length]).toEqual([404, "none", 1]);
  });

  test.each([
    ["a line", `: ${"x".repeat(1000)}\n\n`],
    ["a line that does not end", "data: ".padEnd(1001, "x")],
    ["the data of an event", `${"data: 89 123456789 123456789\n".repeat(45)}\n`],
  ])("%s that is longer than maxRecord is a BodyTooLargeError, and no reconnection", async (_what, text) => {
    await using server = await serve(sends(`data: first\n\n${text}`));
    await using client = new Client({ maxRecord: 1000 });
    const events = client.get(server.origin).events();
    expect((await events.next()).value?.data).toBe("first");
    expect(await caught(events.next(), BodyTooLargeError)).toMatchObject({ limit: 1000, what: "record" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(server.seen.length).toBe(1);
  });

  test("S14 maxBytes counts the decoded bytes of a stream of events", async () => {
    const bomb = gzipSync(`${": nothing\n".repeat(100_000)}`);
    await using server = await serve((response) => {
      response.writeHead(200, { ...TYPE, "content-encoding": "gzip" }).end(bomb);
    });
    await caught(get(server.origin, { maxBytes: 5000 }).events().next(), BodyTooLargeError);
    expect(server.seen.length).toBe(1);
  });
});

describe("after a drop events() goes on", () => {
  test("with the id of the last event, at the end of a body and after a break, until a 204", async () => {
    await using server = await serve(
      inTurn(
        sends("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: half"),
        breaks("data: c\n\nid\ndata: d\n\nid: ñ\n\n"),
        sends("data: e\n\n"),
      ),
    );
    const { client } = hasty();
    await using _ = client;
    expect(await all(client.get(server.origin).events())).toEqual(["a", "b", "c", "d", "e"]);
    // In UTF-8, as the HTML standard writes it.
    expect(lastIds(server.seen)).toEqual([undefined, "2", "Ã±", "Ã±"]);
    expect(server.seen.every(({ headers }) => headers.accept === "text/event-stream")).toBe(true);
  });

  test("after the server's own `retry`, which only digits can be, and else after a wait that grows", async () => {
    await using server = await serve(
      inTurn(
        sends("retry: 400\nretry: 1e9\nretry: -5\n\ndata: a\n\n"),
        sends("data: b\n\n"),
        (response) => void response.writeHead(503).end(),
        (response) => void response.writeHead(503, { "retry-after": "2" }).end(),
      ),
    );
    const { client, clock } = hasty({ timeout: null });
    await using _ = client;
    const events = client.get(server.origin).events({ reconnect: { delay: 300 } });
    expect(await all(events)).toEqual(["a", "b"]);
    // The server's, twice; then what failures in a row add to it.
    expect(clock.waits).toEqual([400, 400, 600, 2000]);
  });

  test.each([
    [{}, 1000],
    [{ delay: 5000 }, 1000],
    [{ delay: 200 }, 200],
    [{ maxDelay: 700 }, 700],
  ])(
    "not at once after connections that do not stand, where the server says `retry: 0` and the caller %j",
    async (reconnect, wait) => {
      await using server = await serve(inTurn(...Array<Answer>(12).fill(sends("retry: 0\ndata: a\n\n"))));
      const { client, clock } = hasty({ timeout: null });
      await using _ = client;
      expect(await all(client.get(server.origin).events({ reconnect }))).toHaveLength(12);
      expect(clock.waits).toEqual(Array(12).fill(wait));
    },
  );

  test("at once after a connection that stood for ten seconds, where the server says `retry: 0`", async () => {
    const { client, clock } = hasty({ timeout: null });
    const read = gate();
    const stands: Answer = async (response) => {
      response.writeHead(200, TYPE).write("retry: 0\ndata: a\n\n");
      await read.opened;
      clock.advance(10_000);
      response.end();
    };
    await using server = await serve(inTurn(stands, sends("data: b\n\n")));
    await using _ = client;
    const data: string[] = [];
    for await (const event of client.get(server.origin).events()) {
      data.push(event.data);
      read.open();
    }
    expect(data).toEqual(["a", "b"]);
    expect(clock.waits).toEqual([0, 1000]);
  });

  test("a `retry` beyond maxDelay is cut to it", async () => {
    await using server = await serve(
      inTurn(sends(`retry: ${"9".repeat(400)}\ndata: a\n\n`), sends("data: b\n\n")),
    );
    const { client, clock } = hasty({ timeout: null });
    await using _ = client;
    expect(await all(client.get(server.origin).events({ reconnect: { maxDelay: 8000 } }))).toEqual([
      "a",
      "b",
    ]);
    expect(clock.waits).toEqual([8000, 8000]);
  });

  test("as often in a row as `attempts` says: then a break is thrown, and an end is the end", async () => {
    await using broken = await serve(inTurn(sends("data: a\n\n"), ...Array<Answer>(9).fill(breaks(":"))));
    const { client } = hasty();
    await using _ = client;
    const events = client.get(broken.origin).events({ reconnect: { attempts: 3 } });
    expect((await events.next()).value?.data).toBe("a");
    await caught(events.next(), NetworkError);
    expect(broken.seen.length).toBe(4);

    await using ended = await serve(inTurn(sends("data: a\n\n"), ...Array<Answer>(9).fill(sends(""))));
    expect(await all(client.get(ended.origin).events({ reconnect: { attempts: 2 } }))).toEqual(["a"]);
    expect(ended.seen.length).toBe(3);
  });

  test("an event begins the count of attempts anew", async () => {
    const drops = Array.from({ length: 8 }, (_, turn) => (turn % 2 === 0 ? sends("data: x\n\n") : sends("")));
    await using server = await serve(inTurn(...drops));
    const { client } = hasty();
    await using _ = client;
    expect(await all(client.get(server.origin).events({ reconnect: { attempts: 2 } }))).toHaveLength(4);
  });

  test("so does a connection that stood for ten seconds in silence", async () => {
    const clock = new ManualClock();
    await using server = await serve(
      inTurn(
        ...Array.from(
          { length: 4 },
          (): Answer => (response) => {
            response.writeHead(200, TYPE).write(":\n");
            setTimeout(() => {
              clock.advance(10_000);
              response.end();
            }, 20);
          },
        ),
      ),
    );
    const arm = clock.timer.bind(clock);
    clock.timer = (ms, callback) => {
      if (ms < 9000) setImmediate(callback);
      return arm(ms, () => {});
    };
    await using client = new Client({ clock, timeout: null });
    expect(await all(client.get(server.origin).events({ reconnect: { attempts: 1 } }))).toEqual([]);
    expect(server.seen.length).toBe(5);
  });

  test("and what fails by itself is thrown at once: another content type, a status that is not retried", async () => {
    for (const answer of [
      sends("<p>", { "content-type": "text/html" }),
      ((response: ServerResponse) => void response.writeHead(403).end()) satisfies Answer,
    ]) {
      await using server = await serve(inTurn(sends("data: a\n\n"), answer));
      const { client } = hasty();
      await using _ = client;
      const events = client.get(server.origin).events();
      await events.next();
      const error: unknown = await events.next().catch((thrown: unknown) => thrown);
      expect(error instanceof HttpError || error instanceof DecodeError).toBe(true);
      expect(server.seen.length).toBe(2);
      expect(await events.next()).toEqual({ done: true, value: undefined });
    }
  });

  test("through the whole pipeline: a new token, and credentials that a redirect leaves behind each time", async () => {
    await using other = await serve(inTurn(sends("id: 1\ndata: a\n\n"), sends("data: b\n\n")));
    await using server = await serve((response, seen, request) => {
      if (seen.headers.authorization !== "Bearer fresh") response.writeHead(401).end();
      else return redirectTo(`${other.origin}/to`)(response, seen, request);
    });
    let asked = 0;
    const { client } = hasty({ auth: bearer(() => (asked++ === 0 ? "stale" : "fresh")) });
    await using _ = client;
    expect(await all(client.get(server.origin).events())).toEqual(["a", "b"]);
    expect(server.seen.map(({ headers }) => headers["last-event-id"])).toEqual([
      undefined,
      undefined,
      "1",
      "1",
    ]);
    expect(other.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    // D19: what is not on the list of headers that may cross a border stays at home.
    expect(lastIds(other.seen)).toEqual([undefined, undefined, undefined]);
  });
});

describe("events() does not connect again", () => {
  test.each<[string, (origin: string) => AsyncIterable<ServerSentEvent>]>([
    ["where it was told not to", (origin) => get(origin).events({ reconnect: false })],
    ["where retry is off", (origin) => get(origin, { retry: false }).events()],
    ["with a POST", (origin) => post(origin, { json: {} }).events()],
  ])("%s", async (_when, events) => {
    await using server = await serve(inTurn(sends("data: a\n\n"), sends("data: b\n\n")));
    expect(await all(events(server.origin))).toEqual(["a"]);
    expect(server.seen.length).toBe(1);
  });

  test("but a POST that is asked to does, where its body can be sent again", async () => {
    const { client } = hasty();
    await using _ = client;
    await using server = await serve(inTurn(sends("id: 1\ndata: a\n\n"), sends("data: b\n\n")));
    const asked = client.post(server.origin, { json: { q: 1 } }).events({ reconnect: true });
    expect(await all(asked)).toEqual(["a", "b"]);
    expect(server.seen.map(({ body }) => body.toString())).toEqual(Array(3).fill('{"q":1}'));

    await using once = await serve(inTurn(sends("data: a\n\n"), sends("data: b\n\n")));
    const body = new Blob(["one shot"]).stream();
    expect(await all(client.post(once.origin, { body }).events({ reconnect: true }))).toEqual(["a"]);
  });
});

describe("events() ends", () => {
  test("P20 when the loop is left, or never begun", async () => {
    const pours: Answer = (response) => {
      response.writeHead(200, TYPE);
      const pour = (): void => {
        while (!response.destroyed && response.write("data: a\n\n".repeat(1000)));
      };
      response.on("drain", pour);
      pour();
    };
    await using server = await serve(pours);
    await using client = new Client();
    for await (const _event of client.get(server.origin).events()) break;
    await until(() => server.open() === 0);
    await client.get(server.origin).events().return?.();
    await until(() => server.seen.length === 2 && server.open() === 0);
  });

  test("P4 when the loop is left while it waits to connect again, at once", async () => {
    await using server = await serve(sends("retry: 5000\ndata: a\n\n"));
    const clock = new ManualClock();
    await using client = new Client({ clock });
    const events = client.get(server.origin).events();
    await events.next();
    const waiting = events.next();
    await clock.armed(5000);
    await events.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect([clock.pending, server.seen.length]).toEqual([0, 1]);
  });

  test("when the loop is left while the next connection is silent", async () => {
    await using server = await serve(inTurn(sends("data: a\n\n"), () => {}));
    const { client } = hasty();
    await using _ = client;
    const events = client.get(server.origin).events();
    await events.next();
    const waiting = events.next();
    await until(() => server.seen.length === 2);
    await events.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until(() => server.open() === 0);
  });

  test("P4 P21 when the signal says so, while it waits too; no listener is left", async () => {
    await using server = await serve(sends("retry: 5000\ndata: a\n\n"));
    const clock = new ManualClock();
    await using client = new Client({ clock });
    const controller = new AbortController();
    const { signal } = controller;
    const events = client.get(server.origin, { signal }).events();
    await events.next();
    const waiting = events.next();
    await clock.armed(5000);
    controller.abort(new Error("enough"));
    const error = await caught(waiting, AbortError);
    expect(error.cause).toEqual(new Error("enough"));
    expect(error.request?.method).toBe("GET");
    expect([clock.pending, getEventListeners(signal, "abort").length]).toEqual([0, 0]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("P21 a signal has no listener of a stream that is over, however often it connected", async () => {
    await using server = await serve(
      inTurn(sends("data: a\n\n"), sends("data: b\n\n"), sends("data: c\n\n")),
    );
    const { client } = hasty();
    await using _ = client;
    const { signal } = new AbortController();
    for await (const _event of client.get(server.origin, { signal }).events())
      expect(getEventListeners(signal, "abort").length).toBeLessThan(3);
    expect(getEventListeners(signal, "abort").length).toBe(0);
  });

  test("when the client is closed while it waits", async () => {
    await using server = await serve(sends("retry: 5000\ndata: a\n\n"));
    const clock = new ManualClock();
    const client = new Client({ clock });
    const events = client.get(server.origin).events();
    await events.next();
    const waiting = events.next();
    await clock.armed(5000);
    const [error] = await Promise.all([caught(waiting, AbortError), client.close()]);
    expect(error.message).toContain("closed");
    expect(clock.pending).toBe(0);
  });

  test("when the total of the call is used up, over all connections", async () => {
    await using server = await serve((response) => {
      response.writeHead(200, TYPE).end("retry: 8000\ndata: a\n\n");
    });
    const { client } = hasty({}, (ms) => ms === 8000);
    await using _ = client;
    // Waits of 8 s each: the third would end after the total.
    const events = client.get(server.origin, { timeout: { total: "20s" } }).events();
    expect(await all(events)).toEqual(["a", "a", "a"]);
  });
});

test.each([
  [{ reconnects: true }, "events.reconnects"],
  [{ reconnect: "no" }, "events.reconnect"],
  [{ reconnect: { attempts: 0 } }, "events.reconnect.attempts"],
  [{ reconnect: { delay: -1 } }, "events.reconnect.delay"],
  [{ reconnect: { backoff: 1 } }, "events.reconnect.backoff"],
  [{ lastEventId: 7 }, "events.lastEventId"],
  [null, "events"],
])("the options %j are refused before anything is sent", async (options, option) => {
  await using server = await serve(sends("data: a\n\n"));
  const call = get(server.origin);
  const error = await caught(Reflect.apply(call.events, call, [options]).next(), OptionsError);
  expect(error.option).toBe(option);
  expect(server.seen.length).toBe(0);
});
