/**
 * `npm run cache-tests`: runs the public suite `http-tests/cache-tests` (npm `http-cache-tests`) through our client, as a private cache,
 * and prints how many of its tests pass, and which do not. Its server listens on a free port of the loopback.
 *
 * `npm run cache-tests -- undici` runs it through another client's cache, to compare: `chasqui` (default), `sqlite`, `undici`, `got`.
 * `--json` prints the results as JSON, `--id=a,b` runs the tests of those ids and shows what goes to and fro.
 *
 * The suite has "required" tests, of what the standard demands, "optimal" ones, of what a cache could do besides, and "checks", which
 * have no right answer. As a private cache is run what the suite runs in browsers, and what it does not because a browser hides it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type CacheMode, Client, sqliteCache } from "chasqui";
import { type Answered, type AskedOf, getResults, runTests } from "http-cache-tests/client/runner.mjs";
import handleConfig from "http-cache-tests/server/handle-config.mjs";
import handleState from "http-cache-tests/server/handle-state.mjs";
import handleTest from "http-cache-tests/server/handle-test.mjs";
import suites, { type CacheTest } from "http-cache-tests/tests/index.mjs";

type Ask = (url: string, asked: Partial<AskedOf>) => Promise<Answered>;

/** Of the tests that a browser skips, those that are about shared caches. */
const OF_SHARED_CACHES = /-shared(?:-|$)|^other-authorization/;

/** Header lines as an object; Fetch would trim them, too. */
function headersOf({ headers = [] }: Partial<AskedOf>): Record<string, string[]> {
  const lines: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    lines[lower] = [...(lines[lower] ?? []), String(value).trim()];
  }
  return lines;
}

const MODES: readonly CacheMode[] = [
  "default",
  "no-store",
  "reload",
  "no-cache",
  "force-cache",
  "only-if-cached",
];

function throughChasqui(client: Client): Ask {
  return async (url, asked) => {
    const cache = MODES.find((mode) => mode === asked.cache);
    const response = await client.request(asked.method ?? "GET", url, {
      headers: headersOf(asked),
      redirect: asked.redirect === "manual" ? "manual" : "follow",
      ...(asked.body === undefined ? {} : { body: asked.body }),
      ...(cache === undefined ? {} : { cache }),
    });
    return {
      status: response.status,
      headers: new Headers([...response.headers]),
      text: () => response.text(),
    };
  };
}

/** How each client asks. What retries and cookies would add is no matter of caches. */
const CLIENTS: Readonly<Record<string, () => Promise<Ask>>> = {
  chasqui: async () => throughChasqui(new Client({ cache: true, retry: false, cookies: false })),
  sqlite: async () => {
    const folder = mkdtempSync(join(tmpdir(), "chasqui-cache-tests-"));
    process.on("exit", () => rmSync(folder, { recursive: true }));
    const store = await sqliteCache(join(folder, "cache.db"));
    return throughChasqui(new Client({ cache: { store }, retry: false, cookies: false }));
  },
  undici: async () => {
    const { Agent, fetch, interceptors } = await import("undici");
    const dispatcher = new Agent().compose(interceptors.cache({ type: "private" }));
    return (url, asked) => {
      const headers: [string, string][] = (asked.headers ?? []).map(([name, value]) => [name, String(value)]);
      const redirect = asked.redirect === "manual" ? "manual" : "follow";
      const cache = MODES.find((mode) => mode === asked.cache) ?? "default";
      const { method = "GET", body = null } = asked;
      return fetch(url, { method, body, headers, redirect, cache, dispatcher }) as Promise<Answered>;
    };
  },
  got: async () => {
    const { default: got } = await import("got");
    const cache = new Map();
    return async (url, asked) => {
      const response = await got(url, {
        cache,
        headers: Object.fromEntries(
          Object.entries(headersOf(asked)).map(([name, lines]) => [name, lines.join(", ")]),
        ),
        followRedirect: asked.redirect !== "manual",
        retry: { limit: 0 },
        throwHttpErrors: false,
        // It takes any method, and its types a few.
        method: (asked.method ?? "GET") as "GET",
        ...(asked.body === undefined ? {} : { body: asked.body }),
      });
      const lines = Object.entries(response.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((line): [string, string] => [name, line]),
      );
      const text = String(response.body);
      return { status: response.statusCode, headers: new Headers(lines), text: async () => text };
    };
  },
};

/** What a run came to. */
interface Outcome {
  readonly counts: Readonly<Record<Kind, { readonly passed: number; readonly of: number }>>;
  /** What failed, with what was wrong. */
  readonly failed: readonly { readonly id: string; readonly kind: Kind; readonly why: string }[];
}

type Kind = "required" | "optimal" | "check";

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, id: { type: "string" } },
  allowPositionals: true,
});
const [name = "chasqui"] = positionals;
const make = Object.hasOwn(CLIENTS, name) ? CLIENTS[name] : undefined;
if (make === undefined)
  throw new Error(`There is no client ${name}; there are ${Object.keys(CLIENTS).join(", ")}.`);

const chosen = values.id?.split(",");
for (const suite of suites) {
  suite.tests = suite.tests.filter(({ id }) => chosen?.includes(id) ?? true);
  for (const test of suite.tests) {
    test.dump = chosen !== undefined;
    test.browser_skip = OF_SHARED_CACHES.test(test.id);
  }
}

/** The suite waits three seconds where something is to become stale. Nobody waits here: the clock stands still, and goes on then. */
const PAUSE = 3000;
let now = Date.now();
const later = globalThis.setTimeout;
Object.defineProperty(Date, "now", { value: () => now });
Object.defineProperty(globalThis, "setTimeout", {
  value: (callback: (...given: unknown[]) => void, ms: number, ...rest: unknown[]) => {
    // A client's own timers of that length are given something.
    if (ms !== PAUSE || rest.length > 0) return later(() => callback(...rest), ms);
    now += PAUSE;
    return later(callback, 0);
  },
});

const { log } = console;
// The suite tells the console what it thinks of its own requests.
if (chosen === undefined) console.log = () => {};
const outcome = await run(await make());
console.log = log;
if (values.json === true) log(JSON.stringify(outcome));
else print(outcome);
// What a peer keeps open is no matter of ours.
process.exit();

async function run(ask: Ask): Promise<Outcome> {
  const handlers = new Map([
    ["config", handleConfig],
    ["state", handleState],
    ["test", handleTest],
  ]);
  const server = createServer((request, response) => {
    const [, kind = "", ...path] = new URL(request.url ?? "", "http://localhost").pathname.split("/");
    const handle = handlers.get(kind);
    // Node's own clock does not stand still.
    response.sendDate = false;
    if (handle === undefined) response.writeHead(404).end();
    else handle(path, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  // One at a time: they have one clock.
  await runTests(suites, (url, asked = {}) => ask(url, asked), true, `http://127.0.0.1:${address.port}`, 1);
  server.close();
  return outcomeOf(suites.flatMap(({ tests }) => tests));
}

function outcomeOf(tests: readonly CacheTest[]): Outcome {
  const results = getResults();
  const counts = {
    required: { passed: 0, of: 0 },
    optimal: { passed: 0, of: 0 },
    check: { passed: 0, of: 0 },
  };
  const failed: Outcome["failed"][number][] = [];
  for (const { id, kind = "required", depends_on: dependencies = [] } of tests) {
    const result = results[id];
    if (result === undefined) continue;
    counts[kind].of++;
    if (result === true) counts[kind].passed++;
    else {
      const lacking = dependencies.filter((other) => results[other] !== true);
      const says = lacking.length === 0 ? "" : `; it says little, for ${lacking.join(", ")} does not pass`;
      failed.push({ id, kind, why: `${result.join(": ").split("\n", 1)[0]}${says}` });
    }
  }
  return { counts, failed };
}

function print({ counts, failed }: Outcome): void {
  const { required, optimal, check } = counts;
  log(`${name}, as a private cache, by http-cache-tests 0.4.5:`);
  log(`  required   ${required.passed} of ${required.of}`);
  log(`  optimal    ${optimal.passed} of ${optimal.of}`);
  log(`  checks     ${check.passed} of ${check.of} answer yes; there is no right answer to them`);
  for (const kind of ["required", "optimal"]) {
    log(`\nnot passed, ${kind}:`);
    for (const { id, why } of failed.filter((test) => test.kind === kind)) log(`  ${id}: ${why}`);
  }
}
