/** Directives by their lower-case names; without an argument it is undefined. */
type Directives = Map<string, string | undefined>;

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
/** One member of the list, or an empty one, up to its comma (RFC 9111 5.2, RFC 9110 5.6.1). */
const MEMBER = new RegExp(
  String.raw`[\t ]*(?:(${TOKEN})(?:=(?:(${TOKEN})|"((?:[^"\\]|\\[\t -~\x80-\xff])*)"))?)?[\t ]*(?:,|$)`,
  "y",
);

/** Directives that hold for some headers only where they name them: several are one. */
const NAMING: readonly string[] = ["no-cache", "private"];

/** More seconds than any need; what is beyond it is it (RFC 9111 1.2.2). */
const LONGEST = 2 ** 31;

/**
 * The directives of a `Cache-Control`; undefined where it cannot be parsed, or says two things of one directive. RFC 9111 4.2.1
 * leaves open what is then to be done; whoever guesses keeps what was not to be kept (S71).
 */
function directivesOf(lines: readonly string[]): Directives | undefined {
  const directives: Directives = new Map();
  for (const line of lines) {
    MEMBER.lastIndex = 0;
    while (MEMBER.lastIndex < line.length) {
      const member = MEMBER.exec(line);
      if (member === null) return undefined;
      const [, name, token, quoted] = member;
      if (name === undefined) continue;
      const directive = name.toLowerCase();
      const argument = token ?? quoted?.replace(/\\(.)/g, "$1");
      if (!directives.has(directive)) directives.set(directive, argument);
      else if (NAMING.includes(directive)) {
        const before = directives.get(directive);
        const both = before === undefined || argument === undefined ? undefined : `${before},${argument}`;
        directives.set(directive, both);
      } else if (directives.get(directive) !== argument) return undefined;
    }
  }
  return directives;
}

/** The seconds of a directive, in milliseconds; undefined where it is not there, NaN where it has no number of seconds. */
function duration(directives: Directives, name: string): number | undefined {
  if (!directives.has(name)) return undefined;
  const seconds = directives.get(name) ?? "";
  return /^\d+$/.test(seconds) ? Math.min(Number(seconds), LONGEST) * 1000 : Number.NaN;
}

/** What a response says of its being stored. Durations are in milliseconds. */
export interface ResponseDirectives {
  readonly noStore: boolean;
  /** `no-cache` for the whole response. */
  readonly noCache: boolean;
  /** Lower-case names of the headers that `no-cache` names. */
  readonly noCacheFields: readonly string[];
  readonly mustRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly isPublic: boolean;
  readonly isPrivate: boolean;
  readonly immutable: boolean;
  readonly maxAge: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
}

/**
 * Reads the `Cache-Control` of a response (RFC 9111 5.2.2, RFC 5861, RFC 8246). What speaks to shared caches is not for us:
 * `s-maxage`, `proxy-revalidate`, and the field names of `private`.
 *
 * @returns undefined where it cannot be parsed, contradicts itself, or a duration is none.
 *
 * @example
 * ```ts
 * responseDirectives(["max-age=60, must-revalidate"])?.maxAge; // 60000
 * responseDirectives(["max-age=60; must-revalidate"]); // undefined
 * ```
 */
export function responseDirectives(lines: readonly string[]): ResponseDirectives | undefined {
  const directives = directivesOf(lines);
  if (directives === undefined) return undefined;
  const maxAge = duration(directives, "max-age");
  const staleWhileRevalidate = duration(directives, "stale-while-revalidate");
  const staleIfError = duration(directives, "stale-if-error");
  if ([maxAge, staleWhileRevalidate, staleIfError].some(Number.isNaN)) return undefined;
  const noCacheFields = (directives.get("no-cache") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  return {
    noStore: directives.has("no-store"),
    noCache: directives.has("no-cache") && noCacheFields.length === 0,
    noCacheFields,
    mustRevalidate: directives.has("must-revalidate"),
    mustUnderstand: directives.has("must-understand"),
    isPublic: directives.has("public"),
    isPrivate: directives.has("private"),
    immutable: directives.has("immutable"),
    maxAge,
    staleWhileRevalidate,
    staleIfError,
  };
}

/** What a request asks of caches. Durations are in milliseconds. */
export interface RequestDirectives {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly onlyIfCached: boolean;
  readonly maxAge: number | undefined;
  readonly minFresh: number | undefined;
  /** How stale a response may be; Infinity where it does not say. */
  readonly maxStale: number | undefined;
  readonly staleIfError: number | undefined;
}

/**
 * Reads what a request asks of caches (RFC 9111 5.2.1). What cannot be parsed asks for a response that was validated: it is the
 * caller's own, and meant something. `Pragma: no-cache` counts where there is no `Cache-Control` (5.4).
 *
 * @example
 * ```ts
 * requestDirectives(["max-stale"], undefined).maxStale; // Infinity
 * ```
 */
export function requestDirectives(lines: readonly string[], pragma: string | undefined): RequestDirectives {
  const directives = directivesOf(lines);
  const read = (name: string): number | undefined => directives && duration(directives, name);
  const [maxAge, minFresh, staleIfError] = ["max-age", "min-fresh", "stale-if-error"].map(read);
  const unlimited = directives?.has("max-stale") === true && directives.get("max-stale") === undefined;
  const maxStale = unlimited ? Number.POSITIVE_INFINITY : read("max-stale");
  const unclear = directives === undefined || [maxAge, minFresh, staleIfError, maxStale].some(Number.isNaN);
  const askedByPragma = lines.length === 0 && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(pragma ?? "");
  return {
    noStore: directives?.has("no-store") === true,
    noCache: unclear || askedByPragma || directives.has("no-cache"),
    onlyIfCached: directives?.has("only-if-cached") === true,
    maxAge,
    minFresh,
    maxStale,
    staleIfError,
  };
}
