import { describe, expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

const memory = createPractice({ now: () => Date.UTC(2026, 10, 22, 12) });
const ask = (path: string, init: RequestInit = {}) => memory.fetch(`http://x.test${path}`, init);

describe("/cache", () => {
  test("says to caches what is asked", async () => {
    const response = await ask("/cache?control=max-age%3D60&etag=v1&age=5&vary=X-A&modified=60&expires=60");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "cache-control": "max-age=60",
      etag: '"v1"',
      age: "5",
      vary: "Origin, Accept-Encoding, X-A",
      "last-modified": "Sat, 21 Nov 2026 23:59:00 GMT",
      expires: "Sun, 22 Nov 2026 12:01:00 GMT",
    });
  });

  test("counts how often it was asked, by any method", async () => {
    expect(await (await ask("/cache?run=a")).json()).toEqual({ served: 1 });
    expect(await (await ask("/cache?run=a", { method: "POST" })).json()).toEqual({ served: 2 });
    expect(await (await ask("/cache?run=b")).json()).toEqual({ served: 1 });
  });

  test.each([
    ["etag=v1", { "if-none-match": '"v1"' }, 304],
    ["etag=v1", { "if-none-match": '"v2"' }, 200],
    ["modified=0", { "if-modified-since": "Sun, 22 Nov 2026 00:00:00 GMT" }, 304],
    ["modified=1", { "if-modified-since": "Sun, 22 Nov 2026 00:00:00 GMT" }, 200],
    [
      "etag=v1&modified=0",
      { "if-none-match": '"v2"', "if-modified-since": "Sun, 22 Nov 2026 00:00:00 GMT" },
      200,
    ],
  ])("%s and %j is %i", async (query, headers, status) => {
    expect((await ask(`/cache?${query}`, { headers })).status).toBe(status);
  });

  test.each(["expires=soon", "modified=", "control=a%0Ab", "expires=1e300"])(
    "%s is refused",
    async (query) => {
      expect((await ask(`/cache?${query}`)).status).toBe(400);
    },
  );
});
