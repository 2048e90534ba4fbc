import { memoryCache, OptionsError, sqliteCache } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal, fits } from "./assert.ts";
import type { At, Topic } from "./suite.ts";

/** A client whose cookies nobody adds to unseen, as a browser would. */
function cached(at: At, cache: true | { store: ReturnType<typeof memoryCache> } = true) {
  return at.client({ cache, cookies: false });
}

export const caches: Topic = {
  "what is fresh is not asked for again": async (at) => {
    await using client = cached(at);
    const params = { control: "max-age=60", run: at.fresh() };
    for (const verdict of ["miss", "hit"] as const) {
      const response = await client.get(`${at.peers.api}/cache`, { params });
      equal(response.cached, verdict);
      equal(await response.json(), { served: 1 });
    }
  },

  "what is stale is asked after, and given again after a 304": async (at) => {
    await using client = cached(at);
    // A page does not see the tag of another origin, and asks by the date alone.
    const params = { control: "max-age=0", etag: "v1", modified: 60, run: at.fresh() };
    for (const verdict of ["miss", "revalidated"] as const) {
      const response = await client.get(`${at.peers.api}/cache`, { params });
      equal([response.status, response.cached], [200, verdict]);
      equal(await response.json(), { served: 1 });
    }
  },

  "a change makes it forgotten": async (at) => {
    await using client = cached(at);
    const params = { control: "max-age=60", run: at.fresh() };
    const url = `${at.peers.api}/cache`;
    await client.get(url, { params });
    await client.post(url, { params });
    equal(await client.get(url, { params }).json(), { served: 3 });
  },

  "a streamed body is stored when it has been read": async (at) => {
    const store = memoryCache();
    await using client = cached(at, { store });
    const params = { control: "max-age=60", run: at.fresh() };
    const response = await client.get(`${at.peers.api}/cache`, { params, stream: true });
    equal(store.size, 0);
    await response.text();
    equal(store.size, 1);
  },

  "where the runtime adds cookies of its own nothing is stored": async (at) => {
    await using client = at.client({ cache: true });
    const params = { control: "max-age=60", run: at.fresh() };
    const verdicts: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      verdicts.push((await client.get(`${at.peers.api}/cache`, { params })).cached);
    }
    equal(verdicts, at.can("jar") ? ["miss", "hit"] : [undefined, undefined]);
  },

  "a cache in a file needs Node": async (at) => {
    if (at.can("files")) return;
    const error = await caught(sqliteCache("cache.db"), OptionsError);
    fits(error.message, "needs Node");
  },
};
