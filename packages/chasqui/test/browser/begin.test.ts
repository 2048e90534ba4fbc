/** What is done in a page before the engine has come, in Chromium. */
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleForPages, hasChromium, launchChromium, runPage } from "../peers/chromium.ts";
import { type Peer, startPeer } from "../shared/peer.ts";
import { AGAIN, BEGINNINGS } from "./begin.ts";

/** The file of `engine/whole.ts`. */
const ENGINE = /^whole-/;

describe.skipIf(!hasChromium)(hasChromium ? "in a page" : "in a page, for which there is no Chromium", () => {
  let browser: Browser;
  let own: Peer;
  let other: Peer;
  let files: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const input = fileURLToPath(new URL("page.ts", import.meta.url));
    [browser, own, other, files] = await Promise.all([
      launchChromium(),
      startPeer(),
      startPeer(),
      bundleForPages(input),
    ]);
  }, 60_000);

  afterAll(() => Promise.all([browser.close(), own.close(), other.close()]));

  test("the engine is a file of its own", () => {
    expect([...files.keys()].filter((name) => ENGINE.test(name))).toHaveLength(1);
  });

  test.each(Object.keys(BEGINNINGS))("%s", async (name) => {
    const page = await browser.newPage();
    try {
      const come = Promise.withResolvers<void>();
      let lost = false;
      await page.exposeFunction("letCome", () => come.resolve());
      await page.exposeFunction("lose", (now: boolean) => {
        lost = now;
      });
      await page.goto(`${own.origin}/page`);
      await runPage(page, name === AGAIN ? askingAgain(files) : files, async (file) => {
        if (!ENGINE.test(file)) return true;
        await come.promise;
        return !lost;
      });
      await page.evaluate(([title, origins]) => Reflect.get(globalThis, "begin")(title, origins), [
        name,
        { own: own.origin, other: other.origin },
      ] as const);
      come.resolve();
    } finally {
      await page.close();
    }
  });
});

/**
 * With a loader that asks again for a file that could not be had, as that of webpack does: Chromium's own remembers the failure
 * as long as the page is there.
 */
function askingAgain(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const again = (code: string): string =>
    code.replaceAll(/import\((["'`])(\.\/whole-[^"'`]+)\1\)/g, 'import("$2?" + performance.now())');
  return new Map(Array.from(files, ([name, code]) => [name, again(code)]));
}
