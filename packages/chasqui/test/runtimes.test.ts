/**
 * The shared tests on every runtime: Node with either transport, Bun, Deno, and Chromium through playwright-core.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { type RunningPractice, startPractice } from "@chasqui/practice";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../src/clock.ts";
import { FetchTransport } from "../src/transport/fetch.ts";
import { bundleForPages, hasChromium, launchChromium, runPage } from "./peers/chromium.ts";
import { atRun, type Run, TESTS } from "./shared/index.ts";
import { type Peer, startPeer } from "./shared/peer.ts";
import type { Capability, Outcome, Peers } from "./shared/suite.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const shared = fileURLToPath(new URL("shared/", import.meta.url));
const programs = `${root}node_modules/.bin/`;

let practice: RunningPractice;
let own: Peer;
let other: Peer;
let peers: Peers;

beforeAll(async () => {
  [practice, own, other] = await Promise.all([startPractice({ port: 0 }), startPeer(), startPeer()]);
  peers = { api: practice.url, own: own.origin, other: other.origin, nobody: await freePort() };
});

afterAll(async () => {
  await Promise.all([practice.close(), own.close(), other.close()]);
});

/** A port that was free a moment ago. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("there is no port");
  return `http://127.0.0.1:${address.port}`;
}

describe("on Node", () => {
  test.each([...TESTS])("%s", (_name, run) => run(atRun({ peers, lacks: [] })));
});

describe("on Node, through Fetch", () => {
  const lacks: readonly Capability[] = ["get-body", "host"];
  const transport: Run["transport"] = ({ clock = systemClock }) => new FetchTransport(clock);
  test.each([...TESTS])("%s", (_name, run) => run(atRun({ peers, lacks, transport })));
});

/** Nothing asks for newer versions, and a proxy of this machine's has no part in it. */
const QUIET: Readonly<Record<string, string>> = {
  NODE_OPTIONS: "",
  NO_COLOR: "1",
  NO_PROXY: "127.0.0.1",
  no_proxy: "127.0.0.1",
  DENO_NO_UPDATE_CHECK: "1",
  DO_NOT_TRACK: "1",
};

/** Runs the sources as a runtime that strips types by itself does. */
function runOn(program: string, ...options: readonly string[]): (run: Run) => Promise<Outcome> {
  return (run) =>
    new Promise((resolve, reject) => {
      const child = spawn(`${programs}${program}`, [...options, `${shared}main.ts`, JSON.stringify(run)], {
        cwd: root,
        env: { ...process.env, ...QUIET },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      const hear = (text: string): void => {
        said += text;
      };
      child.stdout.setEncoding("utf8").on("data", hear);
      child.stderr.setEncoding("utf8").on("data", hear);
      child.once("error", reject);
      child.once("close", () => {
        const outcome = /^OUTCOME (.*)$/m.exec(said)?.[1];
        if (outcome === undefined) reject(new Error(`${program} said nothing of the tests:\n${said}`));
        else resolve(JSON.parse(outcome));
      });
    });
}

/** A page of the own peer's, so that this one is of the page's own origin and the other is not. */
async function runInChromium(run: Run): Promise<Outcome> {
  const [browser, files] = await Promise.all([launchChromium(), bundleForPages(`${shared}page.ts`)]);
  try {
    const page = await browser.newPage();
    await page.goto(`${run.peers.own}/page`);
    await runPage(page, files);
    return await page.evaluate((given) => Reflect.get(globalThis, "runAll")(given), run);
  } finally {
    await browser.close();
  }
}

const elsewhere: readonly {
  readonly name: string;
  readonly there: boolean;
  readonly lacks: readonly Capability[];
  readonly run: (run: Run) => Promise<Outcome>;
}[] = [
  {
    name: "on Bun",
    there: existsSync(`${programs}bun`),
    lacks: ["get-body", "files", "no-environment"],
    run: runOn("bun", "--no-install", "--conditions=chasqui-source"),
  },
  {
    name: "on Deno",
    there: existsSync(`${programs}deno`),
    lacks: ["get-body", "host", "files", "no-environment"],
    run: runOn(
      "deno",
      "run",
      "--no-config",
      "--node-modules-dir=manual",
      "--conditions=chasqui-source",
      "--allow-net",
    ),
  },
  {
    name: "in Chromium",
    there: hasChromium,
    lacks: ["redirects", "jar", "headers", "host", "get-body", "stream-up", "kinds", "codings", "files"],
    run: runInChromium,
  },
];

for (const { name, there, lacks, run } of elsewhere) {
  describe.skipIf(!there)(there ? name : `${name}, which is not installed`, () => {
    let outcome: Outcome = {};
    beforeAll(async () => {
      outcome = await run({ peers, lacks });
    }, 120_000);

    test.each([...TESTS.keys()])("%s", (title) => {
      expect(outcome[title] ?? (title in outcome ? "" : "it was not run")).toBe("");
    });
  });
}
