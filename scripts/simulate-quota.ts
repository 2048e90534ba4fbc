/**
 * `npm run simulate`: how the option `throttle` keeps a server's quota, in virtual time. It prints one line a scenario, and fails
 * where one that has a target misses it.
 *
 * @module
 */
import { type Figures, meetsTargets, type Scenario, simulate } from "./quota-simulation.ts";

interface Run {
  readonly title: string;
  readonly scenario: Scenario;
  /** Whether the targets are its own: one client, and all that it needs to know. */
  readonly target: boolean;
}

const base: Scenario = {
  kind: "bucket",
  dialect: "ratelimit",
  limit: 100,
  window: 10,
  duration: 600,
  clients: 1,
  callers: 200,
  throttle: true,
  latency: [40, 60],
  seed: Number(process.argv[2] ?? 1),
};

const RUNS: readonly Run[] = [
  { title: "token bucket, RateLimit with policy", scenario: base, target: true },
  { title: "token bucket, X-RateLimit, epoch", scenario: { ...base, dialect: "x" }, target: true },
  {
    title: "token bucket, X-RateLimit, seconds",
    scenario: { ...base, dialect: "x", reset: "seconds" },
    target: true,
  },
  { title: "token bucket, x-ratelimit-…-requests", scenario: { ...base, dialect: "openai" }, target: true },
  { title: "token bucket, latency 0.2 to 2 s", scenario: { ...base, latency: [200, 1800] }, target: true },
  { title: "token bucket, 1000 in 100 s", scenario: { ...base, limit: 1000, window: 100 }, target: true },
  { title: "fixed window, RateLimit with policy", scenario: { ...base, kind: "window" }, target: true },
  {
    title: "fixed window, X-RateLimit, epoch",
    scenario: { ...base, kind: "window", dialect: "x", window: 60, limit: 600 },
    target: true,
  },
  { title: "sliding window, RateLimit with policy", scenario: { ...base, kind: "sliding" }, target: true },
  {
    title: "token bucket, no header, rate given",
    scenario: { ...base, dialect: "none", throttle: "100/10s" },
    target: true,
  },
  { title: "token bucket, no header, nothing given", scenario: { ...base, dialect: "none" }, target: false },
  { title: "the same without throttle", scenario: { ...base, duration: 60, throttle: false }, target: false },
  {
    title: "ten clients that know nothing of each other",
    scenario: { ...base, clients: 10, callers: 20 },
    target: false,
  },
];

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`.padStart(9);

function line({ title, target }: Run, figures: Figures): string {
  const { requests, refused, throughput, refusedShare, failed } = figures;
  let verdict = "report only";
  if (target) verdict = meetsTargets(figures) ? "ok" : "MISSED";
  const counts = [requests, refused, failed].map((number) => String(number).padStart(8));
  return `${title.padEnd(44)}${counts.join("")}${percent(refusedShare)}${percent(throughput)}  ${verdict}`;
}

console.log(`${"".padEnd(44)}requests  refused  failed  429 known  of quota   (targets: ≤ 1 %, ≥ 95 %)`);
for (const run of RUNS) {
  const figures = await simulate(run.scenario);
  console.log(line(run, figures));
  if (run.target && !meetsTargets(figures)) process.exitCode = 1;
}
