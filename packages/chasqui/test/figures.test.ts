import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readEventsOptions } from "../src/events-options.ts";
import { BodyTooLargeError, Client, get } from "../src/index.ts";
import { readWalk } from "../src/paginate/walk.ts";
import { normalizeRedirect } from "../src/pipeline/redirect-rules.ts";
import { defaultRetryPolicy } from "../src/pipeline/retry-policy.ts";
import { DEFAULT_TIMEOUTS } from "../src/request/timeouts.ts";
import { parseContentEncoding } from "../src/response/content-encoding-chain.ts";
import { readThrottle } from "../src/throttle/throttle-options.ts";
import { MOST_EXTENSIONS } from "../src/transport/http1/chunks.ts";
import { DEFAULT_LIMITS } from "../src/transport/pool-limits.ts";
import { caught } from "./peers/caught.ts";
import { until } from "./peers/gate.ts";
import { serve } from "./peers/http-server.ts";
import { ManualClock } from "./peers/manual-clock.ts";
import { serveRaw } from "./peers/raw-server.ts";

function page(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), "utf8");
}

/** The rows of the tables below a heading, up to the next one: cells, without the heads. */
function rowsBelow(markdown: string, heading: string): string[][] {
  const start = markdown.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`there is no heading ${heading}`);
  const end = markdown.indexOf("\n## ", start + 1);
  const lines = markdown.slice(start, end < 0 ? undefined : end).split("\n");
  const heads = lines.flatMap((line, at) => (/^\|[-|]+\|$/.test(line) ? [at - 1, at] : []));
  return lines
    .filter((line, at) => line.startsWith("|") && !heads.includes(at))
    .map((line) => line.slice(1, -1).split("|"))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll("`", "")));
}

function time(ms: number): string {
  if (ms === 0) return "none";
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`;
}

/** The most for which something holds that holds for nothing above it. */
async function most(holds: (count: number) => boolean | Promise<boolean>, ceiling: number): Promise<number> {
  let [low, high] = [0, ceiling];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Every row with a figure says what the code says, and there is no such row that nobody compares. */
function expectRows(rows: readonly string[][], column: number, said: Readonly<Record<string, string>>): void {
  const figures = rows.filter((cells) => /\d/.test(cells[column] ?? ""));
  expect(Object.fromEntries(figures.map((cells) => [cells[0], cells[column]]))).toEqual(said);
}

const { connect, headers, idle, queue, attempt, total, unread } = DEFAULT_TIMEOUTS;
const retry = defaultRetryPolicy;
const { base, factor, cap } = retry.backoff;
const redirects = normalizeRedirect(undefined).max;
const once = { retry: false } as const;

/** What a server's answer is found to be too large for. */
async function limitOf(answer: string, read: (origin: string) => PromiseLike<unknown>): Promise<number> {
  await using server = await serveRaw((socket) => void socket.write(answer));
  return (await caught(read(server.origin), BodyTooLargeError)).limit;
}

const OK = "HTTP/1.1 200 OK\r\n";

function headerLimit(): Promise<number> {
  return limitOf(`${OK}x: ${"y".repeat(200_000)}`, (origin) => get(origin, once));
}

function trailerLimit(): Promise<number> {
  const start = `${OK}transfer-encoding: chunked\r\n\r\n0\r\n`;
  return limitOf(`${start}x: ${"y".repeat(200_000)}`, (origin) => get(origin, once));
}

/** Known by what the server announces. */
function bodyLimit(): Promise<number> {
  return limitOf(`${OK}content-length: 999999999999\r\n\r\n`, (origin) => get(origin, once));
}

async function recordLimit(): Promise<number> {
  await using server = await serve((response) => void response.end(Buffer.alloc(20 * 1024 * 1024, "y")));
  const lines = get(server.origin, once).lines();
  return (await caught(lines.next(), BodyTooLargeError)).limit;
}

async function interimLimit(): Promise<number> {
  await using server = await serveRaw((socket, head) => {
    const count = Number(head.split(" ")[1]?.slice(1));
    socket.write(`${"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(count)}${OK}content-length: 0\r\n\r\n`);
  });
  await using client = new Client({ baseUrl: server.origin, ...once });
  const answers = (count: number): Promise<boolean> =>
    client.get(`/${count}`).then(
      ({ ok }) => ok,
      () => false,
    );
  return await most(answers, 1000);
}

function layerLimit(): Promise<number> {
  return most((count) => {
    try {
      return parseContentEncoding(Array(count).fill("gzip")).length === count;
    } catch {
      return false;
    }
  }, 100);
}

/** Bytes of a redirect's body that are read to keep the connection. */
async function discardLimit(): Promise<number> {
  const keeps = async (length: number): Promise<boolean> => {
    await using server = await serve({
      "/a": (response) => {
        response.writeHead(302, { location: "/b", "content-length": length }).end("y".repeat(length));
      },
      "/b": (response) => void response.end(),
    });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/a");
    return server.connections() === 1;
  };
  return most(keeps, 1024 * 1024);
}

/** Milliseconds that a redirect's body is waited for. */
async function discardTime(): Promise<number | undefined> {
  const clock = new ManualClock();
  await using server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 10\r\n\r\nhalf");
  });
  await using client = new Client({ baseUrl: server.origin, clock, ...once });
  const call = client.get("/a").result();
  const wait = (): number | undefined => clock.waits.find((ms) => ms !== connect && ms !== headers);
  await until(() => wait() !== undefined);
  await client.close();
  await call;
  return wait();
}

const README = page("README.md");
const methods = retry.methods?.join(", ") ?? "";

describe("a page that names a figure names the code's own", () => {
  test("README.md: Defaults", async () => {
    const { reserve = 0, share = 0 } = retry.budget ?? {};
    expect([share, factor, retry.jitter]).toEqual([0.1, 2, "full"]);
    expectRows(rowsBelow(README, "Defaults"), 1, {
      "to connect": time(connect),
      "to the headers of the response": time(headers),
      "a pause in the body": time(idle),
      "in line while nobody reads the responses that hold all connections": time(unread),
      connections: `${DEFAULT_LIMITS.perOrigin} to an origin; an idle one is kept for ${time(DEFAULT_LIMITS.idleTimeout)}`,
      attempts: `${retry.attempts}: ${methods}; other methods only while no byte has been written`,
      "tried again": `network faults, connect and idle timeouts, ${retry.statuses.join(" ")}`,
      "retries of all calls to an origin": `${reserve}, and a tenth of the requests`,
      "wait before the next attempt": `random, up to ${base / 1000} s, then ${(base * factor) / 1000} s, doubling, at most ${time(cap)}; Retry-After up to ${time(retry.maxWait)} is obeyed`,
      redirects: `followed, at most ${redirects}; credentials stay at home; https never leads to http`,
      "size of a buffered body, decoded": size(await bodyLimit()),
      "one line of .lines() and .ndjson(), one event of .events()": size(await recordLimit()),
      "after a drop .events() of a GET": `connects again, at most ${readEventsOptions({}).attempts} times in a row`,
      "pages of a walk": readWalk({}).walk.maxPages.toLocaleString("en"),
    });
    expect([queue, attempt, total]).toEqual([0, 0, 0]);
  });

  test("docs/security.md: Defaults, and what they protect from", async () => {
    const rows = rowsBelow(page("docs/security.md"), "Defaults, and what they protect from");
    const [head, trailers] = [await headerLimit(), await trailerLimit()];
    expect(trailers).toBe(head);
    const limits = [
      `${size(head)} of headers and of trailers`,
      `${size(MOST_EXTENSIONS)} of extensions of a chunk`,
      `${await interimLimit()} interim responses`,
      `${await layerLimit()} content codings`,
      `${size(await bodyLimit())} of a decoded buffered body`,
      `${size(await recordLimit())} of a line or an event`,
    ].join(", ");
    const [bytes, ms] = [size(await discardLimit()), await discardTime()];
    expect(ms).toBe(1000);
    expect(readThrottle(true, undefined)?.maxWait).toBe(retry.maxWait);
    const said = [
      limits,
      `bodies that nobody wants are thrown away undecoded, after ${bytes} or a second with their connection`,
      `connect ${time(connect)}, headers ${time(headers)}, idle ${time(idle)}`,
      // The second of each is held by the tests of device codes and of events.
      `a server's word is bounded: a device code is asked about once a second at most, a retry of events is not believed below 1 s where connections do not stand, and a retry and a turn of throttle wait ${time(retry.maxWait)} at most`,
    ];
    // That of TLS is held by tls.test.ts, against a server that speaks an older one.
    const figures = rows
      .map(([cell = ""]) => cell)
      .filter((cell) => /\d/.test(cell) && !cell.includes("TLS 1.2"));
    expect(figures).toEqual(said);
  });

  test("docs/connections.md: timeouts and connections", () => {
    const connections = page("docs/connections.md");
    const times = { connect, queue, headers, idle, attempt, total };
    for (const [phase, ms] of Object.entries(times)) {
      const row = new RegExp(`^\\| \`${phase}\` \\|.*\\| ([^|]+) \\|$`, "m").exec(connections);
      expect([phase, row?.[1]]).toEqual([phase, time(ms)]);
    }
    expectRows(rowsBelow(connections, "How many connections"), 2, {
      "a number, or perOrigin": `${DEFAULT_LIMITS.perOrigin}`,
      idleTimeout: time(DEFAULT_LIMITS.idleTimeout),
    });
    expect(DEFAULT_LIMITS.idle).toBe(Number.POSITIVE_INFINITY);
  });

  test("docs/retries.md: the policy", () => {
    const start = page("docs/retries.md").replace("# Trying again\n", "\n## Trying again\n");
    const { reserve, share } = retry.budget ?? {};
    expectRows(rowsBelow(start, "Trying again"), 2, {
      attempts: `${retry.attempts}`,
      statuses: retry.statuses.join(" "),
      backoff: `${time(base)}, ${factor}, ${time(cap)}`,
      maxWait: time(retry.maxWait),
      budget: `${share}, ${reserve}`,
    });
    const words = rowsBelow(start, "Trying again").filter(([name]) =>
      /^(?:methods|networkKinds|phases)$/.test(name ?? ""),
    );
    expect(words.map((cells) => cells[2])).toEqual([
      methods,
      retry.networkKinds.join(", "),
      retry.phases.join(", "),
    ]);
  });

  test.each([
    [
      "packages/chasqui/README.md",
      /\*\*Limits that are on\*\*: (.*?) a body\./s,
      async () =>
        `${time(connect)} to connect, ${time(headers)} to the headers, ${time(idle)} between two pieces of the body, ${size(await bodyLimit())}`,
    ],
    ["docs/streams.md", /`maxRecord` \((.*?)\)/, async () => size(await recordLimit())],
    ["docs/streams.md", /\| how often in a row \| (\d+);/, () => `${readEventsOptions({}).attempts}`],
    [
      "docs/streams.md",
      /\| the longest wait \| (.*?) \|/,
      () => `${readEventsOptions({}).maxDelay / 60_000} min`,
    ],
    ["docs/pagination.md", /`maxPages` is ([\d,]+)/, () => readWalk({}).walk.maxPages.toLocaleString("en")],
    ["docs/security.md", /Redirects\*\* are the browser's: at most (\d+)/, () => `${redirects}`],
  ] as const)("%s: %s", async (path, pattern, figure) => {
    expect(pattern.exec(page(path))?.[1]?.replaceAll(/\s+/g, " ")).toBe(await figure());
  });
});
