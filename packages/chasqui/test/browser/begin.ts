/**
 * What holds in a page whose engine has yet to come: each of these runs in a page of its own, in which nothing was called before.
 *
 * @module
 */
import {
  AbortError,
  Client,
  get,
  HttpError,
  memory,
  NetworkError,
  OptionsError,
  post,
  Secret,
  TimeoutError,
  type Transport,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal, has } from "../shared/assert.ts";
import type { Echo } from "../shared/requests.ts";

/** What a page has to do with. */
export interface InPage {
  /** The page's own origin, and another one. */
  readonly own: string;
  readonly other: string;
  /** Lets the engine come; before that it is on its way. */
  letCome(): Promise<void>;
  /** Lets the server have lost the engine, or found it again. */
  lose(lost: boolean): Promise<void>;
  /** What was rejected and nobody heard, as text. */
  unheard(): Promise<string[]>;
}

type Begin = (page: InPage) => Promise<void>;

/** What the peer's `/lines` answers. */
const LINES = ['{"n":0}', '{"n":1}', '{"n":2}'];

/** Wants a page whose loader asks again for what it could not load. */
export const AGAIN = "the next call asks for the engine again";

export const BEGINNINGS: Readonly<Record<string, Begin>> = {
  "a call waits for the engine, and is what it is anywhere": async ({ own, letCome }) => {
    const call = post(`${own}/echo?a=1`, { json: { b: 2 } }).json<Echo>();
    await letCome();
    has(await call, { method: "POST", url: "/echo?a=1", body: '{"b":2}' });
  },
  "what is chained in the same breath decides how the body is read": async ({ own, letCome }) => {
    const rows = Array.fromAsync(get(`${own}/lines`).lines());
    const values = Array.fromAsync(get(`${own}/lines`).ndjson<{ n: number }>());
    const open = get(`${own}/lines?open=1`).lines();
    const first = open.next();
    await letCome();
    equal(await rows, LINES);
    equal(await values, [{ n: 0 }, { n: 1 }, { n: 2 }]);
    equal((await first).value, LINES[0]);
    await open.return?.();
  },
  "and what is chained later finds it read": async ({ own, letCome }) => {
    const call = get(`${own}/lines`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const rows = Array.fromAsync(call.lines());
    await letCome();
    equal(await rows, LINES);
    equal((await call.text()).length, 24);
  },
  "a call goes out as it was when it was made": async ({ own, letCome }) => {
    const client = new Client({ baseUrl: own });
    const params = { page: 1, tags: ["a"] };
    const json = { deep: { n: 1 } };
    const url = new URL(`${own}/echo`);
    client.headers.set("x-call", "1");
    const call = client.post(url, { params, json }).json<Echo>();
    client.headers.set("x-call", "2");
    params.page = 2;
    params.tags.push("b");
    json.deep.n = 2;
    url.pathname = "/status";
    const next = client.post("/echo", { params, json }).json<Echo>();
    await letCome();
    const [was, is] = await Promise.all([call, next]);
    has(was, { url: "/echo?page=1&tags=a", body: '{"deep":{"n":1}}' });
    equal(was.headers["x-call"], "1");
    has(is, { url: "/echo?page=2&tags=a&tags=b", body: '{"deep":{"n":2}}' });
    equal(is.headers["x-call"], "2");
  },
  "so does a client": async ({ own, letCome }) => {
    const params: Record<string, string> = { key: "a" };
    const headers: Record<string, string> = { "x-of": "a" };
    const options = { baseUrl: own, params, headers };
    const client = new Client(options);
    options.baseUrl = "http://127.0.0.1:1";
    params.key = "b";
    headers["x-of"] = "b";
    const call = client.get("/echo").json<Echo>();
    await letCome();
    const echo = await call;
    equal(echo.url, "/echo?key=a");
    equal(echo.headers["x-of"], "a");
  },
  "what has a state of its own is not copied": async ({ own, letCome }) => {
    const auth = {
      asked: 0,
      authorize() {
        this.asked += 1;
        return { headers: { authorization: `Token ${this.asked}` } };
      },
    };
    const call = get(`${own}/echo`, { auth }).json<Echo>();
    await letCome();
    equal((await call).headers.authorization, "Token 1");
    equal(auth.asked, 1);
  },
  "the headers of a client are there at once": async ({ own, letCome }) => {
    const client = new Client({ baseUrl: own, headers: { "x-own": new Secret("hush") } });
    equal(client.headers.get("accept"), "*/*");
    equal(JSON.stringify(client.headers), '{"accept":"*/*","x-own":"***"}');
    equal(client.cookies, undefined);
    client.headers.set("x-later", "1");
    const child = client.extend({ headers: { "x-child": "2" } });
    client.headers.set("x-later", "changed");
    equal(child.headers.get("x-later"), "1");
    const echo = child.get("/echo").json<Echo>();
    await letCome();
    has((await echo).headers, { "x-own": "hush", "x-later": "1", "x-child": "2" });
    equal(client.headers.get("x-later"), "changed");
  },
  "S51 a child at another origin has none of its parent's headers": async ({ own, other, letCome }) => {
    const client = new Client({ baseUrl: own, params: { key: "k" }, headers: { "x-key": "hush" } });
    const child = client.extend({ baseUrl: other, headers: { "x-child": "1" } });
    const call = child.get("/echo").json<Echo>();
    const told = caughtAtOnce(() => child.headers);
    equal(told.option, "headers");
    client.headers.set("x-later", "1");
    await letCome();
    const echo = await call;
    equal(echo.url, "/echo");
    equal(
      [echo.headers["x-key"], echo.headers["x-later"], echo.headers["x-child"]],
      [undefined, undefined, "1"],
    );
    equal(child.headers.has("x-key"), false);
  },
  "a bad option of a client is told to each of its calls": async ({ own, letCome }) => {
    // @ts-expect-error: no such option.
    const client = new Client({ baseUrl: own, timeuot: 1 });
    const calls = [client.get("/echo"), client.extend({}).get("/echo")].map((call) =>
      caught(call, OptionsError),
    );
    const result = client.get("/echo").result();
    const ready = caught(client.ready(), OptionsError);
    const pages = caught(client.paginate("/echo").all(), OptionsError);
    await letCome();
    const errors = await Promise.all([...calls, ready, pages]);
    for (const { message } of errors) equal(/timeuot/.test(message), true, message);
    equal((await result).error instanceof OptionsError, true);
    equal((await caught(client.get("/echo"), OptionsError)).option, "timeuot");
    equal(caughtAtOnce(() => client.build("GET", "/echo")).option, "timeuot");
  },
  "bad headers of a client too": async ({ own, letCome }) => {
    const client = new Client({ baseUrl: own, headers: { "x y": "1" } });
    const call = caught(client.get("/echo"), OptionsError);
    equal(caughtAtOnce(() => client.headers).hint, "Wait for it: await client.ready().");
    await letCome();
    equal((await call).option, "headers");
    equal(/x y/.test(caughtAtOnce(() => client.headers).message), true);
  },
  "build() says what to wait for": async ({ own, letCome }) => {
    const client = new Client({ baseUrl: own });
    const told = caughtAtOnce(() => client.build("GET", "/echo"));
    equal(told.option, "build");
    equal(told.hint, "Wait for it: await client.ready().");
    await letCome();
    equal(await client.ready(), client);
    const request = client.build("GET", "/echo", { params: { a: 1 } });
    equal((await client.send(request).json<Echo>()).url, "/echo?a=1");
  },
  "raise is asked when the response is there": async ({ own, letCome }) => {
    const call = caught(get(`${own}/status?is=404`, { raise: true }), HttpError);
    const quiet = get(`${own}/status?is=404`, { raise: false }).text();
    const plain = get(`${own}/status?is=404`).then(({ status }) => status);
    await letCome();
    equal((await call).status, 404);
    equal(await quiet, "");
    equal(await plain, 404);
  },
  "pages, events, files and results wait as well": async ({ own, letCome }) => {
    const client = new Client({ baseUrl: own });
    const rows = client.paginate("/lines", { by: "lines" }).all();
    const events = Array.fromAsync(
      get(`${own}/text?type=text/event-stream&base64=${btoa("data: x\n\n")}`).events({ reconnect: false }),
    );
    const saved = caught(get(`${own}/echo`).save("/tmp/none"), OptionsError);
    const result = get(`${own}/status?is=500`, { retry: false }).result();
    await letCome();
    equal(await rows, [{ n: 0 }, { n: 1 }, { n: 2 }]);
    equal(
      (await events).map(({ data }) => data),
      ["x"],
    );
    equal((await saved).option, "save");
    equal((await result).response?.status, 500);
  },
  "close() ends what waits, and refuses what comes after": async ({ own, letCome }) => {
    let closed = 0;
    const within = memory(() => new globalThis.Response("never"));
    const transport: Transport = {
      send: (exchange) => within.send(exchange),
      async close() {
        closed += 1;
      },
    };
    const client = new Client({ baseUrl: own });
    const child = client.extend({});
    const apart = client.extend({ transport });
    const calls = [client.get("/echo"), child.get("/echo")].map((call) => caught(call, AbortError));
    const goesOn = apart.get("/echo").text();
    await client.close();
    await Promise.all(calls);
    for (const one of [client, child]) equal((await caught(one.get("/echo"), OptionsError)).option, "client");
    equal(caughtAtOnce(() => client.extend({})).option, "client");
    equal((await caught(client.paginate("/echo").all(), OptionsError)).option, "client");
    equal((await caught(client.ready(), OptionsError)).option, "client");
    await letCome();
    equal(await goesOn, "never");
    await apart.close();
    equal(closed, 1);
  },
  "a transport is closed with its client, used or not": async ({ letCome }) => {
    let closed = 0;
    const transport: Transport = {
      send: () => Promise.reject(new Error("unasked")),
      async close() {
        closed += 1;
      },
    };
    const closing = new Client({ transport }).close();
    await letCome();
    await closing;
    equal(closed, 1);
  },
  "P4 a signal ends the wait at once": async ({ own }) => {
    // The engine never comes.
    const stop = new AbortController();
    const call = caught(get(`${own}/echo`, { signal: stop.signal }), AbortError);
    const late = caught(get(`${own}/echo`, { signal: AbortSignal.timeout(1) }), TimeoutError);
    stop.abort(new Error("enough"));
    equal((await call).cause, stop.signal.reason);
    equal((await late).phase, "signal");
    const before = await caught(get(`${own}/echo`, { signal: AbortSignal.abort() }), AbortError);
    equal(before.attempts, 0);
  },
  "P11 an error shows the line that called": async ({ own, letCome }) => {
    const client = new Client({ baseUrl: own, stack: false });
    const call = callerOfMine(own);
    const without = caught(client.get("/{id}"), OptionsError);
    await letCome();
    equal(/callerOfMine/.test((await call).stack ?? ""), true, (await call).stack);
    equal(/P11 an error/.test((await without).stack ?? ""), false, (await without).stack);
  },
  "an engine that cannot be loaded is an error of each call, and of nothing else": async ({
    own,
    letCome,
    lose,
    unheard,
  }) => {
    await lose(true);
    const client = new Client({ baseUrl: own });
    const calls = [client.get("/echo"), client.get("/echo").json(), get(`${own}/echo`).text()];
    const errors = Promise.all(calls.map((call) => caught(call, NetworkError)));
    const result = client.get("/echo").result();
    await letCome();
    for (const error of await errors) {
      has(error, { kind: "import", code: "ERR_NETWORK", attempts: 0 });
      equal(error.cause instanceof Error, true);
      equal(/load the page anew/.test(error.hint ?? ""), true);
    }
    equal((await result).error instanceof NetworkError, true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    equal(await unheard(), []);
    // One that nobody looks at is told of once, as any call is.
    client.get("/echo");
    await new Promise((resolve) => setTimeout(resolve, 50));
    equal((await unheard()).length, 1);
  },
  [AGAIN]: async ({ own, letCome, lose }) => {
    await lose(true);
    const client = new Client({ baseUrl: own });
    const call = caught(client.get("/echo"), NetworkError);
    await letCome();
    equal((await call).kind, "import");
    await lose(false);
    equal((await client.get("/echo").json<Echo>()).url, "/echo");
  },
};

async function callerOfMine(own: string): Promise<OptionsError> {
  return caught(get(`${own}/{id}`), OptionsError);
}

function caughtAtOnce(work: () => unknown): OptionsError {
  try {
    work();
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
