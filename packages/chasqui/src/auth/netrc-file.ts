/**
 * The netrc file: who one is on which machine. The format is that of ftp(1) and curl, quotes and comments included. Pure.
 *
 * @module
 */

/** A netrc file as it was found. */
export interface NetrcFile {
  readonly path: string;
  readonly text: string;
  /** Whether somebody besides its owner may read it. */
  readonly readableByOthers: boolean;
}

/** One `machine`, or the `default` that stands for all others. */
export interface NetrcEntry {
  /** The host, in lower case; undefined for `default`. */
  readonly machine: string | undefined;
  login?: string;
  password?: string;
  account?: string;
}

/** A file that cannot be read, with the number of the line. Its message has nothing out of the file. */
export class NetrcSyntaxError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/**
 * The entries of a netrc file, in its order.
 *
 * @throws {NetrcSyntaxError} where it is none. A word that nobody knows is an error, and is not skipped: what follows it
 * would be taken for something else.
 * @example
 * ```ts
 * parseNetrc('machine api.example.com login ann password "two words"');
 * ```
 */
export function parseNetrc(text: string): NetrcEntry[] {
  const words = new Words(text.replace(/^\ufeff/, ""));
  const entries: NetrcEntry[] = [];
  let entry: NetrcEntry | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word.startsWith("#")) words.skipLine();
    else if (word === "machine") {
      entry = { machine: words.valueOf(word).toLowerCase() };
      entries.push(entry);
    } else if (word === "default") {
      entry = { machine: undefined };
      entries.push(entry);
    } else if (word === "macdef") words.skipMacro();
    else if (word === "login" || word === "user" || word === "password" || word === "account") {
      const value = words.valueOf(word);
      if (entry === undefined) throw new NetrcSyntaxError("it begins with no machine", words.line);
      entry[word === "user" ? "login" : word] = value;
    } else throw new NetrcSyntaxError("a word is unknown there", words.line);
  }
  return entries;
}

/** Who one is on a host: nobody, unless the entry has a login and a password that is not empty. */
export interface NetrcLogin {
  readonly login: string;
  readonly password: string;
}

/**
 * What the file says of a host. The first entry that fits counts; one that lacks its login or its password gives nothing, and
 * no other is asked in its place (CVE-2024-11053, CVE-2025-0167).
 *
 * @param hostname - As a URL parser gives it, never cut out of a text (CVE-2024-47081).
 * @param login - The only one that will do, where the URL names it.
 * @param withDefault - Whether `default` may speak for the host.
 */
export function netrcLogin(
  entries: readonly NetrcEntry[],
  hostname: string,
  login: string | undefined,
  withDefault: boolean,
): NetrcLogin | undefined {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const fits = (entry: NetrcEntry): boolean => login === undefined || entry.login === login;
  const entry =
    entries.find((candidate) => candidate.machine === host && fits(candidate)) ??
    // Whoever has a machine of their own in the file is not among `all others`.
    (withDefault && !entries.some(({ machine }) => machine === host)
      ? entries.find((candidate) => candidate.machine === undefined && fits(candidate))
      : undefined);
  if (entry?.login === undefined || entry.login === "") return undefined;
  if (entry.password === undefined || entry.password === "") return undefined;
  return { login: entry.login, password: entry.password };
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** The words of a file: parted by white space, or in double quotes with `\` before what is special. */
class Words {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The line of the place where the reader is, from 1. */
  get line(): number {
    return this.#text.slice(0, this.#at).split("\n").length;
  }

  next(): string | undefined {
    const start = this.#find(/\S/g);
    if (start === undefined) return undefined;
    this.#at = start;
    if (this.#text[start] === '"') return this.#quoted();
    this.#at = this.#find(/\s/g) ?? this.#text.length;
    return this.#text.slice(start, this.#at);
  }

  valueOf(keyword: string): string {
    const value = this.next();
    if (value === undefined) throw new NetrcSyntaxError(`nothing follows ${keyword}`, this.line);
    return value;
  }

  /** Over a comment: from its word on, which may have ended the line. */
  skipLine(): void {
    this.#at = this.#find(/\n/g) ?? this.#text.length;
  }

  /** Over a macro: its name, and all lines up to an empty one. */
  skipMacro(): void {
    this.valueOf("macdef");
    const end = this.#find(/\n[ \t\r]*\n/g);
    this.#at = end ?? this.#text.length;
  }

  #find(pattern: RegExp): number | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.index;
  }

  #quoted(): string {
    let word = "";
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at] ?? "";
      if (char === '"') {
        this.#at = at + 1;
        return word;
      }
      if (char === "\n") break;
      if (char !== "\\") word += char;
      else {
        const escaped = this.#text[++at] ?? "";
        word += ESCAPES.get(escaped) ?? escaped;
      }
    }
    throw new NetrcSyntaxError("a quote has no end", this.line);
  }
}
