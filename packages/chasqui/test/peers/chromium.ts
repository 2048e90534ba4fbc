import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { Rolldown } from "tsdown";

const CHROMIUM = "/usr/bin/chromium";

/** Whether Debian's Chromium is installed. */
export const hasChromium: boolean = existsSync(CHROMIUM);

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--no-proxy-server",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A program as a bundler makes it for pages: the text of each file by its name; the one to begin with is `page.js`. */
export async function bundleForPages(input: string): Promise<ReadonlyMap<string, string>> {
  const built = await Rolldown.rolldown({
    input: { page: input },
    platform: "browser",
    resolve: { conditionNames: ["chasqui-source", "browser", "import", "default"] },
    logLevel: "silent",
  });
  const { output } = await built.generate({ format: "esm", entryFileNames: "[name].js" });
  await built.close();
  return new Map(output.filter((part) => part.type === "chunk").map((part) => [part.fileName, part.code]));
}

/** Gives a page the files of a bundle, once each may be had, and runs it there. */
export async function runPage(
  page: Page,
  files: ReadonlyMap<string, string>,
  mayHave: (file: string) => Promise<boolean> = async () => true,
): Promise<void> {
  await page.route("**/bundle/*", async (route) => {
    const file = new URL(route.request().url()).pathname.replace("/bundle/", "");
    const body = files.get(file);
    if (body === undefined || !(await mayHave(file))) await route.fulfill({ status: 404 });
    else await route.fulfill({ body, contentType: "text/javascript" });
  });
  await page.addScriptTag({ url: "/bundle/page.js", type: "module" });
}
