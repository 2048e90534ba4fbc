/**
 * The browser of the system.
 *
 * @module
 */
import { spawn } from "node:child_process";

/** What opens a URL. None of them goes through a shell, which would read the URL as its own. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Writes the URL of a page to stderr, and opens it: where there is no browser, somebody can still go there. */
export function openBrowser(url: string): void {
  process.stderr.write(`To sign in, open ${url}\n`);
  const [command, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, url], { detached: true, stdio: "ignore" });
  child.once("error", () => {});
  child.unref();
}
