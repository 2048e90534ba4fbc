import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { ChasquiError } from "../../src/errors/chasqui-error.ts";
import { OptionsError } from "../../src/errors/options-error.ts";
import type { FailureKind } from "../../src/pipeline/retry-limits.ts";
import {
  defaultRetryPolicy,
  normalizeRetry,
  type RetryInfo,
  type RetryOption,
  type RetryOptions,
  type RetryPolicy,
} from "../../src/pipeline/retry-policy.ts";
import {
  type AttemptFailure,
  backoffDelay,
  kindOfFailure,
  mayRetryStatus,
  parseRetryAfter,
  parseRetryAfterMs,
  type RetryQuestion,
  retryVerdict,
} from "../../src/pipeline/retry-timing.ts";

const NOW = Date.UTC(2026, 10, 22, 20, 0, 0);

function policy(option: RetryOption = {}): RetryPolicy {
  const made = normalizeRetry(option);
  if (made === undefined) throw new Error("switched off");
  return made;
}

function status(code: number, retryAfter: string | null = null): AttemptFailure {
  return { kind: "status", status: code, retryAfter };
}

function network(networkKind: string, requestWritten = true): AttemptFailure {
  return { kind: "error", error: { code: "ERR_NETWORK", networkKind }, requestWritten };
}

function timeout(phase: string, requestWritten = true): AttemptFailure {
  return { kind: "error", error: { code: "ERR_TIMEOUT", phase }, requestWritten };
}

function ask(changes: Partial<RetryQuestion>): ReturnType<typeof retryVerdict> {
  return retryVerdict({
    policy: defaultRetryPolicy,
    method: "GET",
    attempt: 1,
    failure: status(503),
    bodyReplayable: true,
    now: NOW,
    random: () => 0.5,
    ...changes,
  });
}

describe("the default policy", () => {
  test("#146 three attempts of the idempotent methods", () => {
    expect(defaultRetryPolicy).toMatchObject({
      attempts: 3,
      methods: ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"],
      statuses: [408, 425, 429, 500, 502, 503, 504],
      maxWait: 60_000,
    });
  });

  test("#144 nobody can change a policy that others use", () => {
    for (const made of [
      defaultRetryPolicy,
      policy({ methods: ["get"], statuses: [500], backoff: { base: 1 } }),
    ]) {
      expect(Object.isFrozen(made)).toBe(true);
      expect(Object.isFrozen(made.methods)).toBe(true);
      expect(Object.isFrozen(made.statuses)).toBe(true);
      expect(Object.isFrozen(made.backoff)).toBe(true);
    }
  });
});

describe("the option", () => {
  test("undefined is the base, false is none, a number is attempts", () => {
    expect(normalizeRetry(undefined)).toBe(defaultRetryPolicy);
    expect(normalizeRetry(false)).toBeUndefined();
    expect(policy(5)).toEqual({ ...defaultRetryPolicy, attempts: 5 });
  });

  test("what a call leaves out stays the client's", () => {
    const base = policy({ attempts: 7, statuses: [500], backoff: { base: "1s", cap: 5000 } });
    const made = normalizeRetry({ attempts: 2, backoff: { factor: 3 }, methods: undefined }, base);
    expect(made).toEqual({
      ...base,
      attempts: 2,
      backoff: { base: 1000, factor: 3, cap: 5000 },
    });
  });

  test("methods are capitals, null is any; durations may be strings", () => {
    expect(policy({ methods: ["post"] }).methods).toEqual(["POST"]);
    expect(policy({ methods: null }).methods).toBeNull();
    expect(policy({ maxWait: "2m" }).maxWait).toBe(120_000);
    expect(policy({ maxWait: 0 }).maxWait).toBe(0);
  });

  test("a base in seconds is told what it is in milliseconds, and 0 and what has a unit are taken", () => {
    const inSeconds = expect.objectContaining({
      hint: 'Durations are milliseconds: write 500 or "0.5s" for 0.5 seconds.',
    });
    expect(() => policy({ backoff: { base: 0.5 } })).toThrow(inSeconds);
    expect(policy({ backoff: { base: 0 } }).backoff.base).toBe(0);
    expect(policy({ backoff: { base: "0.5s" } }).backoff.base).toBe(500);
    expect(policy({ backoff: { base: 12.5 } }).backoff.base).toBe(12.5);
  });

  test.each<[string, unknown, string]>([
    ["zero attempts", 0, "retry"],
    ["half an attempt", 1.5, "retry"],
    ["true", true, "retry"],
    ["null", null, "retry"],
    ["a string", "3", "retry"],
    ["an array", [3], "retry"],
    ["an unknown field", { limit: 3 }, "retry.limit"],
    ["attempts as a string", { attempts: "3" }, "retry.attempts"],
    ["endless attempts", { attempts: Number.POSITIVE_INFINITY }, "retry.attempts"],
    ["#148 a status as a string", { statuses: ["503"] }, "retry.statuses"],
    ["a status that is none", { statuses: [99] }, "retry.statuses"],
    ["methods as a string", { methods: "GET" }, "retry.methods"],
    ["a method that is none", { methods: ["G ET"] }, "retry.methods"],
    ["a factor that shrinks", { backoff: { factor: 0.5 } }, "retry.backoff.factor"],
    ["a negative base", { backoff: { base: -1 } }, "retry.backoff.base"],
    ["a base in seconds", { backoff: { base: 0.5 } }, "retry.backoff.base"],
    ["a base in seconds above one", { backoff: { base: 1.5 } }, "retry.backoff.base"],
    ["a cap without a unit", { backoff: { cap: "20" } }, "retry.backoff.cap"],
    ["an unknown backoff field", { backoff: { max: 1 } }, "retry.backoff.max"],
    ["backoff as a number", { backoff: 300 }, "retry.backoff"],
    ["jitter", { jitter: true }, "retry.jitter"],
    ["maxWait", { maxWait: "soon" }, "retry.maxWait"],
    ["retryAfter", { retryAfter: 1 }, "retry.retryAfter"],
    ["a fault that is none", { networkKinds: ["ECONNRESET"] }, "retry.networkKinds"],
    ["a phase that ends the call", { phases: ["total"] }, "retry.phases"],
    ["phases as a word", { phases: "headers" }, "retry.phases"],
    ["budget as a number", { budget: 0.2 }, "retry.budget"],
    ["budget true", { budget: true }, "retry.budget"],
    ["a share above 1", { budget: { share: 20 } }, "retry.budget.share"],
    ["an endless reserve", { budget: { reserve: Number.POSITIVE_INFINITY } }, "retry.budget.reserve"],
    ["an unknown field of the budget", { budget: { ratio: 1 } }, "retry.budget.ratio"],
    ["when", { when: true }, "retry.when"],
    ["limits as a number", { limits: 3 }, "retry.limits"],
    ["#145 a limit below zero", { limits: { status: -1 } }, "retry.limits.status"],
    ["#145 a limit as a string", { limits: { connect: "2" } }, "retry.limits.connect"],
    ["#145 half a retry", { limits: { read: 0.5 } }, "retry.limits.read"],
    ["#145 redirects among the limits", { limits: { redirect: 3 } }, "retry.limits.redirect"],
  ])("%s is an OptionsError that names the field", (_, given, option) => {
    const normalize = (value: unknown): unknown => Reflect.apply(normalizeRetry, undefined, [value]);
    let thrown: unknown;
    try {
      normalize(given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(OptionsError);
    expect(thrown).toBeInstanceOf(ChasquiError);
    expect(thrown).toMatchObject({ option });
  });

  test("S55 inherited fields set nothing", () => {
    const inherited: RetryOption = Object.create({ attempts: 9, when: () => true });
    expect(policy(inherited)).toEqual(defaultRetryPolicy);
  });
});

describe("#150 Retry-After in seconds", () => {
  test.each([
    ["0", 0],
    ["7", 7000],
    [" \t7  ", 7000],
    ["007", 7000],
    ["9".repeat(400), Number.MAX_SAFE_INTEGER],
  ])("%j", (value, ms) => {
    expect(parseRetryAfter(value, NOW)).toBe(ms);
  });

  test.each([
    null,
    undefined,
    "",
    " ",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x10",
    "1 2",
    "²",
    "٣",
    "one",
    "1;2",
    "Infinity",
  ])("%j is none", (value) => {
    expect(parseRetryAfter(value, NOW)).toBeUndefined();
  });
});

describe("#151 Retry-After as a date", () => {
  test.each([
    ["Sun, 22 Nov 2026 20:01:40 GMT", 100_000],
    ["Sunday, 22-Nov-26 20:01:40 GMT", 100_000],
    ["Sun Nov 22 20:01:40 2026", 100_000],
    ["Sun, 22 Nov 2026 20:01:40", 100_000],
    ["Sun, 22 Nov 2026 20:00:00 GMT", 0],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
  ])("%s", (value, ms) => {
    expect(parseRetryAfter(value, NOW)).toBe(ms);
  });

  test.each(["Pacific/Kiritimati", "America/New_York", "Asia/Kolkata"])(
    "independent of the zone %s",
    (zone) => {
      const before = process.env.TZ;
      process.env.TZ = zone;
      try {
        expect(parseRetryAfter("Sun Nov 22 20:01:40 2026", NOW)).toBe(100_000);
      } finally {
        if (before === undefined) delete process.env.TZ;
        else process.env.TZ = before;
      }
    },
  );
});

describe("#154 backoff", () => {
  test("doubles from 300 ms up to 20 s", () => {
    const plain = policy({ jitter: "none" });
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 2000].map((attempt) =>
      backoffDelay(plain, attempt, Math.random),
    );
    expect(waits).toEqual([300, 600, 1200, 2400, 4800, 9600, 19_200, 20_000, 20_000, 20_000]);
  });

  test("full jitter draws from nothing to all of it, before the first retry too", () => {
    expect(backoffDelay(defaultRetryPolicy, 1, () => 0)).toBe(0);
    expect(backoffDelay(defaultRetryPolicy, 1, () => 0.5)).toBe(150);
    expect(backoffDelay(defaultRetryPolicy, 3, () => 0.999999)).toBe(1200);
  });

  test("is a whole number of milliseconds between 0 and the least of its limits", () => {
    fc.assert(
      fc.property(
        fc.record({
          base: fc.nat(100_000),
          factor: fc.double({ min: 1, max: 10, noNaN: true }),
          cap: fc.nat(100_000),
          maxWait: fc.nat(100_000),
          attempt: fc.integer({ min: 1, max: 5000 }),
          draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        }),
        ({ base, factor, cap, maxWait, attempt, draw }) => {
          const made: RetryPolicy = { ...defaultRetryPolicy, backoff: { base, factor, cap }, maxWait };
          const delay = backoffDelay(made, attempt, () => draw);
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(cap, maxWait));
        },
      ),
      { seed: 154 },
    );
  });
});

describe("the verdict on an answer", () => {
  test.each([408, 425, 429, 500, 502, 503, 504])("%i is tried again", (code) => {
    expect(ask({ failure: status(code) })).toEqual({ retry: true, delay: 150, reason: `status ${code}` });
    expect(mayRetryStatus(defaultRetryPolicy, code)).toBe(true);
  });

  test.each([200, 204, 304, 400, 401, 403, 404, 409, 410, 413, 501, 505, 600])(
    "#148 #149 %i is not",
    (code) => {
      expect(ask({ failure: status(code, "1") }).retry).toBe(false);
      expect(mayRetryStatus(defaultRetryPolicy, code)).toBe(false);
    },
  );

  test.each([
    ["GET", true],
    ["HEAD", true],
    ["OPTIONS", true],
    ["TRACE", true],
    ["PUT", true],
    ["DELETE", true],
    ["POST", false],
    ["PATCH", false],
    ["QUERY", false],
  ])("#146 #148 the method must be on its list too: %s", (method, retry) => {
    expect(ask({ method }).retry).toBe(retry);
    expect(ask({ method, policy: policy({ methods: null }) }).retry).toBe(true);
  });

  test("#148 the lists rule where `when` has no opinion, too", () => {
    const asked = policy({ when: () => undefined });
    expect(ask({ policy: asked, failure: status(404) }).retry).toBe(false);
    expect(ask({ policy: asked, method: "POST" }).retry).toBe(false);
    expect(ask({ policy: asked }).retry).toBe(true);
  });

  test("#149 the one status list rules: a 413 with Retry-After is not retried, a POST with one neither", () => {
    expect(ask({ failure: status(413, "1") }).retry).toBe(false);
    expect(ask({ method: "POST", failure: status(503, "1") }).retry).toBe(false);
  });

  test.each([
    [1, true],
    [2, true],
    [3, false],
    [4, false],
  ])("#156 three attempts are three: after attempt %i another is %s", (attempt, retry) => {
    expect(ask({ attempt }).retry).toBe(retry);
    expect(ask({ attempt, failure: network("reset") }).retry).toBe(retry);
  });

  test("#158 a body that cannot be sent again ends it", () => {
    expect(ask({ method: "PUT", bodyReplayable: false })).toEqual({
      retry: false,
      reason: "the body cannot be sent a second time",
      hint: expect.stringContaining("Give `body` as a function"),
    });
  });

  test.each<[string, number, string | undefined, boolean]>([
    ["true: what the list does not have is retried", 409, "true", true],
    ["true: what it has is", 503, "true", true],
    ["false: what the list has is not", 503, "false", false],
    ["anything else says nothing", 503, "yes", true],
    ["anything else says nothing", 409, "1", false],
    ["absent says nothing", 409, undefined, false],
  ])("x-should-retry %s (%i)", (_, code, shouldRetry, retry) => {
    const failure: AttemptFailure = { kind: "status", status: code, retryAfter: null, shouldRetry };
    expect(ask({ failure }).retry).toBe(retry);
    // Whoever does not listen to the server decides by the list.
    const deaf = ask({ failure, policy: policy({ retryAfter: false }) });
    expect(deaf.retry).toBe(code === 503);
  });

  test("x-should-retry cannot have a POST sent twice, unless it carries a key", () => {
    const failure: AttemptFailure = { kind: "status", status: 503, retryAfter: null, shouldRetry: "true" };
    expect(ask({ method: "POST", failure })).toMatchObject({ retry: false });
    expect(ask({ method: "POST", keyed: true, failure })).toMatchObject({ retry: true });
  });

  test.each(["POST", "PATCH", "LOCK"])(
    "#146 %s is sent again where it carries an idempotency key",
    (method) => {
      for (const failure of [status(503), network("reset"), timeout("idle")]) {
        expect(ask({ method, failure })).toMatchObject({
          retry: false,
          hint: expect.stringContaining("idempotencyKey"),
        });
        expect(ask({ method, keyed: true, failure })).toMatchObject({ retry: true });
      }
      expect(ask({ method, keyed: true, failure: status(400) })).toMatchObject({ retry: false });
    },
  );

  test("faults and phases are those of the policy", () => {
    const own = policy({ networkKinds: ["tls"], phases: ["headers"] });
    const retried = (failure: AttemptFailure): boolean => ask({ policy: own, failure }).retry;
    expect([network("tls"), timeout("headers")].map(retried)).toEqual([true, true]);
    expect([network("reset"), timeout("connect"), timeout("queue")].map(retried)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe("#145 separate counters beside the total", () => {
  const failures: Record<FailureKind, AttemptFailure> = {
    connect: network("refused", false),
    read: network("reset", true),
    status: status(503),
    other: { kind: "error", error: { code: "ERR_DECODE" }, requestWritten: true },
  };
  const kinds: FailureKind[] = ["connect", "read", "status", "other"];
  /** Whether a failure of the kind is retried, for so many retries made after such failures and in all. */
  const retried = (option: RetryOptions, kind: FailureKind, spent: number, attempt = spent + 1): boolean =>
    ask({
      policy: policy({ when: () => true, ...option }),
      failure: failures[kind],
      attempt,
      spent: { [kind]: spent },
    }).retry;

  test.each(kinds)("%s has a limit of its own", (kind) => {
    const option = { attempts: 10, limits: { [kind]: 2 } };
    expect([0, 1, 2, 3].map((spent) => retried(option, kind, spent))).toEqual([true, true, false, false]);
    for (const other of kinds.filter((name) => name !== kind)) {
      expect([0, 2, 8].map((spent) => retried(option, other, spent))).toEqual([true, true, true]);
    }
    expect(retried({ attempts: 10, limits: { [kind]: 0 } }, kind, 0)).toBe(false);
  });

  test.each(kinds)("%s: the total wins when it is smaller, and the other way round", (kind) => {
    expect(retried({ attempts: 3, limits: { [kind]: 9 } }, kind, 2)).toBe(false);
    expect(retried({ attempts: 3, limits: { [kind]: 9 } }, kind, 1)).toBe(true);
    expect(retried({ attempts: 9, limits: { [kind]: 2 } }, kind, 2)).toBe(false);
    // Retries after other failures count in the total, and not here.
    expect(retried({ attempts: 9, limits: { [kind]: 2 } }, kind, 1, 8)).toBe(true);
  });

  test.each<[string, AttemptFailure, FailureKind]>([
    ["a name that is not found", network("dns", false), "connect"],
    ["a limit for connecting", timeout("connect", false), "connect"],
    ["a connection that broke once it was written to", network("closed", true), "read"],
    ["a silence in the body", timeout("idle", true), "read"],
    ["an attempt that took too long", timeout("attempt", true), "read"],
    ["an answer", status(429), "status"],
    ["what is no fault of the network", failures.other, "other"],
  ])("%s counts as %3$s", (_, failure, kind) => {
    expect(kindOfFailure(failure)).toBe(kind);
  });

  test("what a call leaves out of the limits stays the client's", () => {
    const client = normalizeRetry({ limits: { status: 1, read: 2 } });
    expect(normalizeRetry({ limits: { read: 0, connect: undefined } }, client)?.limits).toEqual({
      status: 1,
      read: 0,
    });
    expect(normalizeRetry(5, client)?.limits).toEqual({ status: 1, read: 2 });
    expect(ask({ policy: policy({ limits: { status: 0 } }) })).toMatchObject({
      retry: false,
      reason: "`retry.limits` has none after bad statuses",
    });
  });
});

describe("the decorrelated wait", () => {
  const own = policy({ jitter: "decorrelated", backoff: { base: 100, cap: 1000 } });

  test.each([
    [0, 0, 100],
    [0, 0.5, 200],
    [0, 0.999999, 300],
    [300, 0, 100],
    [300, 0.5, 500],
    [300, 0.999999, 900],
    [900, 0.999999, 1000],
  ])("after %i ms, drawing %f, it is %i ms", (previous, drawn, wait) => {
    expect(backoffDelay(own, 2, () => drawn, previous)).toBe(wait);
  });

  test("what a redirect has begun anew begins at the base", () => {
    const failure = status(503);
    const asked = { policy: own, failure, attempt: 2, previousDelay: 900, random: () => 0.999999 };
    expect(ask({ ...asked, inARow: 1 })).toMatchObject({ delay: 300 });
    expect(ask({ ...asked, inARow: 2 })).toMatchObject({ delay: 1000 });
  });
});

describe("retry-after-ms", () => {
  test.each<[string, number | undefined]>([
    ["250", 250],
    [" 250 ", 250],
    ["0.5", 1],
    ["", undefined],
    ["-1", undefined],
    ["1e3", undefined],
    ["1".repeat(40), undefined],
  ])("%j is %s", (value, ms) => expect(parseRetryAfterMs(value)).toBe(ms));

  test("wins over Retry-After, which is seconds", () => {
    const failure: AttemptFailure = { kind: "status", status: 429, retryAfter: "2", retryAfterMs: "1500" };
    expect(ask({ failure })).toMatchObject({ delay: 1500 });
    expect(ask({ failure: { ...failure, retryAfterMs: "soon" } })).toMatchObject({ delay: 2000 });
  });
});

describe("#152 #153 Retry-After in the verdict", () => {
  test.each([
    ["2", 2000],
    ["Sun, 22 Nov 2026 20:00:05 GMT", 5000],
    ["60", 60_000],
    // Later than asked is polite, earlier is not: the longer of the two waits.
    ["0", 150],
    // What makes no sense is as if it was not there.
    ["-5", 150],
    [null, 150],
  ])("%j waits %i ms", (retryAfter, delay) => {
    expect(ask({ failure: status(429, retryAfter) })).toMatchObject({ retry: true, delay });
  });

  test("beyond maxWait there is no retry rather than a short wait", () => {
    expect(ask({ failure: status(429, "61") })).toEqual({
      retry: false,
      reason: "Retry-After 61 s is longer than `retry.maxWait` (60000 ms)",
      hint: expect.stringContaining("Wait that long, or raise it"),
    });
    expect(ask({ failure: status(429, "61"), policy: policy({ maxWait: "2m" }) })).toMatchObject({
      delay: 61_000,
    });
  });

  test("can be ignored by option", () => {
    expect(ask({ failure: status(429, "3600"), policy: policy({ retryAfter: false }) })).toMatchObject({
      retry: true,
      delay: 150,
    });
  });
});

describe("the verdict on a failure", () => {
  test.each([
    ["dns", true],
    ["refused", true],
    ["reset", true],
    ["unreachable", true],
    ["closed", true],
    ["tls", false],
    ["proxy", false],
    ["protocol", false],
  ])("a network fault %s: %s", (kind, retry) => {
    expect(ask({ failure: network(kind) }).retry).toBe(retry);
    expect(ask({ failure: network(kind, false) }).retry).toBe(retry);
  });

  test.each([
    ["connect", true],
    ["idle", true],
    ["attempt", true],
    ["headers", false],
    ["queue", false],
    ["total", false],
    ["signal", false],
  ])("a timeout %s: %s", (phase, retry) => {
    expect(ask({ failure: timeout(phase) }).retry).toBe(retry);
  });

  test.each(["ERR_ABORTED", "ERR_DECODE", "ERR_BODY_TOO_LARGE", "ERR_OPTIONS", "ERR_AUTH"])(
    "%s is no fault of the network",
    (code) => {
      const failure: AttemptFailure = { kind: "error", error: { code }, requestWritten: true };
      expect(ask({ failure }).retry).toBe(false);
    },
  );

  test.each([
    ["POST", false, true],
    ["PATCH", false, true],
    ["POST", true, false],
    ["PATCH", true, false],
    ["PUT", true, true],
    ["GET", true, true],
  ])("#147 %s, written: %s, is retried: %s", (method, written, retry) => {
    for (const failure of [
      network("reset", written),
      network("refused", written),
      timeout("connect", written),
    ]) {
      expect(ask({ method, failure }).retry).toBe(retry);
    }
  });

  test("#158 nothing written, and the body still closed or gone", () => {
    const failure = network("refused", false);
    expect(ask({ method: "POST", failure, bodyReplayable: true }).retry).toBe(true);
    expect(ask({ method: "POST", failure, bodyReplayable: false }).retry).toBe(false);
  });

  test("no Retry-After, so the backoff", () => {
    expect(ask({ failure: network("reset"), attempt: 2 })).toEqual({
      retry: true,
      delay: 300,
      reason: "network fault (reset)",
    });
    expect(ask({ failure: timeout("connect") })).toMatchObject({ reason: "timeout (connect)" });
  });
});

describe("`when` has the last word", () => {
  test("sees what happened", () => {
    const seen: RetryInfo[] = [];
    const watching = policy({
      when: (info) => {
        seen.push(info);
        return undefined;
      },
    });
    ask({ policy: watching, failure: status(404) });
    ask({ policy: watching, method: "POST", attempt: 2, failure: network("reset", false) });
    expect(seen).toEqual([
      { method: "GET", attempt: 1, status: 404, error: undefined, requestWritten: true },
      {
        method: "POST",
        attempt: 2,
        status: undefined,
        error: { code: "ERR_NETWORK", networkKind: "reset" },
        requestWritten: false,
      },
    ]);
  });

  test.each<[string, Partial<RetryQuestion>, boolean, boolean]>([
    ["a status of no list", { failure: status(202) }, true, true],
    ["a method of no list", { method: "POST" }, true, true],
    ["a fault that is not transient", { failure: network("tls") }, true, true],
    ["a status of the list, refused", {}, false, false],
    ["no attempt left", { attempt: 3 }, true, false],
    ["a body that is gone", { bodyReplayable: false }, true, false],
    ["a Retry-After beyond maxWait", { failure: status(503, "3600") }, true, false],
    ["#160 the time of the whole call", { failure: timeout("total") }, true, false],
    ["#160 the caller's signal", { failure: timeout("signal") }, true, false],
  ])("%s", (_, changes, says, retry) => {
    expect(ask({ ...changes, policy: policy({ when: () => says }) }).retry).toBe(retry);
  });

  test("P22 an answer that is none is an error, a promise above all", () => {
    const made = Reflect.apply(normalizeRetry, undefined, [{ when: async () => false }]);
    if (made === undefined) throw new Error("switched off");
    expect(() => ask({ policy: made })).toThrow(OptionsError);
  });
});

test("the verdict's type tells whether there is a delay", () => {
  const verdict = ask({});
  if (verdict.retry) expectTypeOf(verdict.delay).toEqualTypeOf<number>();
  else expectTypeOf(verdict).not.toHaveProperty("delay");
});
