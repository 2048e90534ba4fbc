import { bearer, OptionsError, RedirectError, type RedirectOption } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal, fits } from "./assert.ts";
import type { Echo } from "./requests.ts";
import type { Topic } from "./suite.ts";

/** The URL of a redirect, and of a redirect to that, and so on. */
function chain(...urls: readonly string[]): string {
  return urls.reduceRight((to, from) => `${from}/redirect?to=${encodeURIComponent(to)}`);
}

export const redirects: Topic = {
  "they are followed, and the response says where it comes from": async ({ peers, client, can }) => {
    await using session = client();
    const response = await session.get(chain(peers.own, peers.own, `${peers.own}/echo`));
    equal([response.status, response.url, response.redirected], [200, `${peers.own}/echo`, true]);
    // A browser shows none of the hops.
    equal(response.history.length, can("redirects") ? 2 : 0);
  },
  "to another origin": async ({ peers, client }) => {
    await using session = client();
    const response = await session.get(chain(peers.own, `${peers.other}/echo?a=1`));
    equal([response.url, response.redirected], [`${peers.other}/echo?a=1`, true]);
  },
  "links of the answer are those of where it comes from": async ({ peers, client }) => {
    await using session = client();
    const { links } = await session.get(chain(peers.own, `${peers.other}/links`));
    equal(links.next?.url, `${peers.other}/links?page=2`);
  },
  "302 makes a GET of a POST, 307 sends it again": async ({ peers, client }) => {
    await using session = client();
    const got = await session.post(chain(peers.own, `${peers.own}/echo`), { json: { a: 1 } }).json<Echo>();
    equal([got.method, got.body], ["GET", ""]);
    const again = await session
      .post(`${chain(peers.own, `${peers.own}/echo`)}&is=307`, { json: { a: 1 } })
      .json<Echo>();
    equal([again.method, again.body], ["POST", '{"a":1}']);
  },
  "Authorization stays at home, on the way back too": async ({ peers, client }) => {
    await using session = client({ auth: bearer("hush") });
    const home = await session.get(chain(peers.own, `${peers.own}/echo`)).json<Echo>();
    equal(home.headers.authorization, "Bearer hush");
    const abroad = await session.get(chain(peers.own, `${peers.other}/echo`)).json<Echo>();
    equal(abroad.headers.authorization, undefined);
    const back = await session.get(chain(peers.own, peers.other, `${peers.own}/echo`)).json<Echo>();
    equal(back.headers.authorization, undefined);
  },
  "any other header of the caller's stays at home, or nothing is followed": async ({
    peers,
    client,
    can,
  }) => {
    await using session = client();
    const call = session.get(chain(peers.own, `${peers.other}/echo`), { headers: { "x-api-key": "hush" } });
    if (can("redirects")) equal((await call.json<Echo>()).headers["x-api-key"], undefined);
    else {
      const error = await caught(call, RedirectError);
      equal(error.kind, "refused");
      fits(error.message, "x-api-key");
      equal(String(error).includes("hush"), false);
    }
  },
  "keepHeaders lets it go along": async ({ peers, client }) => {
    await using session = client();
    const echo = await session
      .get(chain(peers.own, `${peers.other}/echo`), {
        headers: { "x-api-key": "known" },
        redirect: { keepHeaders: ["x-api-key"] },
      })
      .json<Echo>();
    equal(echo.headers["x-api-key"], "known");
  },
  'redirect: "error" is a RedirectError': async ({ peers, client }) => {
    await using session = client();
    const call = session.get(chain(peers.own, `${peers.own}/echo`), { redirect: "error" });
    equal((await caught(call, RedirectError)).kind, "forbidden");
    equal((await session.get(`${peers.own}/echo`, { redirect: "error" })).status, 200);
  },
  "a rule that a browser cannot keep is refused there": async ({ peers, client, can }) => {
    await using session = client();
    const asked: readonly (readonly [RedirectOption, string])[] = [
      ["manual", "redirect"],
      [{ max: 0 }, "redirect"],
      [{ max: 3 }, "redirect.max"],
      [{ allowDowngrade: true }, "redirect.allowDowngrade"],
      [{ keepHeaders: ["authorization"] }, "redirect.keepHeaders"],
    ];
    for (const [redirect, option] of asked) {
      const call = session.get(`${peers.own}/echo`, { redirect });
      if (can("redirects")) equal((await call).status, 200);
      else equal((await caught(call, OptionsError)).option, option);
    }
  },
  '"manual" gives the redirect back': async ({ peers, client, can }) => {
    await using session = client();
    const call = session.get(chain(peers.own, `${peers.own}/echo`), { redirect: "manual" });
    if (!can("redirects")) return void (await caught(call, OptionsError));
    const response = await call;
    equal([response.status, response.location], [302, `${peers.own}/echo`]);
  },
  "a circle ends, after twenty": async ({ peers, client, can, fresh }) => {
    await using session = client({ retry: false });
    const run = fresh();
    const { error } = await session.get(`${peers.own}/loop?run=${run}`).result();
    // To a browser it is a failure of the network like any other.
    equal(error?.code, can("redirects") ? "ERR_REDIRECT" : "ERR_NETWORK");
    equal(await session.get(`${peers.own}/counted?run=${run}`).text(), "21");
  },
};
