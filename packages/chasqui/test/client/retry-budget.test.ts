import { describe, expect, test } from "vitest";
import { Client, HttpError, NetworkError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Answer, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

const down: Answer = (response) => void response.writeHead(503).end();

/** Makes so many calls, one after the other; none of them waits. */
async function calls(client: Client, url: string, count: number): Promise<void> {
  for (let made = 0; made < count; made++) await client.get(url);
}

function client(budget: { share?: number; reserve?: number } | false, clock = new ManualClock()): Client {
  return new Client({ clock, retry: { attempts: 3, backoff: { base: 0 }, budget } });
}

/** Lets the waits of 0 ms pass: they are timers, too. */
function running(clock: ManualClock): Disposable {
  const ticking = setInterval(() => clock.advance(0), 1);
  return { [Symbol.dispose]: () => clearInterval(ticking) };
}

describe("the budget of retries", () => {
  test("is one of all calls to an origin: its reserve, and a share of what is sent", async () => {
    const clock = new ManualClock();
    using _ = running(clock);
    await using server = await serve(down);
    await using limited = client({ share: 0.1, reserve: 5 }, clock);
    await calls(limited, server.origin, 100);
    // 100 calls want 200 retries: 5 are there, and 100 calls earn 10.
    expect(server.seen.length).toBeGreaterThanOrEqual(113);
    expect(server.seen.length).toBeLessThanOrEqual(115);
  });

  test("false is no limit", async () => {
    const clock = new ManualClock();
    using _ = running(clock);
    await using server = await serve(down);
    await using unlimited = client(false, clock);
    await calls(unlimited, server.origin, 60);
    expect(server.seen.length).toBe(180);
  });

  test("by default a script's hundred retries are there", async () => {
    const clock = new ManualClock();
    using _ = running(clock);
    await using server = await serve(down);
    await using plain = new Client({ clock, random: () => 0 });
    await calls(plain, server.origin, 50);
    expect(server.seen.length).toBe(150);
    await calls(plain, server.origin, 100);
    expect(server.seen.length).toBeLessThan(150 + 100 + 30);
  });

  test("an error says that it is why, and the next origin has a budget of its own", async () => {
    const clock = new ManualClock();
    using _ = running(clock);
    await using server = await serve(down);
    await using other = await serve(down);
    await using limited = client({ share: 0, reserve: 1 }, clock);
    await calls(limited, server.origin, 1);
    expect(server.seen.length).toBe(2);
    const error = await caught(limited.get(server.origin).json(), HttpError);
    expect([error.attempts, error.hint]).toEqual([1, expect.stringContaining("`retry.budget`")]);
    await calls(limited, other.origin, 1);
    expect(other.seen.length).toBe(2);
    // Faults of the network draw on it as answers do.
    const { origin } = server;
    await server.close();
    const refused = await caught(limited.get(origin), NetworkError);
    expect([refused.attempts, refused.hint]).toEqual([1, expect.stringContaining("`retry.budget`")]);
  });

  test("is full again after a minute", async () => {
    const clock = new ManualClock();
    using _ = running(clock);
    await using server = await serve(down);
    await using limited = client({ share: 0, reserve: 2 }, clock);
    await calls(limited, server.origin, 3);
    expect(server.seen.length).toBe(5);
    clock.advance(30_000);
    await calls(limited, server.origin, 3);
    expect(server.seen.length).toBe(5 + 3 + 1);
    clock.advance(600_000);
    await calls(limited, server.origin, 3);
    expect(server.seen.length).toBe(9 + 3 + 2);
  });

  test("calls that go well earn it back", async () => {
    const clock = new ManualClock();
    using _ = running(clock);
    let fails = true;
    await using server = await serve((response) => void response.writeHead(fails ? 503 : 200).end());
    await using limited = client({ share: 0.5, reserve: 2 }, clock);
    await calls(limited, server.origin, 10);
    fails = false;
    await calls(limited, server.origin, 10);
    const before = server.seen.length;
    fails = true;
    await calls(limited, server.origin, 1);
    expect(server.seen.length - before).toBe(3);
  });

  test("429 is not counted: the server is well, and says when to come back", async () => {
    const clock = new ManualClock();
    using _ = running(clock);
    await using server = await serve((response) => void response.writeHead(429).end());
    await using limited = client({ share: 0, reserve: 0 }, clock);
    await calls(limited, server.origin, 2);
    expect(server.seen.length).toBe(6);
  });

  test("a child shares its parent's", async () => {
    const clock = new ManualClock();
    using _ = running(clock);
    await using server = await serve(down);
    await using limited = client({ share: 0, reserve: 2 }, clock);
    await calls(limited, server.origin, 1);
    await using child = limited.extend({ headers: { "x-child": "1" } });
    await calls(child, server.origin, 1);
    expect(server.seen.length).toBe(4);
  });
});
