import type { TracedCall, TracedExchange, TraceEvent } from "./events.ts";
import type { ExchangePhases } from "./phases.ts";

/** How many columns the whole call has. */
const WIDTH = 32;

/** The phases in their order, each with what its part of a bar is drawn with. */
const MARKS: readonly (readonly [phase: keyof ExchangePhases, mark: string])[] = [
  ["queue", "·"],
  ["dns", "d"],
  ["connect", "c"],
  ["tls", "t"],
  ["firstByte", "░"],
  ["download", "█"],
];

/** Time that belongs to no phase: code that is loaded with the first call, say, or a wait that no answer ended. */
const OTHER = "-";

const NAMES: Readonly<Record<keyof ExchangePhases, string>> = {
  queue: "queue",
  dns: "dns",
  connect: "connect",
  tls: "tls",
  firstByte: "first byte",
  download: "download",
};

function milliseconds(ms: number): string {
  return ms >= 10_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
}

/** A call as a few lines of text: what was sent when, what was waited for, and which part of it took how long. */
export function waterfall(trace: TracedCall): string {
  const { events, duration } = trace;
  const exchanges = events.filter((event) => event.kind === "exchange").length;
  const requests = exchanges === 1 ? "1 request" : `${exchanges} requests`;
  const lines = [`${trace.method} ${trace.url}  ${milliseconds(duration)}, ${requests}`];
  const labels = events.map(labelOf);
  const longest = Math.min(48, Math.max(0, ...labels.map(({ length }) => length)));
  events.forEach((event, at) => {
    const label = (labels[at] ?? "").padEnd(longest);
    lines.push(`  ${label}  |${barOf(event, duration)}|  ${factsOf(event)}`.trimEnd());
  });
  if (exchanges > 0)
    lines.push("  · queue  d dns  c connect  t tls  ░ first byte  █ download  - other  ~ wait");
  return lines.join("\n");
}

function labelOf(event: TraceEvent): string {
  if (event.kind !== "exchange") return event.kind;
  return `${event.attempt} ${event.method} ${event.status ?? event.error ?? "…"}`;
}

function factsOf(event: TraceEvent): string {
  if (event.kind !== "exchange") {
    return event.duration > 0 ? `${milliseconds(event.duration)}: ${event.detail}` : event.detail;
  }
  const told = [milliseconds(event.duration)];
  for (const [phase] of MARKS) {
    const took = event.phases[phase];
    if (took !== undefined && took >= 0.05) told.push(`${NAMES[phase]} ${milliseconds(took)}`);
  }
  if (event.reused === true) told.push("reused");
  return told.join(", ");
}

/** The event on the line of the whole call. What is shorter than a column has one all the same. */
function barOf(event: TraceEvent, total: number): string {
  const scale = total > 0 ? WIDTH / total : 0;
  const from = Math.min(WIDTH - 1, Math.floor(event.start * scale));
  const length = Math.max(1, Math.min(WIDTH - from, Math.round(event.duration * scale)));
  const bar = event.kind === "exchange" ? phaseBar(event, length) : "~".repeat(length);
  return `${" ".repeat(from)}${bar}`.padEnd(WIDTH);
}

function phaseBar({ phases, duration }: TracedExchange, length: number): string {
  const parts = MARKS.map(([phase, mark]): [mark: string, took: number] => [mark, phases[phase] ?? 0]);
  const known = parts.reduce((sum, [, took]) => sum + took, 0);
  const total = Math.max(known, duration);
  if (total === 0) return "░".repeat(length);
  // An answer is the end of an exchange: what is not known was before there was a connection. Without one it was waited for last.
  parts.splice(phases.firstByte === undefined ? parts.length : 1, 0, [OTHER, total - known]);
  let bar = "";
  let until = 0;
  for (const [mark, took] of parts) {
    until += took;
    bar = bar.padEnd(Math.round((until / total) * length), mark);
  }
  return bar;
}
