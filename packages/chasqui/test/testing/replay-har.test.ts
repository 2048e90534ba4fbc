import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CallerError, Client, get, har, OptionsError } from "../../src/index.ts";
import { replayHAR } from "../../src/testing/index.ts";
import { caught } from "../peers/caught.ts";
import { json, serve } from "../peers/http-server.ts";

function entry(url: string, response: object, method = "GET"): object {
  return {
    request: { method, url },
    response: { status: 200, statusText: "OK", headers: [], content: {}, ...response },
  };
}

function archive(...entries: object[]): object {
  return { log: { version: "1.2", entries } };
}

describe("replayHAR", () => {
  test("answers out of an archive as a browser saves one", async () => {
    const headers = [
      { name: "Content-Type", value: "application/json" },
      // A browser writes down that it was coded, and what it was decoded to.
      { name: "content-encoding", value: "br" },
      { name: "content-length", value: "3" },
      { name: ":status", value: "200" },
    ];
    const transport = replayHAR(
      archive(
        entry("https://api.test/a?x=1#top", { headers, content: { text: '{"a":1}' } }),
        entry("https://api.test/b", { content: { text: "AAH/", encoding: "base64" } }),
        entry("https://api.test/blocked", { status: 0 }),
      ),
    );
    await using client = new Client({ transport });
    const response = await client.get("https://api.test/a", { params: { x: 1 } });
    expect(await response.json()).toEqual({ a: 1 });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect([...(await client.get("https://api.test/b").bytes())]).toEqual([0, 1, 255]);
    expect(await client.get("https://api.test/a?x=1").json()).toEqual({ a: 1 });
    const error = await caught(client.get("https://api.test/blocked"), CallerError);
    expect(error.hint).toContain("GET https://api.test/a?x=1");
  });

  test("answers out of a file, and what har() has written", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chasqui-har-"));
    try {
      const path = join(folder, "a.har");
      await using server = await serve({
        "/empty": (response) => void response.writeHead(404, { "content-length": 0 }).end(),
        "/full": json({ a: 1 }),
      });
      const empty = await get(`${server.origin}/empty?token=abc`);
      const full = await get(`${server.origin}/full`);
      expect(await full.json()).toEqual({ a: 1 });
      await writeFile(path, JSON.stringify(har([empty.trace, full.trace])));
      await using client = new Client({ transport: replayHAR(path) });
      expect((await client.get(`${server.origin}/empty?token=other`)).status).toBe(404);
      const error = await caught(client.get(`${server.origin}/full`), CallerError);
      expect(error.message).toContain(`has no body for GET ${server.origin}/full`);
      expect(error.hint).toMatch(/har\(\) writes no bodies.*with content.*cassette\(\)/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each<[string, object, boolean]>([
    ["content of a size", { content: { size: 9 } }, true],
    ["content of a size that is empty", { content: { size: 9, text: "" } }, true],
    ["a size on the wire", { content: { size: -1 }, bodySize: 9 }, true],
    ["nothing, compressed", { content: { size: 0, text: "" }, bodySize: 20 }, false],
    ["a 204", { status: 204, content: { size: 9 } }, false],
    ["a 304", { status: 304, content: { size: 9 } }, false],
  ])(
    "of an answer with %s and no text, the body is missed where there was one",
    async (_, response, isError) => {
      await using client = new Client({
        transport: replayHAR(
          archive(entry("https://a.test/", response), entry("https://a.test/", response, "HEAD")),
        ),
      });
      if (isError) await caught(client.get("https://a.test/"), CallerError);
      else expect(await client.get("https://a.test/").text()).toBe("");
      expect(await client.head("https://a.test/").text()).toBe("");
    },
  );

  test("plays in order, each once, where it is told so", async () => {
    const transport = replayHAR(
      archive(
        entry("https://a.test/", { content: { text: "1" } }),
        entry("https://a.test/", { content: { text: "2" } }),
      ),
      { repeat: false },
    );
    await using client = new Client({ transport });
    expect([await client.get("https://a.test/").text(), await client.get("https://a.test/").text()]).toEqual([
      "1",
      "2",
    ]);
    await caught(client.get("https://a.test/"), CallerError);
  });

  test.each([
    [{}, "no HTTP Archive"],
    [{ log: { entries: [7] } }, "entry 1 has no request and response"],
    [archive({ request: { method: "GET" }, response: {} }), "entry 1 has no method, URL and status"],
    ["/nowhere/at-all.har", "cannot be read"],
  ])("%j is refused", async (given, said) => {
    await using client = new Client({ transport: replayHAR(given) });
    const error = await caught(client.get("https://a.test/"), CallerError);
    expect(error.message).toContain(said);
  });

  test("takes a path or an archive", () => {
    expect(() => replayHAR(JSON.parse("7"))).toThrow(OptionsError);
  });
});
