import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";

/** What is wrong with an option. */
export function bad(option: string, value: unknown, allowed: string): OptionsError {
  return new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes ${allowed}`, { option });
}

/** @throws {OptionsError} where it is no text, or empty. */
export function text(value: unknown, option: string, allowed: string): asserts value is string {
  if (typeof value !== "string") throw bad(option, value, allowed);
  if (value === "") throw new OptionsError(`\`${option}\` is empty; it takes ${allowed}`, { option });
}

/** @throws {OptionsError} where it is no whole number, or too small. */
export function wholeFrom(least: number, value: unknown, option: string): void {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return;
  throw bad(option, value, `a whole number from ${least}`);
}
