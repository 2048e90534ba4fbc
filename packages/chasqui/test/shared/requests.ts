import { Client, get, HttpError, OptionsError, post } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal, fits, has } from "./assert.ts";
import type { Topic } from "./suite.ts";

/** What `/echo` of the peer says. */
export interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly length: number;
}

export const requests: Topic = {
  "a verb as a function reads JSON": async ({ peers }) => {
    has(await get(`${peers.api}/posts/1`).json(), { id: 1, userId: 1 });
    has(await post(`${peers.api}/posts`, { json: { title: "t" } }).json(), { id: 101, title: "t" });
  },
  "every method arrives": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.own });
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      has(await session.request(method, "/echo").json<Echo>(), { method });
    }
    equal((await session.head("/echo")).status, 200);
  },
  "a method that Fetch forbids is an OptionsError, unless it arrives": async ({ peers, client }) => {
    await using session = client();
    const { error, response } = await session.request("TRACE", `${peers.own}/echo`).result<Echo>();
    if (response === undefined) equal(error instanceof OptionsError, true, String(error));
    else equal(response.status, 200);
  },
  "a base URL is appended to": async ({ peers, client }) => {
    await using session = client({ baseUrl: `${peers.own}/echo` });
    equal((await session.get("?a=1").json<Echo>()).url, "/echo?a=1");
  },
  "another origin than the base's is refused": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.own });
    await caught(session.get(`${peers.other}/echo`), OptionsError);
  },
  "allowOrigins lets a call go there, without the client's credentials": async ({ peers, client }) => {
    await using session = client({
      baseUrl: peers.own,
      allowOrigins: [peers.other],
      auth: ["user", "pass"],
      headers: { "x-api-key": "k" },
    });
    const { headers } = await session.get(`${peers.other}/echo`).json<Echo>();
    equal([headers.authorization, headers["x-api-key"]], [undefined, undefined]);
  },
  "a path is filled in and encoded": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.api });
    has(await session.get("/posts/{id}", { path: { id: 2 } }).json(), { id: 2 });
    await caught(session.get("/posts/{id}", { path: { id: ".." } }), OptionsError);
  },
  "params are appended, repeated and encoded": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.own, params: { fixed: 1 } });
    const params = { a: [1, 2], yes: true, none: null, text: "a b&ñ" };
    const { url } = await session.get("/echo?q=0", { params }).json<Echo>();
    equal(
      [...new URL(url, peers.own).searchParams],
      [
        ["q", "0"],
        ["fixed", "1"],
        ["a", "1"],
        ["a", "2"],
        ["yes", "true"],
        ["text", "a b&ñ"],
      ],
    );
  },
  "headers of client and call are merged, and null removes": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.own, headers: { "x-a": "client", "x-b": "client" } });
    const { headers } = await session.get("/echo", { headers: { "X-A": "call", "x-b": null } }).json<Echo>();
    equal([headers["x-a"], headers["x-b"]], ["call", undefined]);
  },
  "a header that the runtime sets by itself is refused where it would be dropped": async ({
    peers,
    client,
    can,
  }) => {
    await using session = client({ retry: false });
    for (const [name, value] of [
      ["User-Agent", "mine/1"],
      ["Referer", "http://from.test/"],
      ["Accept-Encoding", "identity"],
      ["Cookie", "a=1"],
    ] as const) {
      const call = session.get(`${peers.own}/echo`, { headers: { [name]: value } });
      if (can("headers")) equal((await call.json<Echo>()).headers[name.toLowerCase()], value, name);
      else fits((await caught(call, OptionsError)).message, /by itself|its own/, name);
    }
  },
  "Host is sent, or refused": async ({ peers, client, can }) => {
    await using session = client({ retry: false });
    const call = session.get(`${peers.own}/echo`, { headers: { host: "named.test" } });
    if (can("host")) equal((await call.json<Echo>()).headers.host, "named.test");
    else equal((await caught(call, OptionsError)).option, "headers.host");
  },
  "the defaults of the headers": async ({ peers, client, can }) => {
    await using session = client();
    const { headers } = await session.get(`${peers.own}/echo`).json<Echo>();
    equal(headers.accept, "*/*");
    fits(headers["user-agent"], can("headers") ? /^chasqui\// : /Chrom/);
    fits(headers["accept-encoding"], "gzip");
  },
  "an unknown option is refused by name": async ({ peers }) => {
    const options = Object.assign({ retry: 1 }, { retrys: 3 });
    const error = await caught(get(`${peers.own}/echo`, options), OptionsError);
    fits(error.hint, "retry");
  },
  "a URL that is none is refused": async () => {
    await caught(get("/no/base"), OptionsError);
    await caught(get("ftp://a.test/"), OptionsError);
  },
  "build() makes what send() sends": async ({ peers, client }) => {
    await using session = client({ baseUrl: peers.own });
    const request = session.build("POST", "/echo", { json: { a: 1 } });
    request.headers.set("x-later", "yes");
    const echo = await session.send(request).json<Echo>();
    equal([echo.body, echo.headers["x-later"]], ['{"a":1}', "yes"]);
  },
  "a client that is closed refuses calls": async ({ peers }) => {
    const session = new Client();
    await session.close();
    await caught(session.get(`${peers.own}/echo`), OptionsError);
  },
  "result() never throws": async ({ peers, client }) => {
    await using session = client();
    const good = await session.get(`${peers.api}/posts/1`).result<{ id: number }>();
    equal(good.ok && good.data.id, 1);
    const bad = await session.get(`${peers.api}/posts/99999`).result();
    equal(bad.ok || bad.error instanceof HttpError, true);
  },
};
