import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiKey, type CacheEntry, Client, memoryCache, OptionsError, sqliteCache } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { serve } from "../peers/http-server.ts";
import { run } from "../peers/program.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chasqui-cache-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function newFile(): string {
  return join(folder, `${++files}.db`);
}

function entry(variant = "", body: Uint8Array | null = new Uint8Array([1, 2, 3])): CacheEntry {
  const times = { requestedAt: 1_700_000_000_000, receivedAt: 1_700_000_000_005.5 };
  return {
    variant,
    vary: ["accept"],
    status: 200,
    statusText: "OK",
    headers: ["A", "1", "a", "2"],
    body,
    ...times,
  };
}

const KEY = { resource: "r", asker: "nobody" };

describe.each([
  ["memory", async (maxBytes?: number) => memoryCache(maxBytes === undefined ? {} : { maxBytes })],
  ["SQLite", (maxBytes?: number) => sqliteCache(newFile(), maxBytes === undefined ? {} : { maxBytes })],
])("a store in %s", (_, open) => {
  test("gives what was written, as it was", async () => {
    const store = await open();
    store.write(KEY, entry());
    store.write(KEY, entry("v", null));
    expect(await store.read(KEY)).toEqual([entry(), entry("v", null)]);
    expect(store.size).toBe(2);
  });

  test("has one response of a variant, the last", async () => {
    const store = await open();
    store.write(KEY, entry());
    const { bytes } = store;
    store.write(KEY, { ...entry(), status: 404, body: new Uint8Array(100) });
    expect((await store.read(KEY)).map(({ status }) => status)).toEqual([404]);
    expect(store.bytes).toBe(bytes + 97);
  });

  test("keeps apart who asked, and forgets a resource for all of them", async () => {
    const store = await open();
    store.write(KEY, entry());
    store.write({ ...KEY, asker: "ann" }, entry());
    store.write({ ...KEY, resource: "other" }, entry());
    expect(await store.read({ ...KEY, asker: "bob" })).toEqual([]);
    expect(await store.read({ ...KEY, asker: "ann" })).toHaveLength(1);
    store.remove("r");
    expect(await store.read(KEY)).toEqual([]);
    expect(await store.read({ ...KEY, asker: "ann" })).toEqual([]);
    expect(store.size).toBe(1);
    store.clear();
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });

  test("holds so many bytes; what was used longest ago goes", async () => {
    const store = await open(10_000);
    const large = (resource: string) => store.write({ ...KEY, resource }, entry("", new Uint8Array(3000)));
    for (const resource of ["a", "b"]) large(resource);
    await store.read({ ...KEY, resource: "a" });
    for (const resource of ["c", "d"]) large(resource);
    const left: string[] = [];
    for (const resource of ["a", "b", "c", "d"]) {
      if ((await store.read({ ...KEY, resource })).length > 0) left.push(resource);
    }
    expect(left).toEqual(["a", "c", "d"]);
    expect(store.bytes).toBeLessThanOrEqual(10_000);
    store.write({ ...KEY, resource: "huge" }, entry("", new Uint8Array(20_000)));
    expect(await store.read({ ...KEY, resource: "huge" })).toEqual([]);
    expect(store.bytes).toBeLessThanOrEqual(10_000);
  });

  test("keeps sixteen variants of a key, the last that were written", async () => {
    const store = await open();
    for (let i = 0; i < 40; i++) store.write(KEY, entry(`v${i}`));
    store.write({ ...KEY, asker: "ann" }, entry());
    const variants = (await store.read(KEY)).map(({ variant }) => variant);
    expect(new Set(variants)).toEqual(new Set(Array.from({ length: 16 }, (_, index) => `v${24 + index}`)));
    expect(store.size).toBe(17);
  });

  test.each([0, -1, Number.NaN, "1"])("of %s bytes is refused", async (maxBytes) => {
    const opening = (async () => {
      // @ts-expect-error: what JavaScript may give.
      await open(maxBytes);
    })();
    expect(await caught(opening, OptionsError)).toMatchObject({ option: "maxBytes" });
  });

  test("waits once for a file that another process holds, and not for each response", async () => {
    const file = newFile();
    using store = await sqliteCache(file);
    store.write(KEY, entry());
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    expect(() => store.write(KEY, entry("held"))).toThrow();
    // One that waited would fail as the first did.
    for (let count = 0; count < 20; count++) store.write(KEY, entry(String(count)));
    expect(await store.read(KEY)).toEqual([entry()]);
    other.exec("ROLLBACK");
    other.close();
    store.remove(KEY.resource);
    expect(store.size).toBe(0);
  });
});

describe("a cache in a file", () => {
  test("is there again when it is opened anew, and its owner's alone", async () => {
    const file = newFile();
    const first = await sqliteCache(file);
    first.write(KEY, entry());
    if (process.platform !== "win32") {
      for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    }
    first.close();
    first.close();
    using second = await sqliteCache(pathToFileURL(file));
    expect(await second.read(KEY)).toEqual([entry()]);
    expect(second.bytes).toBeGreaterThan(0);
  });

  test.runIf(process.platform !== "win32")(
    "is its owner's alone where it was everybody's before",
    async () => {
      const file = newFile();
      writeFileSync(file, "", { mode: 0o644 });
      chmodSync(file, 0o644);
      using store = await sqliteCache(file);
      store.write(KEY, entry());
      for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    },
  );

  test("is used by several that have it open", async () => {
    const file = newFile();
    using one = await sqliteCache(file);
    using other = await sqliteCache(file);
    one.write(KEY, entry());
    expect(await other.read(KEY)).toHaveLength(1);
    other.remove("r");
    expect(await one.read(KEY)).toEqual([]);
    expect([one.bytes, other.bytes]).toEqual([0, 0]);
  });

  test("is used by several processes at a time, which lose nothing", { timeout: 60_000 }, async () => {
    const file = newFile();
    const program = `
      import { sqliteCache } from "../src/index.ts";
      const { FILE: file, NAME: name } = process.env;
      const store = await sqliteCache(file);
      for (let i = 0; i < 30; i++) {
        const entry = { variant: "", vary: [], status: 200, statusText: "", headers: [], requestedAt: i, receivedAt: i };
        store.write({ resource: name + i, asker: "nobody" }, { ...entry, body: new Uint8Array(100) });
        if (store.read({ resource: name + i, asker: "nobody" }).length !== 1) throw new Error("it is lost");
      }
      store.close();
    `;
    const ended = await Promise.all(["a", "b", "c"].map((NAME) => run(program, { FILE: file, NAME })));
    for (const { code, stderr } of ended) expect([code, stderr]).toEqual([0, ""]);
    using store = await sqliteCache(file);
    expect(store.size).toBe(90);
    store.clear();
    expect(store.bytes).toBe(0);
  });

  test("of another version is begun anew", async () => {
    const file = newFile();
    const first = await sqliteCache(file);
    first.write(KEY, entry());
    first.close();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    using second = await sqliteCache(file);
    expect(second.size).toBe(0);
    second.write(KEY, entry());
    expect(await second.read(KEY)).toHaveLength(1);
  });

  test("that is something else is left alone", async () => {
    const text = newFile();
    writeFileSync(text, "no database at all, and longer than its head of a hundred bytes would be".repeat(4));
    const database = newFile();
    const other = new DatabaseSync(database);
    other.exec("CREATE TABLE entries (id)");
    other.close();
    for (const file of [text, database, join(folder, "nowhere", "a.db"), folder]) {
      const error = await caught(sqliteCache(file), OptionsError);
      expect(error).toMatchObject({ option: "path" });
    }
    const again = new DatabaseSync(database);
    expect(again.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "entries" }]);
    again.close();
  });

  test.each(["", ":memory:", "a\u0000b", 5, null])("%j is no path", async (path) => {
    // @ts-expect-error: what JavaScript may give.
    expect(await caught(sqliteCache(path), OptionsError)).toMatchObject({ option: "path" });
  });

  test("that somebody else has written nonsense to is as good as empty", async () => {
    const file = newFile();
    const lines: string[] = [];
    const log = { debug() {}, info() {}, warn: (line: string) => void lines.push(line), error() {} };
    using store = await sqliteCache(file);
    await using server = await serve((response) => {
      response.writeHead(200, { "cache-control": "max-age=60" }).end("x");
    });
    await using client = new Client({ baseUrl: server.origin, cache: { store }, log });
    await client.get("/");
    const database = new DatabaseSync(file);
    database.exec("UPDATE entries SET headers = '{}'");
    database.close();
    expect((await client.get("/")).cached).toBe("miss");
    expect(lines).toEqual([expect.stringContaining("The cache could not be read: TypeError")]);
    store.close();
    expect((await client.get("/")).cached).toBe("miss");
  });
});

describe("a store that outlives the process", () => {
  test("knows again who asks, by a name, where all that goes along is the client's own", async () => {
    const askers: string[] = [];
    const store = memoryCache();
    const spy = {
      read: store.read.bind(store),
      remove: store.remove.bind(store),
      write(...[key, kept]: Parameters<typeof store.write>) {
        askers.push(key.asker);
        store.write(key, kept);
      },
    };
    await using server = await serve((response) => {
      response.writeHead(200, { "cache-control": "max-age=60" }).end("x");
    });
    const baseUrl = server.origin;
    const cache = { store: spy, identity: "ann" };
    await using first = new Client({ baseUrl, auth: apiKey("k-1"), cache });
    await using renewed = new Client({
      baseUrl,
      auth: apiKey("k-2"),
      headers: { authorization: "t" },
      cache,
    });
    await first.get("/");
    expect((await renewed.get("/")).cached).toBe("hit");
    expect((await renewed.get("/", { auth: apiKey("bob") })).cached).toBe("miss");
    expect((await renewed.get("/", { headers: { authorization: "bob" } })).cached).toBe("miss");
    expect((await renewed.get("/", { cookies: { sid: "bob" } })).cached).toBe("miss");
    await using other = new Client({ baseUrl, auth: apiKey("k-1"), cache: { ...cache, identity: "bob" } });
    expect((await other.get("/")).cached).toBe("miss");
    expect(new Set(askers).size).toBe(askers.length);
    expect(JSON.stringify(askers)).not.toMatch(/ann|bob|k-1/);
    // The same in every process.
    expect(askers[0]).toMatch(/^[\da-f]{64}$/);
  });

  test("gives to a later process what an earlier one has stored", { timeout: 60_000 }, async () => {
    await using server = await serve((response, { headers }) => {
      response.writeHead(200, { "cache-control": "max-age=600" }).end(headers["x-api-key"] ?? "nobody");
    });
    const program = `
      import { apiKey, Client, sqliteCache } from "../src/index.ts";
      using store = await sqliteCache(process.env.FILE);
      const cache = { store, identity: "ann" };
      await using named = new Client({ baseUrl: process.env.ORIGIN, auth: apiKey("k-1"), cache });
      await using unnamed = new Client({ baseUrl: process.env.ORIGIN, auth: apiKey("k-1"), cache: { store } });
      await using nobody = new Client({ baseUrl: process.env.ORIGIN, cache: { store } });
      for (const client of [named, unnamed, nobody]) {
        const response = await client.get("/");
        console.log(response.cached, await response.text());
      }
    `;
    const env = { FILE: newFile(), ORIGIN: server.origin };
    expect((await run(program, env)).stdout).toBe("miss k-1\nmiss k-1\nmiss nobody\n");
    expect((await run(program, env)).stdout).toBe("hit k-1\nmiss k-1\nhit nobody\n");
    expect(server.seen).toHaveLength(4);
  });
});
