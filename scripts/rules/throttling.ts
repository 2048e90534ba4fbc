import { type Rule, rulesOf } from "./rule.ts";

const CALLS = ["client/throttle.test.ts"];
const TABLES = ["throttle/bucket.test.ts", "throttle/quota.test.ts"];

/** How the limits of a server are kept. */
export const THROTTLE_RULES: readonly Rule[] = [
  ...rulesOf(
    "throttle/bucket.ts",
    [...CALLS, ...TABLES],
    [
      ["a refusal pauses all", "if (report.refused) this.#pause(report, afterPause);", "if (false) {}"],
      ["concurrency has a limit", "if (this.#underWay >= most)", "if (false)"],
      [
        "no server is believed for ever",
        "now + Math.min(pause ?? guess, LONGEST_PAUSE)",
        "now + (pause ?? guess)",
      ],
      ["one goes ahead after a pause", "this.#window = 1;", ""],
    ],
  ),
  ...rulesOf(
    "throttle/quota.ts",
    [...TABLES, ...CALLS],
    [
      [
        "what is under way is taken off what is left",
        "const sure = remaining - beside;",
        "const sure = remaining;",
      ],
    ],
  ),
  ...rulesOf(
    "throttle/window-log.ts",
    [...TABLES, ...CALLS],
    [["a window has no more than its limit", "return this.limit - this.#count;", "return this.limit;"]],
  ),
  ...rulesOf("throttle/turn.ts", CALLS, [
    [
      "each credential has limits of its own",
      'if (per === "credential") parts.push',
      "if (false) parts.push",
    ],
    ["a call that is given up leaves the queue", "[context.onCancel(leave), ", "["],
  ]),
  ...rulesOf("throttle/line.ts", CALLS, [
    ["the queue has an end", "place.waits = this.size - asked <= place.queue;", "place.waits = true;"],
    [
      "no call waits an hour for the server",
      "if (turn.told === true && turn.wait > place.maxWait + LENGTHENED) {",
      "if (false) {",
    ],
  ]),
  ...rulesOf("throttle/fair-queue.ts", CALLS, [
    ["parties have their turns", "level.parties.delete(waiting.party);", ""],
  ]),
  ...rulesOf("pipeline/story.ts", CALLS, [
    [
      "credentials are got outside of a slot",
      "[authorized, authorize],\n    [throttled, throttle],",
      "[throttled, throttle],\n    [authorized, authorize],",
    ],
  ]),
];
