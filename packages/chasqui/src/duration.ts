import { OptionsError } from "./errors/options-error.ts";
import { kindOf } from "./request/kind-of.ts";

/** A length of time: a number of milliseconds, or a number with a unit, such as `"500ms"`, `"30s"`, `"2m"`, `"1h"`. */
export type Duration = number | `${number}ms` | `${number}s` | `${number}m` | `${number}h`;

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
/** Beyond this `setTimeout` fires at once. */
const LONGEST = 2 ** 31 - 1;
const LONGEST_HOURS = Math.floor(LONGEST / 3_600_000);

/**
 * The milliseconds of a duration.
 *
 * @throws {OptionsError} when it is none: zero, negative, a boolean, a string without a unit, or longer than 2^31 - 1 ms.
 */
export function milliseconds(value: unknown, option: string): number {
  let ms = Number.NaN;
  if (typeof value === "number") ms = value;
  else if (typeof value === "string") {
    const [, digits, unit] = FORM.exec(value) ?? [];
    if (digits !== undefined && unit !== undefined) ms = Number(digits) * (MILLISECONDS[unit] ?? Number.NaN);
  }
  if (ms > 0 && ms <= LONGEST) return ms;
  const given = shown(value);
  if (ms > LONGEST) {
    throw new OptionsError(`\`${option}\` is ${given}, which is a longer duration than a timer can wait`, {
      option,
      hint: `The longest that can be given is ${LONGEST} ms, "${LONGEST_HOURS}h".${option.startsWith("timeout") ? " null is no limit." : ""}`,
    });
  }
  throw new OptionsError(`\`${option}\` is ${given}, which is no duration`, {
    option,
    hint: `Give milliseconds above 0, or a string such as "500ms", "30s", "2m"${option.startsWith("timeout") ? "; null for no limit" : ""}.`,
  });
}

/** What was given: as it is where that helps, and else what it is. An object need not know how to print itself. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return typeof value === "number" || typeof value === "boolean" ? String(value) : kindOf(value);
}
