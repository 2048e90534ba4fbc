/**
 * What is said of an option that cannot be, in the same words wherever it stands.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "./kind-of.ts";
import { nearest } from "./unknown-option.ts";

/** The longest that a name of somebody else's is shown. */
const SHOWN = 60;

/**
 * An option, or a field of one, with a value that it does not take.
 *
 * @example
 * ```ts
 * wrongValue("retry.jitter", 3, '"full", "none" or "decorrelated"').message;
 * // `retry.jitter` is the number 3; it takes "full", "none" or "decorrelated"
 * ```
 */
export function wrongValue(option: string, given: unknown, takes: string, hint?: string): OptionsError {
  const message = `\`${option}\` is ${kindOf(given)}; it takes ${takes}`;
  return new OptionsError(message, { option, ...(hint === undefined ? {} : { hint }) });
}

/** The one that was probably meant; of a short name two letters are too many to tell. */
function meantBy(name: string, known: readonly string[]): string | undefined {
  const meant = nearest(name, known, name.length < 6 ? 1 : 2);
  return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
}

/**
 * An option that is an object, with a field that it does not know.
 *
 * @param hint - What to say of it. Default: the known field that it is nearest to, where there is one.
 */
export function unknownField(
  option: string,
  field: string,
  known: readonly string[],
  hint: string | undefined = meantBy(field, known),
): OptionsError {
  const name = field.slice(0, SHOWN);
  return new OptionsError(`\`${option}\` has no field ${JSON.stringify(name)}, but ${known.join(", ")}`, {
    option: `${option}.${name}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * The options of a function, by own property only (S55).
 *
 * @param of - The function, such as `cassette()`.
 * @throws {OptionsError} when they are no object, or naming the first that the function does not know.
 */
export function ownOptions<O extends object>(of: string, options: O, known: readonly string[]): O {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new OptionsError(`The options of ${of} are ${kindOf(options)}, not an object`, {
      option: "options",
    });
  }
  const odd = Object.keys(options)
    .find((name) => !known.includes(name))
    ?.slice(0, SHOWN);
  if (odd === undefined) return Object.assign(Object.create(null), options);
  const hint = meantBy(odd, known);
  throw new OptionsError(`${of} has no option ${JSON.stringify(odd)}, but ${known.join(", ")}`, {
    option: odd,
    ...(hint === undefined ? {} : { hint }),
  });
}
