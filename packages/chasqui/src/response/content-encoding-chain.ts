import { DecodeError } from "../errors/decode-error.ts";

/**
 * The most codings that a body may be wrapped in. Each one multiplies what a few bytes can grow to (S13, S66).
 */
const MOST_LAYERS = 5;

/** Older names of the same coding (RFC 9110 §8.4.1). */
const ALIASES: Readonly<Record<string, string>> = { "x-gzip": "gzip", "x-compress": "compress" };

/**
 * The codings of a body in the order in which they were applied, so that the last is undone first (RFC 9110 §8.4).
 * Names are lower-case, `identity` is left out.
 *
 * @param values - The header, as one joined value or one value a line; undefined where it is absent.
 * @throws {DecodeError} when there are more than 5, over all lines of the header together (S28, #119).
 * @example
 * ```ts
 * parseContentEncoding("GZIP"); // ["gzip"]
 * parseContentEncoding(["deflate, identity", "br"]); // ["deflate", "br"]
 * ```
 */
export function parseContentEncoding(values: readonly string[] | string | undefined): string[] {
  if (values === undefined) return [];
  const names: string[] = [];
  for (const line of typeof values === "string" ? [values] : values) {
    for (const part of line.split(",")) {
      const name = part.trim().toLowerCase();
      if (name === "" || name === "identity") continue;
      if (names.length === MOST_LAYERS) {
        throw new DecodeError(`The response is wrapped in more than ${MOST_LAYERS} content codings`, {
          hint: "No honest server does that: each layer multiplies what a few bytes can grow to.",
        });
      }
      names.push((Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined) ?? name);
    }
  }
  return names;
}
