import type { Logger } from "../hooks.ts";

/** Writes a line. What a logger throws, or rejects with, is dropped: a full disk is no reason to fail a call. */
export function logLine(log: Logger, level: keyof Logger, line: string): void {
  try {
    const written: unknown = log[level](line);
    if (written instanceof Promise) written.catch(() => {});
  } catch {
    // There is nowhere left to say it.
  }
}
