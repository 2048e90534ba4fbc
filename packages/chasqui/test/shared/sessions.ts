import { apiKey, basic, bearer, CookieJar, HttpError, OptionsError, Secret } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal, has } from "./assert.ts";
import type { Echo } from "./requests.ts";
import type { Topic } from "./suite.ts";

export const sessions: Topic = {
  "a cookie that is set comes back": async ({ peers, client, fresh }) => {
    await using session = client();
    const value = fresh();
    await session.get(`${peers.own}/cookie/set?name=kept&value=${value}`);
    // In a browser it is the browser's own jar, and the page's own origin.
    equal((await session.get(`${peers.own}/cookie/echo`).json<Echo>()).headers.cookie?.includes(value), true);
  },
  "one that is set with a redirect is there at the next hop": async ({ peers, client, fresh }) => {
    await using session = client();
    const value = fresh();
    const echo = await session
      .get(`${peers.own}/cookie/set?name=hop&value=${value}&to=/cookie/echo`)
      .json<Echo>();
    equal(echo.headers.cookie?.includes(value), true);
  },
  "cookies: false keeps none": async ({ peers, client, fresh }) => {
    await using session = client({ cookies: false });
    await session.get(`${peers.own}/cookie/set?name=none&value=${fresh()}`);
    equal((await session.get(`${peers.own}/cookie/echo`).json<Echo>()).headers.cookie, undefined);
  },
  "cookies of a call are sent, or refused": async ({ peers, client, can }) => {
    await using session = client();
    const call = session.get(`${peers.own}/echo`, { cookies: { a: "1" } });
    if (can("jar")) equal((await call.json<Echo>()).headers.cookie, "a=1");
    else equal((await caught(call, OptionsError)).option, "cookies");
  },
  "a jar of the caller's is used, or refused": async ({ peers, client, can }) => {
    await using session = client({ cookies: new CookieJar() });
    const call = session.get(`${peers.own}/cookie/set?name=jar&value=1`);
    if (!can("jar")) equal((await caught(call, OptionsError)).option, "cookies");
    else {
      equal((await call).cookies, { jar: "1" });
      equal((await session.get(`${peers.own}/cookie/echo`).json<Echo>()).headers.cookie, "jar=1");
    }
  },
  "cookies: true goes to other origins too": async ({ peers, client, fresh }) => {
    await using session = client({ cookies: true });
    const value = fresh();
    await session.get(`${peers.other}/cookie/set?name=far&value=${value}`);
    equal(
      (await session.get(`${peers.other}/cookie/echo`).json<Echo>()).headers.cookie?.includes(value),
      true,
    );
  },
  "Basic, in UTF-8": async ({ peers, client }) => {
    await using session = client({ auth: basic("user", "passwd") });
    equal((await session.get(`${peers.api}/auth/basic`)).status, 200);
    const { headers } = await session.get(`${peers.own}/echo`, { auth: ["ñ", "é"] }).json<Echo>();
    equal(headers.authorization, "Basic w7E6w6k=");
  },
  "user and password of the URL": async ({ peers, client }) => {
    await using session = client();
    const url = `${peers.own.replace("//", "//me:pw@")}/echo`;
    const response = await session.get(url);
    equal((await response.json<Echo>()).headers.authorization, "Basic bWU6cHc=");
    equal(response.url, `${peers.own}/echo`);
  },
  "a key in a header, and in the query": async ({ peers, client }) => {
    await using session = client();
    equal((await session.get(`${peers.api}/auth/key`, { auth: apiKey("practice-key") })).status, 200);
    const response = await session.get(`${peers.api}/auth/key`, {
      auth: apiKey("practice-key", { query: "api_key" }),
    });
    equal(response.status, 200);
    equal(response.url.includes("practice-key"), false);
  },
  "a token is asked for anew after a 401, once for all": async ({ peers, client }) => {
    const reasons: string[] = [];
    const auth = bearer(({ reason }) => {
      reasons.push(reason);
      return reason === "first" ? "stale" : "practice-token";
    });
    await using session = client({ auth });
    const url = `${peers.api}/auth/bearer`;
    const answers = await Promise.all([session.get(url), session.get(url), session.get(url)]);
    equal(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    equal(reasons, ["first", "unauthorized"]);
  },
  "a 401 that stays is an HttpError": async ({ peers, client }) => {
    await using session = client({ auth: bearer("wrong") });
    equal((await caught(session.get(`${peers.api}/auth/bearer`).json(), HttpError)).status, 401);
  },
  "extend() adds to a client, and shares its cookies": async ({ peers, client, fresh }) => {
    await using session = client({ baseUrl: peers.own, headers: { "x-a": "1" } });
    const child = session.extend({ headers: { "x-b": "2" } });
    const value = fresh();
    await session.get(`/cookie/set?name=shared&value=${value}`);
    const { headers } = await child.get("/cookie/echo").json<Echo>();
    has(headers, { "x-a": "1", "x-b": "2" });
    equal(headers.cookie?.includes(value), true);
  },
  "no error shows a secret": async ({ peers, client }) => {
    await using session = client({
      auth: bearer("hush-token"),
      headers: { "x-own": new Secret("hush-own") },
    });
    const url = `${peers.api}/auth/basic?access_token=hush-query`;
    const error = await caught(session.get(url).json(), HttpError);
    const shown = `${error}\n${error.stack}\n${JSON.stringify(error)}\n${String(error.response)}`;
    equal(/hush/.test(shown), false, shown);
  },
  "no log line shows a secret": async ({ peers, client }) => {
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const log = { debug: say, info: say, warn: say, error: say };
    await using session = client({ log, auth: bearer("hush-token") });
    await session.get(`${peers.own}/echo?api_key=hush-query`);
    equal(lines.length > 0, true);
    equal(/hush/.test(lines.join("\n")), false);
  },
};
