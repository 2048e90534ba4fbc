import { json, problem } from "../answer/answer.ts";
import { query, type Route } from "../route.ts";
import { randomFor } from "../rows/random.ts";
import { amount, attempt } from "./count.ts";

/** `/faults/flaky`: fails now and then, and for the same seed at the same requests. */
export const flaky: Route = {
  methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  path: "/faults/flaky",
  topic: "Faults",
  summary: "503 at a share of the requests of a run, which the seed picks",
  params: [
    query("rate", "the share that fails, 0 to 1 (0.5)"),
    query("seed", "which of them (1)"),
    query("run", "the run that is counted"),
  ],
  handle: (ask, world) => {
    const number = attempt(ask, world);
    const fails = isUnlucky(number, amount(ask, "rate", 0.5), amount(ask, "seed", 1));
    return fails
      ? problem(503, "flaky: this request was one of those that fail", { "Cache-Control": "no-store" })
      : json({ attempt: number }, 200, { "Cache-Control": "no-store" });
  },
};

/** Whether the request of this number fails, where a share of them does: the same ones for the same seed. */
export function isUnlucky(number: number, rate: number, seed: number): boolean {
  return randomFor(seed, 0xf1a, number)() < rate;
}
