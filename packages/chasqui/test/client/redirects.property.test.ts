import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client, RedirectError, secret } from "../../src/index.ts";
import { type HttpServer, serve } from "../peers/http-server.ts";

/** One redirect of a chain: with which status it leads to which server, and how its Location is written. */
interface Hop {
  readonly status: number;
  readonly to: number;
  readonly written: "whole" | "without a scheme" | "as a path" | "with a user";
}

const hop: fc.Arbitrary<Hop> = fc.record({
  status: fc.constantFrom(301, 302, 303, 307, 308),
  to: fc.nat(2),
  written: fc.constantFrom("whole", "without a scheme", "as a path", "with a user"),
});

/** The three servers answer by the chain of the moment: `/hop/2` is its third request. */
let chain: readonly Hop[] = [];
const servers: HttpServer[] = [];

function locationOf({ to, written }: Hop, at: number, number: number): string {
  const { host } = new URL(servers[to]?.origin ?? "");
  const path = `/hop/${number}`;
  if (written === "as a path" && to === at) return path;
  if (written === "without a scheme") return `//${host}${path}`;
  return written === "with a user" ? `http://mallory:pw@${host}${path}` : `http://${host}${path}`;
}

beforeAll(async () => {
  for (const at of [0, 1, 2]) {
    servers.push(
      await serve((response, { target }) => {
        const number = Number(/^\/hop\/(\d+)/.exec(target)?.[1]);
        const next = chain[number];
        if (next === undefined) response.end("there");
        else response.writeHead(next.status, { location: locationOf(next, at, number + 1) }).end();
      }),
    );
  }
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

/** Headers of a call: what describes it, and what says who asks, by many a name. */
const TELLING = [
  "authorization",
  "cookie",
  "x-api-key",
  "x-acme-anything",
  "idempotency-key",
  "accept-token",
  "prefer",
];
const PLAIN = ["accept", "accept-language", "if-none-match", "x-kept"];

test("S1 S9 S10 S45 #59 #60 #63 #73 along any chain of redirects no other origin is told who asks, and method and body are the RFC's", async () => {
  const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE");
  await fc.assert(
    fc.asyncProperty(fc.array(hop, { maxLength: 6 }), method, async (hops, verb) => {
      chain = hops;
      const seenBefore = servers.map(({ seen }) => seen.length);
      await using client = new Client({ redirect: { keepHeaders: ["X-Kept"] } });
      const headers: Record<string, string | ReturnType<typeof secret>> = {};
      for (const name of PLAIN) headers[name] = `plain-${name}`;
      // `prefer` may cross; given as a Secret it may not.
      for (const name of TELLING) headers[name] = name === "prefer" ? secret("t0ken") : "t0ken";
      const response = await client.request(verb, `${servers[0]?.origin}/hop/0`, {
        headers,
        params: { key: secret("t0ken") },
        ...(verb === "GET" ? {} : { json: { a: 1 } }),
      });
      expect(await response.text()).toBe("there");

      let [at, crossed, current, hasBody] = [0, false, verb, verb !== "GET"];
      const counts = [...seenBefore];
      for (let number = 0; number <= hops.length; number++) {
        const seen = servers[at]?.seen[counts[at] ?? 0];
        counts[at] = (counts[at] ?? 0) + 1;
        const told = JSON.stringify([seen?.target, seen?.rawHeaders]);
        expect(seen?.method).toBe(current);
        expect(seen?.body.toString()).toBe(hasBody ? '{"a":1}' : "");
        expect("content-type" in (seen?.headers ?? {})).toBe(hasBody);
        for (const name of PLAIN) expect(seen?.headers[name]).toBe(`plain-${name}`);
        // What was left behind does not come back, wherever the chain leads.
        for (const name of TELLING) expect(seen?.headers[name], name).toBe(crossed ? undefined : "t0ken");
        if (crossed) expect(told).not.toContain("t0ken");
        // A user that the server wrote into its Location is nobody that we are.
        expect(told).not.toContain("mallory");
        expect(seen?.headers.authorization ?? "t0ken").toBe("t0ken");

        const next = hops[number];
        if (next === undefined) break;
        if (next.status === 303 || (next.status < 303 && current === "POST"))
          [current, hasBody] = ["GET", false];
        crossed ||= next.to !== at;
        at = next.to;
      }
      // Nobody was asked besides.
      expect(servers.map(({ seen }) => seen.length)).toEqual(counts);
      expect(response.history).toHaveLength(hops.length);
    }),
    { seed: 59, numRuns: 150 },
  );
});

test("#64 #65 however the hops of a circle are mixed, it ends in the limit, and each was asked once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(hop, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (hops, max) => {
        chain = Array.from({ length: 50 }, (_, number) => hops[number % hops.length] ?? hops[0]).filter(
          (each) => each !== undefined,
        );
        const before = servers.reduce((sum, { seen }) => sum + seen.length, 0);
        await using client = new Client({ redirect: { max } });
        const { error } = await client.get(`${servers[0]?.origin}/hop/0`).result();
        expect(error).toBeInstanceOf(RedirectError);
        expect(error).toMatchObject({ kind: "too-many" });
        expect(servers.reduce((sum, { seen }) => sum + seen.length, 0) - before).toBe(max + 1);
      },
    ),
    { seed: 64, numRuns: 40 },
  );
});
