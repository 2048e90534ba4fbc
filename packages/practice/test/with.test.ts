import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

const practice = createPractice();
const status = async (path: string, init?: RequestInit) => {
  const response = await practice.fetch(`http://x.test${path}`, init);
  await response.body?.cancel();
  return response.status;
};
const statuses = async (path: string, times: number) => {
  const all: number[] = [];
  for (let turn = 0; turn < times; turn++) all.push(await status(path));
  return all;
};

describe("/stream/events", () => {
  const read = async (path: string, headers: Record<string, string> = {}) =>
    (await practice.fetch(`http://x.test/stream/events${path}`, { headers })).text();

  test("has ids, a type, data in several lines, and the time to wait", async () => {
    const response = await practice.fetch("http://x.test/stream/events?n=2&retry=7");
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const text = await response.text();
    expect(text.startsWith(": the practice API\nretry: 7\n\nid: 1\nevent: post\ndata: {\ndata: ")).toBe(true);
    expect(text.match(/^id: .*$/gm)).toEqual(["id: 1", "id: 2"]);
    expect(text.endsWith("data: }\n\n")).toBe(true);
  });
  test("drops after so many, goes on after Last-Event-ID, and says 204 after the last", async () => {
    expect((await read("?n=5&drop=2")).match(/^id: .*$/gm)).toEqual(["id: 1", "id: 2"]);
    expect((await read("?n=5&drop=2", { "last-event-id": "4" })).match(/^id: .*$/gm)).toEqual(["id: 5"]);
    expect(await status("/stream/events?n=5", { headers: { "last-event-id": "5" } })).toBe(204);
  });
  test("breaks in the middle of an event", async () => {
    await expect(read("?n=5&drop=2&how=break")).rejects.toThrow("broke");
  });
});

test("/faults/bomb is small, and a thousand times as large when it is unpacked", async () => {
  const response = await practice.fetch("http://x.test/faults/bomb?size=3000000");
  expect(response.headers.get("content-encoding")).toBe("gzip");
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.length).toBeLessThan(3500);
  const unpacked = gunzipSync(bytes);
  expect([unpacked.length, unpacked.every((byte) => byte === 0)]).toEqual([3_000_000, true]);
  const huge = await practice.fetch("http://x.test/faults/bomb?size=1e12");
  await huge.body?.cancel();
});

test("/faults/flaky fails at the same requests for the same seed, at about the share that was asked", async () => {
  const first = await statuses("/faults/flaky?rate=.3&seed=7&run=f1", 200);
  expect(await statuses("/faults/flaky?rate=.3&seed=7&run=f2", 200)).toEqual(first);
  expect(await statuses("/faults/flaky?rate=.3&seed=8&run=f3", 200)).not.toEqual(first);
  const failed = first.filter((one) => one === 503).length;
  expect(failed).toBeGreaterThan(30);
  expect(failed).toBeLessThan(90);
  practice.reset("f1");
  expect(await statuses("/faults/flaky?rate=.3&seed=7&run=f1", 200)).toEqual(first);
  expect(await statuses("/faults/flaky?rate=0&run=f4", 20)).toEqual(Array(20).fill(200));
});

describe("/with/", () => {
  test("flaky before any route, by run and seed", async () => {
    const first = await statuses("/with/flaky=.4/posts/1?run=w1&seed=3", 50);
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await statuses("/with/flaky=.4/posts/1?run=w2&seed=3", 50)).toEqual(first);
    await status("/runs/w1", { method: "DELETE" });
    expect(await statuses("/with/flaky=.4/posts/1?run=w1&seed=3", 50)).toEqual(first);
  });

  test("rate lets so many through a second, and says when to come again", async () => {
    let now = 1000;
    const timed = createPractice({ now: () => now });
    const ask = () => timed.fetch("http://x.test/with/rate=2/posts/1");
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const refused = await ask();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    now += 1000;
    expect((await ask()).status).toBe(200);
  });

  test("bearer wants a token of the age that it says", async () => {
    let now = 1000;
    const timed = createPractice({ now: () => now });
    const ask = (headers: Record<string, string>) =>
      timed.fetch("http://x.test/with/bearer=2s/posts/1", { headers });
    expect((await ask({})).headers.get("www-authenticate")).toBe('Bearer realm="practice"');
    const granted = await timed.fetch("http://x.test/auth/token", {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: "practice-client",
        client_secret: "practice-secret",
      }),
    });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const authorization = `Bearer ${token}`;
    expect((await ask({ authorization })).status).toBe(200);
    now += 2000;
    const late = await ask({ authorization });
    expect([late.status, late.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="practice", error="invalid_token", error_description="the token has expired"',
    ]);
  });

  test("several stand in a row, and the links of a page lead through them again", async () => {
    const response = await practice.fetch(
      "http://x.test/with/latency=1;rate=1000/paging/link/posts?page=2&per_page=5&run=w3",
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("link")).toContain(
      '<http://x.test/with/latency=1;rate=1000/paging/link/posts?page=3&per_page=5&run=w3>; rel="next"',
    );
    const list = await practice.fetch("http://x.test/with/latency=1/posts?_page=2&_limit=5");
    expect(list.headers.get("link")).toContain("<http://x.test/with/latency=1/posts?_page=3&_limit=5>");
  });

  test("a method, headers and a body go along; a fault of the connection is one", async () => {
    const created = await practice.fetch("http://x.test/with/latency=0/posts", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"title":"hi"}',
    });
    expect([created.status, await created.json()]).toEqual([201, { title: "hi", id: 101 }]);
    await expect(practice.fetch("http://x.test/with/latency=0/faults/reset")).rejects.toThrow(TypeError);
  });

  test.each(["/with/posts/1", "/with/flaky=x/posts", "/with/bearer=2/posts", "/with/toString=1/posts"])(
    "%s is 400 and says what there is",
    async (path) => {
      const response = await practice.fetch(`http://x.test${path}`);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { error: string }).error).toContain("it knows flaky=");
    },
  );
});
