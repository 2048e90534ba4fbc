import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Of one call, on average. */
type Tally = Readonly<Record<string, number>>;

test("a plain GET makes nothing that nobody asked for: no controller, no timer, no URL, no headers before they are read", async () => {
  const program = fileURLToPath(new URL("../peers/plain-get.ts", import.meta.url));
  const flags = ["--conditions=chasqui-source", "--disable-warning=ExperimentalWarning"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], {
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const { plain, asking }: Readonly<Record<"plain" | "asking", Tally>> = JSON.parse(stdout);

  const { PROMISE = 0, setImmediate = 0, setInterval = 0, headersOfRequest = 0, ...others } = plain;
  const { Timeout = 0, Immediate: _, TickObject: __, headersOfResponse = 0, ...more } = others;
  // AbortController, AbortSignal, URL, URLSearchParams, Headers, Request, Response, setTimeout, queueMicrotask, fetch …
  expect(more).toEqual({});
  // The ticker that all calls share. On a machine that is slow it may stop between two of them.
  expect(setInterval).toBeLessThanOrEqual(1);
  expect(Timeout).toBe(setInterval);
  // A connection that was idle is looked at before it is written to: on a machine that is slow one is, between two calls.
  expect(setImmediate).toBeLessThan(1);
  // Two are of the program's own `await`.
  expect(PROMISE).toBeLessThanOrEqual(10);
  expect(headersOfRequest).toBeLessThanOrEqual(1);
  // As many as were read: there was none before.
  expect(headersOfResponse).toBeGreaterThan(0.9);
  expect(headersOfResponse).toBeLessThanOrEqual(1);

  // What is asked for is seen by the same count.
  expect(asking).toMatchObject({ "AbortSignal.timeout": 1, setTimeout: 1 });
  expect(asking.PROMISE).toBeGreaterThan(PROMISE);
}, 60_000);
