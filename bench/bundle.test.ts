import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as chasqui from "chasqui";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { bundle, ENTRIES, published } from "./bundle.ts";
import { BUNDLER_NAMES } from "./bundlers.ts";
import { ENTRY_LIMIT } from "./scenarios/size.ts";

const CHROMIUM = "/usr/bin/chromium";

test.each(BUNDLER_NAMES)(
  "what a page begins with is within the limit, and a first GET waits for few files: %s",
  async (by) => {
    const { entry, firstGet } = await bundle(ENTRIES.chasqui ?? "", by);
    expect(entry.gzipped).toBeLessThanOrEqual(ENTRY_LIMIT * 1000);
    // The program and the faces at once, then the engine with the file that names it; esbuild makes a file or two more of these.
    expect(firstGet.files).toBeLessThanOrEqual(6);
    expect(firstGet.gzipped).toBeLessThanOrEqual(100_000);
  },
);

test.each(BUNDLER_NAMES)(
  "an error's class, or a way to authenticate, does not take the engine along: %s",
  async (by) => {
    const { entry } = await bundle('export { Client, get, HttpError, apiKey, bearer } from "chasqui";', by);
    expect(entry.gzipped).toBeLessThanOrEqual(20_000);
  },
);

test.each(BUNDLER_NAMES)("a name out of all of them takes no other along: %s", async (by) => {
  const { entry } = await bundle('import * as chasqui from "chasqui"; globalThis.told = chasqui.get;', by);
  expect(entry.gzipped).toBeLessThanOrEqual(ENTRY_LIMIT * 1000);
});

test("what is loaded by import() is counted apart, what is imported at once is not", async () => {
  const { entry, later } = await bundle(
    'export { get } from "chasqui"; export const ky = () => import("ky");',
  );
  expect(later.gzipped).toBeGreaterThan(1000);
  const alone = await bundle('export { get } from "chasqui";');
  expect(entry.gzipped - alone.entry.gzipped).toBeLessThan(500);
});

test("what is built for browsers exports the names that the door has, and no other", async () => {
  const built: object = await import(pathToFileURL(join(await published(), "index.js")).href);
  expect(Object.keys(built).sort()).toEqual(Object.keys(chasqui).sort());
});

test.skipIf(!existsSync(CHROMIUM)).each(BUNDLER_NAMES)(
  "a page loads that for its first GET, and nothing else, from what is published: %s",
  async (by) => {
    const { files, firstGet } = await bundle(
      'import { get } from "chasqui"; globalThis.told = get(location.origin + "/data").json();',
      by,
    );
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const name = (request.url ?? "").slice(1);
      const code = files.get(name);
      if (code !== undefined) asked.push(name);
      const isPage = name === "page";
      response.writeHead(200, {
        "content-type": isPage ? "text/html" : code === undefined ? "application/json" : "text/javascript",
      });
      response.end(
        isPage ? '<!doctype html><script type="module" src="/entry.js"></script>' : (code ?? "[1]"),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server", "--no-first-run"],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${port}/page`);
      expect(await page.evaluate(() => Reflect.get(globalThis, "told"))).toEqual([1]);
      expect(new Set(asked).size).toBe(asked.length);
      expect(asked.length).toBe(firstGet.files);
    } finally {
      await browser.close();
      server.close();
    }
  },
  60_000,
);
