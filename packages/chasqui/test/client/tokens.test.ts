import { describe, expect, test } from "vitest";
import {
  type Auth,
  AuthError,
  bearer,
  Client,
  OptionsError,
  type ProvidedToken,
  secret,
  type TokenProvider,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type HttpServer, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

/** A server that takes the tokens of a set, and answers whether it did. */
function guard(good: ReadonlySet<string>): Promise<HttpServer> {
  return serve((response, { headers }) => {
    const token = headers.authorization?.slice("Bearer ".length) ?? "";
    response.writeHead(good.has(token) ? 200 : 401, { "content-type": "application/json" }).end("{}");
  });
}

const tokensOf = (server: HttpServer): string[] =>
  server.seen.map(({ headers }) => headers.authorization?.slice("Bearer ".length) ?? "none");

/** A provider whose answers wait until they are told to come. */
function held(): {
  readonly asked: string[];
  readonly provider: TokenProvider;
  give(token: ProvidedToken): void;
} {
  const asked: string[] = [];
  const waiting: ((token: ProvidedToken) => void)[] = [];
  return {
    asked,
    provider: ({ reason }) => {
      asked.push(reason);
      return new Promise((resolve) => waiting.push(resolve));
    },
    give: (token) => waiting.shift()?.(token),
  };
}

describe("P5 a token that says when it runs out", () => {
  test("is renewed before that, once, while calls go on with the old one", async () => {
    const clock = new ManualClock();
    const tokens = held();
    await using server = await guard(new Set(["t1", "t2"]));
    await using client = new Client({ baseUrl: server.origin, auth: bearer(tokens.provider, { clock }) });
    const first = client.get("/");
    await expect.poll(() => tokens.asked.length).toBe(1);
    tokens.give({ token: "t1", expiresIn: 600 });
    await first;
    clock.advance(539_000);
    await client.get("/");
    expect(tokens.asked).toEqual(["first"]);
    clock.advance(1_000);
    await Promise.all([client.get("/"), client.get("/"), client.get("/")]);
    expect(tokens.asked).toEqual(["first", "expiring"]);
    expect(tokensOf(server)).toEqual(["t1", "t1", "t1", "t1", "t1"]);
    tokens.give({ token: "t2", expiresIn: 600 });
    await expect
      .poll(async () => {
        await client.get("/");
        return tokensOf(server).at(-1);
      })
      .toBe("t2");
    expect(tokens.asked).toHaveLength(2);
  });

  test("1,000 calls over an expiry ask once, and none goes with what has run out", async () => {
    const clock = new ManualClock();
    let asked = 0;
    await using server = await guard(new Set(["t1", "t2"]));
    const auth = bearer(async () => ({ token: `t${++asked}`, expiresIn: 600 }), { clock });
    await using client = new Client({ baseUrl: server.origin, auth });
    await client.get("/").json();
    clock.advance(600_000);
    await Promise.all(Array.from({ length: 1000 }, () => client.get("/").json()));
    expect(asked).toBe(2);
    expect(tokensOf(server).filter((token) => token === "t2")).toHaveLength(1000);
    expect(server.seen).toHaveLength(1001);
  });

  test("a renewal ahead of time that fails loses nothing, and is tried again after pauses that grow", async () => {
    const clock = new ManualClock();
    let asked = 0;
    await using server = await guard(new Set(["t1", "t4"]));
    const provider = async () => {
      asked++;
      if (asked === 2 || asked === 3) throw new Error("down");
      return { token: `t${asked}`, expiresIn: 600 };
    };
    await using client = new Client({ baseUrl: server.origin, auth: bearer(provider, { clock }) });
    await client.get("/").json();
    const askedAfter = async (ms: number): Promise<number> => {
      clock.advance(ms);
      await client.get("/").json();
      await client.get("/").json();
      return asked;
    };
    expect(await askedAfter(540_000)).toBe(2);
    expect(await askedAfter(999)).toBe(2);
    expect(await askedAfter(1)).toBe(3);
    expect(await askedAfter(1_999)).toBe(3);
    expect(await askedAfter(1)).toBe(4);
    expect(tokensOf(server).at(-1)).toBe("t4");
  });

  test("what has run out and cannot be renewed is an AuthError, and the next call asks again", async () => {
    const clock = new ManualClock();
    let asked = 0;
    await using server = await guard(new Set(["t1", "t3"]));
    const provider = async () => {
      if (++asked === 2) throw new Error("down");
      return { token: `t${asked}`, expiresIn: 60 };
    };
    await using client = new Client({ baseUrl: server.origin, auth: bearer(provider, { clock }) });
    await client.get("/").json();
    clock.advance(60_000);
    await caught(client.get("/"), AuthError);
    await client.get("/").json();
    expect(tokensOf(server)).toEqual(["t1", "t3"]);
  });

  test.each<[string, number, number]>([
    ["a minute before its end", 3600, 3540],
    ["a short one after three quarters of its life", 10, 7.5],
  ])("is renewed %s", async (_, expiresIn, after) => {
    const clock = new ManualClock();
    let asked = 0;
    await using server = await guard(new Set(["t"]));
    const auth = bearer(
      () => {
        asked++;
        return { token: secret("t"), expiresIn };
      },
      { clock },
    );
    await using client = new Client({ baseUrl: server.origin, auth });
    await client.get("/").json();
    clock.advance(after * 1000 - 1);
    await client.get("/").json();
    expect(asked).toBe(1);
    clock.advance(1);
    await client.get("/").json();
    expect(asked).toBe(2);
  });

  test("may say it as a moment, and be renewed earlier than that by the caller's word", async () => {
    const clock = new ManualClock();
    let asked = 0;
    await using server = await guard(new Set(["t"]));
    const expiresAt = new Date(clock.date() + 3_600_000);
    const auth = bearer(
      () => {
        asked++;
        return { token: "t", expiresAt };
      },
      { clock, refreshBefore: "5m" },
    );
    await using client = new Client({ baseUrl: server.origin, auth });
    await client.get("/").json();
    clock.advance(3_300_000 - 1);
    await client.get("/").json();
    expect(asked).toBe(1);
    clock.advance(1);
    await client.get("/").json();
    expect(asked).toBe(2);
  });

  test.each<[string, unknown, RegExp]>([
    ["an empty token", { token: "" }, /an empty string, not a token/],
    ["no token", { expiresIn: 5 }, /undefined, not a token/],
    ["seconds in a string", { token: "t", expiresIn: "3600" }, /a string as expiresIn/],
    ["seconds below 0", { token: "t", expiresIn: -1 }, /the number -1 as expiresIn/],
    ["a moment in a number", { token: "t", expiresAt: 5 }, /the number 5 as expiresAt/],
    ["a moment that is none", { token: "t", expiresAt: new Date("soon") }, /a Date as expiresAt/],
    [
      "another field",
      { token: "t", expires_in: 5 },
      /an object with the keys token, expires_in, not a token/,
    ],
  ])("that is %s is an AuthError that says so", async (_, given, message) => {
    const client = new Client({ auth: bearer(() => given as never) });
    expect(await caught(client.get("http://127.0.0.1:9"), AuthError)).toMatchObject({
      message: expect.stringMatching(message),
    });
  });

  test.each([{ refreshBefore: "soon" }, { refreshBefore: 0 }, { clock: {} }, { leeway: 5 }, null])(
    "%j is no option of bearer()",
    (options) => {
      expect(() => bearer(() => "t", options as never)).toThrow(OptionsError);
    },
  );
});

describe("P5 a 401", () => {
  test("that comes late does not ask again, where the provider has given the very same token anew", async () => {
    let asked = 0;
    const { promise: late, resolve: answer } = Promise.withResolvers<void>();
    let good = false;
    await using server = await serve(async (response, { target }) => {
      const status = good ? 200 : 401;
      if (target === "/late" && status === 401) await late;
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
    const auth = bearer(() => {
      if (++asked === 2) good = true;
      return "same";
    });
    await using client = new Client({ baseUrl: server.origin, auth });
    const waiting = client.get("/late").json();
    await expect.poll(() => server.seen.length).toBe(1);
    await client.get("/").json();
    expect(asked).toBe(2);
    answer();
    await waiting;
    expect(asked).toBe(2);
  });

  test("to each new token as well is no storm: 100 calls ask four times in five seconds, and later once more", async () => {
    const clock = new ManualClock();
    let asked = 0;
    await using server = await guard(new Set());
    await using client = new Client({
      baseUrl: server.origin,
      auth: bearer(() => `t${++asked}`, { clock }),
    });
    for (let call = 0; call < 100; call++) {
      expect((await client.get("/")).status).toBe(401);
      clock.advance(50);
    }
    // At 0 s, after 1 s, and after 2 s more; the first of them besides the one that is asked for anyway.
    expect(asked).toBe(4);
    expect(server.seen).toHaveLength(100 + 3);
    clock.advance(60_000);
    await client.get("/");
    expect(asked).toBe(5);
  });

  test("to a token that had served is answered at once, however often that happens", async () => {
    const clock = new ManualClock();
    const good = new Set<string>();
    let asked = 0;
    await using server = await guard(good);
    const auth = bearer(
      () => {
        const token = `t${++asked}`;
        good.add(token);
        return token;
      },
      { clock },
    );
    await using client = new Client({ baseUrl: server.origin, auth });
    for (let call = 0; call < 10; call++) {
      await client.get("/").json();
      good.clear();
    }
    expect(asked).toBe(10);
  });

  test("tells an Auth whether the request had been sent anew, and which credentials were refused", async () => {
    await using server = await guard(new Set());
    const given = [{ headers: { authorization: "Bearer a" } }, { headers: { authorization: "Bearer b" } }];
    const again: (boolean | undefined)[] = [];
    const refused: unknown[] = [];
    let authorized = 0;
    const auth: Auth = {
      authorize: () => given[authorized++] ?? {},
      answers: (challenge) => {
        again.push(challenge.again);
        return true;
      },
      refresh: ({ credentials }) => {
        refused.push(credentials);
      },
    };
    await using client = new Client({ baseUrl: server.origin, auth });
    await client.get("/");
    expect(again).toEqual([false, true]);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toBe(given[0]);
  });
});
