import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

interface Outcome {
  readonly counts: Record<string, { passed: number; of: number }>;
  readonly failed: readonly { id: string; kind: string; why: string }[];
}

async function run(client: string): Promise<Outcome> {
  const script = fileURLToPath(new URL("cache-tests.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, client, "--json"]);
  return JSON.parse(stdout);
}

/** What does not pass, and why that is so. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  // Required.
  "age-parse-prefix":
    "wants `Age: 0,7200` taken for 0; every other way of saying two ages is to be stale, and so is this one",
  "stale-close-must-revalidate":
    "the server closes the connection, and the call rejects: there is no response to look at",
  "stale-close-proxy-revalidate": "as above",
  "stale-close-no-cache": "as above",
  "stale-close-s-maxage=2": "as above",
  "headers-store-Set-Cookie": "what sets a cookie has set it: a store sees no such secret",
  "headers-store-Set-Cookie2": "as above",
  "304-etag-update-response-Set-Cookie": "as above",
  "304-etag-update-response-Set-Cookie2": "as above",
  "headers-store-Transfer-Encoding": "a transfer coding that nobody asked for is refused",
  "304-etag-update-response-ETag": "a 304 with another tag speaks of another version: it is asked for anew",
  "partial-use-headers": "ranges are left alone",
  // Optimal.
  "vary-normalise-lang-order": "many servers take the first of several languages that are equal",
  "vary-normalise-lang-select": "what a server would choose is the server's to say",
  "conditional-lm-fresh-no-lm":
    "wants a 304 though the response is newer than the date that is asked about (RFC 9111 4.3.2)",
  "partial-store-partial-reuse-partial": "ranges are left alone",
  "partial-store-complete-reuse-partial": "as above",
  "partial-store-complete-reuse-partial-no-last": "as above",
  "partial-store-complete-reuse-partial-suffix": "as above",
  "partial-store-partial-reuse-partial-byterange": "as above",
  "partial-store-partial-reuse-partial-absent": "as above",
  "partial-store-partial-reuse-partial-suffix": "as above",
  "partial-store-partial-complete": "as above",
  "other-cookie": "a cookie says who asks",
};

test.each(["chasqui", "sqlite"])(
  "%s passes the public suite as a private cache, but for what is said here",
  { timeout: 120_000 },
  async (client) => {
    const { counts, failed } = await run(client);
    const missed = failed.filter(({ kind }) => kind !== "check").map(({ id }) => id);
    expect(missed.sort()).toEqual(Object.keys(EXCEPTIONS).sort());
    expect(counts).toMatchObject({ required: { passed: 142, of: 154 }, optimal: { passed: 71, of: 83 } });
  },
);
