import type { Logger, LogLevel, LogOptions } from "../log.ts";
import { checkHeaderName } from "./field.ts";
import { unknownField, wrongValue } from "./wrong-option.ts";

/** The option `log`, checked. */
export interface LogSink {
  readonly to: Logger;
  /** As its place among the levels. */
  readonly level: number;
  readonly fields: boolean;
  /** Whether lines begin with the id of their call. */
  readonly correlation: boolean;
  /** The header that carries the id, in lower case. */
  readonly header: string | undefined;
}

/** From the least severe on. */
export const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

const FIELDS: readonly (keyof LogOptions)[] = ["to", "level", "fields", "correlation"];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLogger(value: unknown): value is Logger {
  if (typeof value !== "object" && typeof value !== "function") return false;
  return value !== null && LEVELS.every((level) => typeof Reflect.get(value, level) === "function");
}

/** Pino's loggers, and no other that is widely used, have `bindings()`; it takes its object first. */
function takesFields(logger: object): boolean {
  return typeof Reflect.get(logger, "bindings") === "function";
}

function refuse(option: string, value: unknown, takes: string): never {
  throw wrongValue(option, value, takes);
}

/**
 * Reads the option.
 *
 * @throws {OptionsError} when it is none of what it may be.
 */
export function readLog(value: Logger | LogOptions | false | null): LogSink | undefined {
  if (value === false || value === null) return undefined;
  if (isLogger(value)) {
    return { to: value, level: 0, fields: takesFields(value), correlation: false, header: undefined };
  }
  if (!isObject(value) || !Object.hasOwn(value, "to")) {
    return refuse(
      "log",
      value,
      `an object with debug, info, warn and error, such as console, { ${FIELDS.join(", ")} } or false`,
    );
  }
  const odd = Object.keys(value).find((field) => !FIELDS.some((known) => known === field));
  if (odd !== undefined) throw unknownField("log", odd, FIELDS);
  const own: Partial<Record<keyof LogOptions, unknown>> = { ...value };
  const names: readonly unknown[] = LEVELS;
  const { to, level = "debug", fields, correlation = false } = own;
  if (!isLogger(to))
    return refuse("log.to", to, "an object with debug, info, warn and error, such as console");
  const at = names.indexOf(level);
  if (at < 0) return refuse("log.level", level, LEVELS.map((known) => `"${known}"`).join(", "));
  if (fields !== undefined && typeof fields !== "boolean")
    return refuse("log.fields", fields, "true or false");
  if (typeof correlation !== "boolean" && typeof correlation !== "string") {
    return refuse("log.correlation", correlation, "true, false or the name of a header");
  }
  if (typeof correlation === "string") checkHeaderName(correlation, "log.correlation");
  return {
    to,
    level: at,
    fields: fields ?? takesFields(to),
    correlation: correlation !== false,
    header: typeof correlation === "string" ? correlation.toLowerCase() : undefined,
  };
}
