import { plainTarget, resolvePlainLocation } from "../request/plain-url.ts";
import type { Request } from "../request/request.ts";
/**
 * The `Link` header (RFC 8288).
 *
 * @module
 */

/** One link of a response. */
export interface Link {
  /** Where it leads, absolute. */
  readonly url: string;
  /** How it relates to the response, such as `next`. */
  readonly rel: string;
  /** Its other attributes, such as `title` or `type`, names in lower case. */
  readonly params: Readonly<Record<string, string>>;
}

/** The links of a response by their relation, in lower case. A relation that is not there is undefined. */
export type Links = Readonly<Record<string, Link>>;

/**
 * Reads a `Link` header. A link of several relations stands under each of them; where two have the same, the first
 * counts. What cannot be read is left out, the rest stays. A link that names another context with `anchor` speaks of
 * something else than this response and is left out (RFC 8288 §3.2).
 *
 * @param header - The header's value, or one for each line.
 * @param base - The URL of the response, which relative links are resolved against.
 * @returns An object without a prototype; empty where there is no link (#126).
 * @example
 * ```ts
 * const links = parseLinks('</posts?page=2>; rel="next"', "https://api.example.com/posts");
 * links.next?.url; // "https://api.example.com/posts?page=2"
 * ```
 */
export function parseLinks(header: string | readonly string[], base: string): Links {
  const links: Record<string, Link> = Object.create(null);
  for (const line of typeof header === "string" ? [header] : header) readLine(line, base, links);
  return links;
}

const NO_PARAMS: Link["params"] = Object.freeze(Object.create(null));
const PLAIN_REL = '>; rel="';

/** The links between pages. */
export interface PageLinks {
  readonly next?: Link | undefined;
  readonly prev?: Link | undefined;
  readonly previous?: Link | undefined;
  readonly first?: Link | undefined;
  readonly last?: Link | undefined;
}

/** The links of a line in which each says what it is to the page, and nothing else of itself. */
/** A request, of which no more is needed here. */
type Origin = Pick<Request, "origin" | "fragment">;

class PlainLinks implements PageLinks {
  next: Link | undefined = undefined;
  prev: Link | undefined = undefined;
  previous: Link | undefined = undefined;
  first: Link | undefined = undefined;
  last: Link | undefined = undefined;
  self: Link | undefined = undefined;
  current: Link | undefined = undefined;

  /** False where the relation is another one. */
  add(rel: string, target: string, base: string, from: Origin | undefined): boolean {
    // Each by its name: to store under a text that was cut out of a header takes 1 µs.
    switch (rel) {
      case "next":
        this.next ??= plainLink("next", target, base, from);
        return true;
      case "prev":
        this.prev ??= plainLink("prev", target, base, from);
        return true;
      case "previous":
        this.previous ??= plainLink("previous", target, base, from);
        return true;
      case "first":
        this.first ??= plainLink("first", target, base, from);
        return true;
      case "last":
        this.last ??= plainLink("last", target, base, from);
        return true;
      case "self":
        this.self ??= plainLink("self", target, base, from);
        return true;
      case "current":
        this.current ??= plainLink("current", target, base, from);
        return true;
      default:
        return false;
    }
  }
}

/**
 * The links of a line in which all are plain, `<url>; rel="next", `; undefined where they are not. {@link parseLinks} gives
 * the same, for ten times the time.
 *
 * @param from - What is at the base, where it is known: a whole URL at its origin is then not resolved.
 */
export function plainLinks(line: string, base: string, from?: Origin): PageLinks | undefined {
  const links = new PlainLinks();
  let at = 0;
  while (line.charCodeAt(at) === 0x3c) {
    const close = line.indexOf(">", at);
    if (!line.startsWith(PLAIN_REL, close)) return undefined;
    const start = close + PLAIN_REL.length;
    const end = line.indexOf('"', start);
    const target = line.slice(at + 1, close);
    at = end + 1;
    if (target.includes("<") || target.includes(" ")) return undefined;
    if (at < line.length && line.charCodeAt(at) !== 0x2c) return undefined;
    if (!links.add(line.slice(start, end), target, base, from)) return undefined;
    at++;
    while (line.charCodeAt(at) === 0x20) at++;
  }
  return at >= line.length ? links : undefined;
}

function plainLink(rel: string, target: string, base: string, from: Origin | undefined): Link | undefined {
  const own = from?.fragment === "" && plainTarget(target, from.origin) !== undefined;
  const url = own ? target : hrefOf(target, base);
  return url === undefined ? undefined : { url, rel, params: NO_PARAMS };
}

function hrefOf(target: string, base: string): string | undefined {
  // What the parser would leave as it is costs a third so.
  return resolvePlainLocation(target, base)?.href ?? URL.parse(target, base)?.href;
}

/** Reads one line from left to right. Every character is looked at a fixed number of times, whatever it is. */
function readLine(line: string, base: string, links: Record<string, Link>): void {
  const plain = plainLinks(line, base);
  if (plain !== undefined) {
    for (const link of Object.values<Link | undefined>({ ...plain }))
      if (link !== undefined) links[link.rel] ??= link;
    return;
  }
  const scanner = new Scanner(line);
  for (;;) {
    const target = scanner.target();
    if (target === undefined) return;
    const attributes = scanner.attributes();
    if (attributes !== undefined) addLink(target, attributes, base, links);
  }
}

function addLink(
  target: string,
  attributes: Record<string, string>,
  base: string,
  links: Record<string, Link>,
): void {
  const { rel, anchor, ...rest } = attributes;
  if (rel === undefined) return;
  const url = hrefOf(target, base);
  if (url === undefined || namesAnotherContext(anchor, base)) return;
  const params: Record<string, string> = Object.assign(Object.create(null), rest);
  for (const relation of rel.toLowerCase().split(/[ \t]+/)) {
    if (relation !== "" && links[relation] === undefined) links[relation] = { url, rel: relation, params };
  }
}

function namesAnotherContext(anchor: string | undefined, base: string): boolean {
  if (anchor === undefined) return false;
  const context = URL.parse(anchor, base)?.href;
  return context === undefined || context !== URL.parse(base)?.href.replace(/#.*$/s, "");
}

const SPACE = /[ \t]/;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next `<…>`, leaving out what stands before it; undefined where there is none. */
  target(): string | undefined {
    const close = this.#opening();
    if (close === undefined) return undefined;
    const target = this.#text.slice(this.#at + 1, close);
    this.#at = close + 1;
    return target.trim();
  }

  /** Goes to the next `<` and gives the index of its `>`. */
  #opening(): number | undefined {
    const open = this.#text.indexOf("<", this.#at);
    if (open < 0) return undefined;
    const close = this.#text.indexOf(">", open);
    if (close < 0) return undefined;
    // Neither a URL nor a relation has a `<`: of several, the last begins the link, and the others were never closed.
    this.#at = this.#text.lastIndexOf("<", close);
    return close;
  }

  /** The attributes up to the comma that ends the link; undefined where something else follows the target. */
  attributes(): Record<string, string> | undefined {
    const found: Record<string, string> = Object.create(null);
    const extended: Record<string, string> = Object.create(null);
    for (;;) {
      this.#spaces();
      const next = this.#text[this.#at];
      if (next === undefined || next === ",") break;
      if (next !== ";") {
        this.#toComma();
        return undefined;
      }
      this.#at++;
      this.#attribute(found, extended);
    }
    this.#at++;
    return Object.assign(found, extended);
  }

  #attribute(found: Record<string, string>, extended: Record<string, string>): void {
    this.#spaces();
    const name = this.#until("=;,").trim().toLowerCase();
    let value = "";
    if (this.#text[this.#at] === "=") {
      this.#at++;
      this.#spaces();
      value = this.#text[this.#at] === '"' ? this.#quoted() : this.#until(";,").trim();
    }
    if (name === "") return;
    if (name.endsWith("*")) {
      // `title*` is the same attribute as `title`, better written (RFC 8288 §3.4.1).
      const plain = name.slice(0, -1);
      const decoded = decodeExtended(value);
      if (decoded !== undefined && extended[plain] === undefined) extended[plain] = decoded;
    } else if (found[name] === undefined) {
      found[name] = value;
    }
  }

  #spaces(): void {
    while (SPACE.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #until(stops: string): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !stops.includes(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** A quoted string (RFC 9110 §5.6.4). One that is not closed goes to the end. */
  #quoted(): string {
    let value = "";
    let from = ++this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const next = this.#text[this.#at];
      if (next !== '"' && next !== "\\") continue;
      value += this.#text.slice(from, this.#at);
      if (next === '"') {
        this.#at++;
        return value;
      }
      from = ++this.#at;
    }
    return value + this.#text.slice(from);
  }

  /** Leaves out what is malformed, up to the comma that ends it. A comma in quotes or in `<>` ends nothing. */
  #toComma(): void {
    while (this.#at < this.#text.length) {
      const next = this.#text[this.#at];
      if (next === ",") {
        this.#at++;
        return;
      }
      // A new link that follows without a comma is one all the same.
      if (next === "<") return;
      if (next === '"') this.#quoted();
      else this.#at++;
    }
  }
}

/** `UTF-8'en'%c2%a3` (RFC 8187); undefined for what is none, or of another charset. */
function decodeExtended(value: string): string | undefined {
  const [charset, , encoded, ...more] = value.split("'");
  if (charset?.toLowerCase() !== "utf-8" || encoded === undefined || more.length > 0) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
