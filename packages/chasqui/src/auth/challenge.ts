/**
 * What a 401 asks for: the challenges of `WWW-Authenticate` (RFC 9110 §11.6.1). Pure; nothing here decides anything.
 *
 * @module
 */

/** One challenge: a scheme, and what it says of itself. */
export interface AuthChallenge {
  /** In lower case. */
  readonly scheme: string;
  /** By lower-case name, their quotes and escapes undone. */
  readonly params: ReadonlyMap<string, string>;
  /** Why it cannot be read; undefined where it can. */
  readonly problem?: string;
}

/** RFC 9110 §5.6.2, sticky: a token, where one stands. */
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
/** RFC 9110 §11.2: what `Negotiate` and its like send in place of params. */
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const SPACES = /[ \t]*/y;
const COMMAS = /[ \t,]*/y;
/** RFC 9110 §5.6.4. */
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;

/**
 * The challenges of a 401, in their order. Several may stand in one line, and the lines of a header that came more than once
 * are joined by commas (RFC 9110 §5.3), which are also what parts the params of one challenge.
 *
 * What cannot be read ends the list with a challenge that says so in `problem`: where the next one starts nobody knows.
 *
 * @param header - The value of `WWW-Authenticate`, its lines joined by commas.
 * @example
 * ```ts
 * parseChallenges('Basic realm="a", Digest realm="b, c", nonce=x').map(({ scheme }) => scheme); // ["basic", "digest"]
 * ```
 */
export function parseChallenges(header: string): AuthChallenge[] {
  const reader = new Reader(header);
  const challenges: AuthChallenge[] = [];
  while (reader.skipTo()) {
    const scheme = reader.token()?.toLowerCase();
    if (scheme === undefined) break;
    const params = new Map<string, string>();
    const problem = reader.space() ? readParams(reader, params) : reader.behindScheme();
    challenges.push({ scheme, params, ...(problem === undefined ? {} : { problem }) });
    if (problem !== undefined) break;
  }
  return challenges;
}

/** Reads the params of one challenge, as far as they are its own. Answers what is wrong with them. */
function readParams(reader: Reader, params: Map<string, string>): string | undefined {
  if (reader.token68()) return undefined;
  for (;;) {
    const start = reader.at;
    const name = reader.token()?.toLowerCase();
    if (name === undefined)
      return reader.atEnd() || reader.behindComma ? undefined : "a param without a name";
    if (!reader.equals()) {
      // Behind a comma, a word without `=` is the scheme of the next challenge.
      if (!reader.behindComma && params.size > 0) return `no comma before ${JSON.stringify(name)}`;
      if (!reader.behindComma) return `${JSON.stringify(name)} without a value`;
      reader.at = start;
      return undefined;
    }
    const value = reader.value();
    if (value === undefined) return `the value of ${JSON.stringify(name)} cannot be read`;
    // RFC 9110 §11.2: each name once. Of two realms nobody can say which one was meant.
    if (params.has(name)) return `${JSON.stringify(name)} stands there twice`;
    params.set(name, value);
    if (!reader.comma() && !reader.atEnd()) return `no comma behind ${JSON.stringify(name)}`;
  }
}

class Reader {
  readonly #text: string;
  at = 0;
  /** Whether a comma stood before the place where the reader is. */
  behindComma = false;

  constructor(text: string) {
    this.#text = text;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  /** Goes to the next challenge, over empty members of the list; whether there is one. */
  skipTo(): boolean {
    this.#take(COMMAS);
    this.behindComma = false;
    return !this.atEnd();
  }

  atEnd(): boolean {
    return this.at >= this.#text.length;
  }

  token(): string | undefined {
    return this.#take(TOKEN)?.[0];
  }

  token68(): boolean {
    return this.#take(TOKEN68) !== null;
  }

  /** White space that is there. */
  space(): boolean {
    return (this.#take(SPACES)?.[0] ?? "") !== "";
  }

  /** What may stand behind a scheme that says nothing more. */
  behindScheme(): string | undefined {
    return this.atEnd() || this.#text[this.at] === ","
      ? undefined
      : "what stands behind the scheme is no param";
  }

  equals(): boolean {
    const start = this.at;
    this.#take(SPACES);
    if (this.#text[this.at] === "=") {
      this.at++;
      this.#take(SPACES);
      return true;
    }
    this.at = start;
    return false;
  }

  /** A token, or what is in quotes, unescaped. */
  value(): string | undefined {
    const quoted = this.#take(QUOTED)?.[1];
    if (quoted !== undefined) return quoted.replace(/\\([\s\S])/g, "$1");
    // Servers write base64 without the quotes that its `=` and `/` ask for.
    return this.#take(/[^\s",]+/y)?.[0];
  }

  comma(): boolean {
    const passed = this.#take(COMMAS)?.[0] ?? "";
    this.behindComma = passed.includes(",");
    return this.behindComma;
  }
}
