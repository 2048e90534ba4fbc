import { setTimeout as sleep } from "node:timers/promises";
import { LONGEST_DELAY } from "../options.ts";

/** Waits, at most a minute, and not a moment longer than somebody is there to be answered. */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await sleep(Math.min(milliseconds, LONGEST_DELAY), undefined, { signal });
}

/** A number of milliseconds in a query; anything else is none. */
export function milliseconds(text: string | null | undefined): number {
  const value = Number(text ?? "");
  return Number.isFinite(value) ? Math.min(Math.max(0, value), LONGEST_DELAY) : 0;
}
