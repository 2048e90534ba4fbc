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

const user = fc.constantFrom("nobody", "ann");
/** What a run's resource says of itself; one that says the same all the time is given again now and then. */
const control = fc.constantFrom(
  "max-age=10",
  "max-age=10",
  "max-age=0",
  "max-age=10, no-cache",
  "max-age=10, no-store",
  "max-age=10, stale-if-error=20",
  "max-age=10, must-revalidate, stale-if-error=20",
  "max-age=10;",
);
const mode = fc.constantFrom<CacheMode>(
  "default",
  "default",
  "default",
  "default",
  "reload",
  "no-cache",
  "no-store",
);

type Step =
  | { readonly do: "get"; readonly user: string; readonly mode: CacheMode }
  | { readonly do: "change" | "put" | "down" }
  | { readonly do: "wait"; readonly seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant("get" as const), user, mode }) },
  { weight: 3, arbitrary: fc.constant({ do: "change" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "put" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "down" } as const) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 12 }) }),
  },
);

/** How long an answer that was given by this header may be old, in seconds, where the server is up, and where it is down. */
function longest(said: string, down: boolean): number {
  if (/no-cache|no-store|;/.test(said)) return 0;
  const fresh = said.startsWith("max-age=10") ? 10 : 0;
  return down && said.endsWith("stale-if-error=20") && !said.includes("must-revalidate") ? fresh + 20 : fresh;
}

test("whatever is asked, changed and waited for: nobody is shown another's, and nothing older than its server allows", {
  timeout: 60_000,
}, async () => {
  const verdicts = new Map<string | undefined, number>();
  await fc.assert(
    fc.asyncProperty(control, fc.array(step, { minLength: 40, maxLength: 80 }), async (said, steps) => {
      const clock = new ManualClock(EPOCH);
      const origin = new Origin(clock);
      const options = {
        clock,
        transport: memory((request) => origin.answer(request)),
        retry: false as const,
      };
      await using client = new Client({
        baseUrl: "http://a.test",
        params: { control: said },
        cache: true,
        ...options,
      });
      const versions = origin.versions("/a");
      /** What it was after the client's own last change. */
      let put = 1;
      for (const next of steps) {
        if (next.do === "wait") clock.advance(next.seconds * SECOND);
        else if (next.do === "change") origin.change("/a");
        else if (next.do === "down") origin.down = !origin.down;
        else if (next.do === "put") {
          await client.put("/a");
          put = versions.length;
        } else if (next.do === "get") {
          const auth = next.user === "nobody" ? null : apiKey(next.user);
          const response = await client.get("/a", { auth, cache: next.mode });
          const { cached } = response;
          if (response.status === 503) {
            expect([origin.down, cached === "hit"]).toEqual([true, false]);
            continue;
          }
          verdicts.set(cached, (verdicts.get(cached) ?? 0) + 1);
          const got = await response.json<{ user: string; number: number }>();
          expect(got.user).toBe(next.user);
          expect(got.number).toBeGreaterThanOrEqual(put);
          // For how long what was given has not been true.
          const untrue = clock.date() - (versions[got.number]?.since ?? Number.POSITIVE_INFINITY);
          expect(untrue).toBeLessThanOrEqual(longest(said, origin.down) * SECOND);
          if (next.mode !== "default" || cached === "revalidated" || cached === "miss") {
            expect(got.number).toBe(versions.length);
          }
          if (cached === "stale") expect(origin.down).toBe(true);
        }
      }
    }),
    { numRuns: 100, seed: 7 },
  );
  // Or nothing would have been shown.
  for (const cached of ["hit", "miss", "revalidated", "stale", undefined]) {
    expect(verdicts.get(cached)).toBeGreaterThan(5);
  }
});
