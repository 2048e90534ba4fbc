/**
 * A call whose credentials and cookies are at hand makes its first exchange before the stages are entered. A middleware that does
 * nothing keeps it from that: with it and without it the server must see the same, and the caller be told the same.
 */
import { describe, expect, test, vi } from "vitest";
import {
  type Auth,
  apiKey,
  basic,
  bearer,
  Client,
  type ClientOptions,
  CookieJar,
  type Credentials,
} from "../../src/index.ts";
import { type Answer, type HttpServer, json, redirectTo, serve } from "../peers/http-server.ts";

/** Answers the first of every two requests with one, the second with the other. */
function inTurn(first: Answer, second: Answer): Answer {
  let count = 0;
  return (...args) => (count++ % 2 === 0 ? first : second)(...args);
}

interface Told {
  readonly outcomes: readonly string[];
  readonly seen: readonly string[];
}

/** Three calls of a client that has cookies. */
async function threeCalls(
  servers: readonly HttpServer[],
  options: ClientOptions,
  path: string,
): Promise<Told> {
  const before = servers.map(({ seen }) => seen.length);
  await using client = new Client({ baseUrl: servers[0]?.origin ?? "", random: () => 0, ...options });
  await client.get("/login", { auth: null });
  const outcomes: string[] = [];
  for (let at = 0; at < 3; at++) {
    const { ok, response, error } = await client.get(path).result();
    outcomes.push(ok ? String(response.status) : `${error.name} ${error.attempts} ${error.message}`);
  }
  const seen = servers.flatMap((server, at) =>
    server.seen.slice(before[at]).map(({ target, headers }) => {
      return `${at} ${target} ${headers.authorization ?? headers["x-api-key"]} ${headers.cookie}`;
    }),
  );
  return { outcomes, seen };
}

/** An `Auth` of the caller's, which counts how often it is asked. */
function counted(give: (nth: number) => Credentials | Promise<Credentials>): () => Auth {
  return () => {
    let asked = 0;
    return { authorize: () => give(++asked) };
  };
}

function provider(): Auth {
  let token = 0;
  return bearer(() => `t${++token}`);
}

const SCHEMES: Record<string, () => NonNullable<ClientOptions["auth"]> | undefined> = {
  none: () => undefined,
  "bearer(token)": () => bearer("t"),
  "bearer(provider)": provider,
  "basic()": () => basic("ann", "pa55"),
  "apiKey() in a header": () => apiKey("k"),
  "apiKey() in the query": () => apiKey("k", { query: "key" }),
  "one that counts": counted((nth) => ({ headers: { authorization: `n${nth}` } })),
  "one that waits": counted(async (nth) => ({ headers: { authorization: `n${nth}` } })),
  "one that throws": counted(() => {
    throw new RangeError("no");
  }),
  "one that rejects": counted(() => Promise.reject(new RangeError("no"))),
  "one that gives nothing": counted(() => JSON.parse("null")),
  "one that gives what is neither header nor query": counted(() => JSON.parse('{"token":"t"}')),
  "one whose header cannot be sent": counted(() => ({ headers: { authorization: "a\nb" } })),
};

describe.each(Object.entries(SCHEMES))("calls of a session with credentials: %s", (_name, make) => {
  test.each(["/ok", "/busy", "/moved", "/away", "/denied", "/broken", "/sets", "/deep/path"])(
    "%s is the same with the stages and without",
    async (path) => {
      await using other = await serve(json({}));
      const hangUp: Answer = (response) => void response.socket?.destroy();
      await using server = await serve({
        "/login": json({}, 200, { "set-cookie": "a=1; Path=/" }),
        "/ok": json({}),
        "/busy": inTurn(json({}, 503), json({})),
        "/moved": redirectTo("/ok"),
        "/away": redirectTo(`${other.origin}/there`),
        "/denied": json({}, 401),
        "/broken": inTurn(hangUp, json({})),
        "/sets": json({}, 200, { "set-cookie": "deep=2; Path=/deep" }),
        "/deep/path": json({}),
      });
      const told = async (options: ClientOptions): Promise<Told> => {
        const retry = { attempts: 3 };
        return threeCalls([server, other], { auth: make(), retry, ...options }, path);
      };
      const withStages = await told({ use: [(request, next) => next(request)] });
      const without = await told({});
      const plain = ({ outcomes, seen }: Told): Told => ({
        outcomes: outcomes.map((text) => text.replaceAll(/:\d+/g, "")),
        seen: seen.map((text) => text.replaceAll(/:\d+/g, "")),
      });
      expect(plain(without)).toEqual(plain(withStages));
    },
  );
});

describe("a jar of one's own that looks like ours is asked at each call", () => {
  /** The cookies of four calls: the first waits for the stages, those after it do not. */
  async function fourCalls(cookies: (jar: CookieJar) => CookieJar): Promise<unknown[]> {
    await using server = await serve(json({}));
    const jar = new CookieJar();
    jar.set("sid", "kept", { url: server.origin });
    await using client = new Client({ cookies: cookies(jar) });
    for (let i = 0; i < 4; i++) await client.get(server.origin);
    return server.seen.map(({ headers }) => headers.cookie);
  }

  test.each([
    ["at once", (): string => "sid=own"],
    ["after a while", (): Promise<string> => Promise.resolve("sid=own")],
  ])("one whose getCookieHeader() was replaced, that answers %s (#88)", async (_when, own) => {
    const seen = await fourCalls((jar) => Object.assign(jar, { getCookieHeader: own }));
    expect(seen).toEqual(["sid=own", "sid=own", "sid=own", "sid=own"]);
  });

  test("one whose class was given another getCookieHeader() (#88)", async () => {
    using spy = vi.spyOn(CookieJar.prototype, "getCookieHeader").mockReturnValue("sid=own");
    expect(await fourCalls((jar) => jar)).toEqual(["sid=own", "sid=own", "sid=own", "sid=own"]);
    expect(spy).toHaveBeenCalledTimes(4);
  });

  test("one behind a Proxy (#88)", async () => {
    const behind = (jar: CookieJar): CookieJar =>
      new Proxy(jar, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    expect(await fourCalls(behind)).toEqual(["sid=kept", "sid=kept", "sid=kept", "sid=kept"]);
  });
});
