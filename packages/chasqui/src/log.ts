/** Where log lines go: `console`, or any logger with these four. What they throw is dropped: to log never fails a call. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** How severe a line is, from `debug`, each exchange, to `error`, a call that failed. */
export type LogLevel = keyof Logger;

/**
 * How lines are written.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client({
 *   baseUrl: "http://localhost:4010",
 *   log: { to: console, level: "warn", correlation: "x-request-id" },
 * });
 * await client.get("/posts/1"); // as it should be: nothing to warn of
 * ```
 */
export interface LogOptions {
  /** `console`, pino, or any logger with `debug`, `info`, `warn` and `error`. */
  readonly to: Logger;
  /** The least severe lines that are written. Default `"debug"`, all. */
  readonly level?: LogLevel | undefined;
  /**
   * Whether the logger is given an object before the message, as pino's takes one: `call` (the id of the call), `method`, `url`,
   * `attempt`, `status`, `duration` and `delay` in milliseconds, `code` of an error. Default: true for a logger that has pino's
   * `bindings()`.
   */
  readonly fields?: boolean | undefined;
  /**
   * Whether the lines of a call begin with its id, the same in each of them and in `trace.id`. A string is the header that takes it to
   * the server too, such as `"x-request-id"`; one that the caller set stands, and is the id. It does not go to another origin.
   * Default false.
   */
  readonly correlation?: boolean | string | undefined;
}
