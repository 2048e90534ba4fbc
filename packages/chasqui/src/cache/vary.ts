/**
 * The request headers that chose a response, by its `Vary`: lower-case, sorted, each once. Undefined where it says `*`, which no
 * other request matches, or where it cannot be parsed.
 *
 * @example
 * ```ts
 * varyNames("Accept, accept-language"); // ["accept", "accept-language"]
 * varyNames("*"); // undefined
 * ```
 */
export function varyNames(vary: string | undefined): readonly string[] | undefined {
  const names = (vary ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  if (!names.every((name) => /^[!#$%&'+\-.^_`|~0-9a-z]+$/.test(name))) return undefined;
  return [...new Set(names)].sort();
}

/** Headers whose value means the same in either case (RFC 9110 12.5). */
const CASELESS: ReadonlySet<string> = new Set(["accept-charset", "accept-encoding", "accept-language"]);

/**
 * One way of writing the value of a header that may be chosen by: lines that are joined and space beside commas say nothing
 * (RFC 9111 4.1). The order of languages stays as it is: many servers take the first of several that are equal.
 *
 * @param value - Several lines joined by a comma; undefined where the header is not there, which is a value of its own.
 *
 * @example
 * ```ts
 * varyValue("accept-language", "EN,  de"); // "en,de"
 * ```
 */
export function varyValue(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  // Space within a quoted text is part of it.
  const plain = value
    .trim()
    .replace(/"(?:[^"\\]|\\.)*"|[\t ]*,[\t ]*/g, (part) => (part.startsWith('"') ? part : ","));
  return CASELESS.has(name) ? plain.toLowerCase() : plain;
}
