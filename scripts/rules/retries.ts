import { type Rule, rulesOf } from "./rule.ts";

const TIMING = ["pipeline/retry-timing.test.ts", "client/retries.test.ts"];

/** When a request is sent again, and when not. */
export const RETRY_RULES: readonly Rule[] = [
  ...rulesOf("pipeline/retry-timing.ts", TIMING, [
    ["a Retry-After is digits", "if (/^[0-9]+$/.test(text))", "if (/^[-+.0-9]+$/.test(text))"],
    ["a date that has passed is now", "Math.max(0, date - now)", "date - now"],
    ["a wait that is too long is none", "if (asked > policy.maxWait) {", "if (false) {"],
    ["a Retry-After is waited out", "delay: Math.max(asked, backoff)", "delay: backoff"],
    [
      "it can be ignored",
      'if (failure.kind === "error" || !policy.retryAfter) return { retry: true, delay: backoff, reason };',
      'if (failure.kind === "error") return { retry: true, delay: backoff, reason };',
    ],
    [
      "the status must be on its list",
      "if (!advised && !policy.statuses.includes(failure.status)) return ANSWERED;",
      "",
    ],
    [
      "the method must be on its list",
      "if (allowed || !failure.requestWritten) return undefined;",
      "return undefined;",
    ],
    [
      "what was never written may be sent",
      "if (allowed || !failure.requestWritten) return undefined;",
      "if (allowed) return undefined;",
    ],
    ["attempts have an end", "if (attempt >= policy.attempts) {", "if (false) {"],
    ["a body that is gone is not sent", "if (!question.bodyReplayable) {", "if (false) {"],
    [
      "nothing begins after the end of the call",
      'if (failure.kind === "error" && FINAL_PHASES.has(failure.error.phase ?? "")) {',
      "if (false) {",
    ],
    [
      "a wait has a cap",
      "const most = Math.min(cap, policy.maxWait);",
      "const most = Number.POSITIVE_INFINITY;",
    ],
    ["waits grow", "base === 0 ? 0 : base * factor ** (attempt - 1);", "base;"],
  ]),
];
