import type { Logger, LogLevel } from "../log.ts";
import { LEVELS, type LogSink } from "../request/log-option.ts";

/** What a line says, for loggers that take it as data. Redacted as the line is. */
export interface LogFields {
  readonly method?: string;
  readonly url?: string;
  readonly attempt?: number;
  readonly status?: number;
  /** Milliseconds. */
  readonly duration?: number;
  /** Milliseconds until the next attempt. */
  readonly delay?: number;
  /** Of an error. */
  readonly code?: string;
}

/** What a line is written by: the option, and the call that it is of. */
export interface Logged {
  readonly settings: { readonly log: LogSink | undefined };
  readonly id: string;
}

type WithFields = { readonly [Level in LogLevel]: (fields: object, message: string) => unknown };

/** A logger of pino's face, which takes an object before the message. */
function structured(to: Logger): to is Logger & WithFields {
  return typeof to.debug === "function";
}

/** Writes a line, where lines are wanted. What a logger throws, or rejects with, is dropped: a full disk is no reason to fail a call. */
export function logLine(call: Logged, level: LogLevel, line: string, fields: LogFields = {}): void {
  const { log } = call.settings;
  if (log === undefined || LEVELS.indexOf(level) < log.level) return;
  try {
    const { to } = log;
    const text = log.correlation && !log.fields ? `[${call.id}] ${line}` : line;
    const written: unknown =
      log.fields && structured(to) ? to[level]({ call: call.id, ...fields }, text) : to[level](text);
    if (written instanceof Promise) written.catch(() => {});
  } catch {
    // There is nowhere left to say it.
  }
}
