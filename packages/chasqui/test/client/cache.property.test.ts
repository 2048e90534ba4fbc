import fc from "fast-check";
import { expect, test } from "vitest";
import { apiKey, type CacheMode, Client, memory } from "../../src/index.ts";
import { ManualClock } from "../peers/manual-clock.ts";

const SECOND = 1000;
const EPOCH = Date.UTC(2026, 0, 1);

/** A resource as it was from some moment on. */
interface Version {
  readonly number: number;
  readonly since: number;
}

/** A server that knows when it was what, for each path and each user. It says `max-age` and `etag`, and means them. */
class Origin {
  readonly clock: ManualClock;
  readonly #versions = new Map<string, Version[]>();
  down = false;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  versions(path: string): Version[] {
    const versions = this.#versions.get(path) ?? [{ number: 1, since: 0 }];
    this.#versions.set(path, versions);
    return versions;
  }

  change(path: string): void {
    const versions = this.versions(path);
    versions.push({ number: versions.length + 1, since: this.clock.date() });
  }

  answer(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "GET") {
      this.change(pathname);
      return new Response(null, { status: 204 });
    }
    if (this.down) return new Response("down", { status: 503 });
    const user = request.headers.get("x-api-key") ?? "nobody";
    const number = this.versions(pathname).length;
    const etag = `"${pathname}-${user}-${number}"`;
    const headers = { "cache-control": searchParams.get("control") ?? "", etag };
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
    return Response.json({ path: pathname, user, number }, { headers });
  }
}

const path = fc.constantFrom("/a", "/b");
const user = fc.constantFrom("nobody", "ann", "bob");
const control = fc.constantFrom(
  "max-age=10",
  "max-age=0",
  "no-cache",
  "no-store",
  "max-age=10, stale-if-error=20",
  "max-age=10, must-revalidate, stale-if-error=20",
  "max-age=10;",
);
const mode = fc.constantFrom<CacheMode>("default", "default", "default", "reload", "no-cache", "no-store");

type Step =
  | {
      readonly do: "get";
      readonly path: string;
      readonly user: string;
      readonly control: string;
      readonly mode: CacheMode;
    }
  | { readonly do: "change"; readonly path: string }
  | { readonly do: "put"; readonly path: string; readonly control: string }
  | { readonly do: "wait"; readonly seconds: number }
  | { readonly do: "down" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("get" as const), path, user, control, mode }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("change" as const), path }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("put" as const), path, control }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("down" as const) }) },
);

/** How long an answer that was given by this header may be old, in seconds, where the server is up, and where it is down. */
function longest(said: string, down: boolean): number {
  if (/no-cache|no-store|;/.test(said)) return 0;
  const fresh = said.startsWith("max-age=10") ? 10 : 0;
  return down && said.endsWith("stale-if-error=20") && !said.includes("must-revalidate") ? fresh + 20 : fresh;
}

test("whatever is asked, changed and waited for: nobody is shown another's, and nothing older than its server allows", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const clock = new ManualClock(EPOCH);
      const origin = new Origin(clock);
      const options = {
        clock,
        transport: memory((request) => origin.answer(request)),
        retry: false as const,
      };
      await using root = new Client({ baseUrl: "http://a.test", cache: true, ...options });
      /** What it was after the client's own last change of a URL. */
      const put = new Map<string, number>();
      for (const next of steps) {
        if (next.do === "wait") clock.advance(next.seconds * SECOND);
        else if (next.do === "change") origin.change(next.path);
        else if (next.do === "put") {
          await root.put(next.path, { params: { control: next.control } });
          put.set(next.path + next.control, origin.versions(next.path).length);
        } else if (next.do === "down") origin.down = !origin.down;
        else {
          const { control: said, mode: cache } = next;
          const auth = next.user === "nobody" ? null : apiKey(next.user);
          const response = await root.get(next.path, { params: { control: said }, auth, cache });
          if (response.status === 503) {
            expect(origin.down).toBe(true);
            expect(response.cached).not.toBe("hit");
            continue;
          }
          const got = await response.json<{ path: string; user: string; number: number }>();
          expect([got.path, got.user]).toEqual([next.path, next.user]);
          const versions = origin.versions(next.path);
          // When what was given ceased to be true.
          const until = versions[got.number]?.since ?? Number.POSITIVE_INFINITY;
          const age = Math.max(0, clock.date() - until);
          expect(age).toBeLessThanOrEqual(longest(said, origin.down) * SECOND);
          expect(got.number).toBeGreaterThanOrEqual(put.get(next.path + said) ?? 1);
          if (cache !== "default" || response.cached === "revalidated" || response.cached === "miss") {
            expect(got.number).toBe(versions.length);
          }
          if (response.cached === "stale") expect(origin.down).toBe(true);
        }
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});
