import { milliseconds } from "../duration.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { unknownField } from "../request/wrong-option.ts";

/** How many connections a pool has, and how long it keeps idle ones, in milliseconds. */
export interface PoolLimits {
  readonly perOrigin: number;
  readonly idle: number;
  readonly idleTimeout: number;
}

/** Without a limit 500 calls open 500 connections. Four seconds are less than what servers keep. */
export const DEFAULT_LIMITS: PoolLimits = {
  perOrigin: 128,
  idle: Number.POSITIVE_INFINITY,
  idleTimeout: 4000,
};

function countOf(value: unknown, option: string, least: number): number {
  const count = typeof value === "number" ? value : Number.NaN;
  if (count >= least && (Number.isInteger(count) || count === Number.POSITIVE_INFINITY)) return count;
  throw new OptionsError(
    `\`${option}\` is ${kindOf(value)}; it takes a whole number from ${least}, or Infinity`,
    {
      option,
    },
  );
}

const READ: Readonly<Record<keyof PoolLimits, (value: unknown) => number>> = {
  perOrigin: (value) => countOf(value, "connections.perOrigin", 1),
  idle: (value) => countOf(value, "connections.idle", 0),
  idleTimeout: (value) => milliseconds(value, "connections.idleTimeout"),
};

function isLimit(name: string): name is keyof PoolLimits {
  return Object.hasOwn(READ, name);
}

/**
 * Reads the option `connections`: a number of connections per origin, or the limits by name.
 *
 * @throws {OptionsError} when a value is a bad one.
 */
export function limitsOf(value: unknown): PoolLimits {
  if (typeof value === "number") return { ...DEFAULT_LIMITS, perOrigin: countOf(value, "connections", 1) };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OptionsError(
      `\`connections\` is ${kindOf(value)}; it takes a number per origin, or { perOrigin, idle, idleTimeout }`,
      { option: "connections" },
    );
  }
  const limits: Record<keyof PoolLimits, number> = { ...DEFAULT_LIMITS };
  for (const [name, given] of Object.entries(value)) {
    if (!isLimit(name)) throw unknownField("connections", name, Object.keys(READ));
    if (given !== undefined) limits[name] = READ[name](given);
  }
  return limits;
}
