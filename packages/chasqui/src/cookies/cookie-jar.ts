import type * as Tough from "tough-cookie";
import { retell } from "../errors/chasqui-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { printAs } from "../printing.ts";
import { type CookieAttributes, cookieByHand, plainDomain } from "./cookie-by-hand.ts";
import { type CookieJarJson, cookiesFromJson, cookieToJson } from "./cookie-json.ts";
import { type CookieHost, cookieHostOf, domainMatches, pathMatches, scopeOf } from "./cookie-rules.ts";
import { type CookieCore, readSetCookie, type StoredCookie } from "./set-cookie.ts";

export type { CookieAttributes } from "./cookie-by-hand.ts";
export type { CookieJarJson, CookieJson } from "./cookie-json.ts";

/**
 * Where a client keeps its cookies. Anything with these two methods will do (#88).
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * import { CookieJar } from "tough-cookie";
 * const jar = new CookieJar();
 * const client = new Client({
 *   cookies: {
 *     getCookieHeader: (url) => jar.getCookieString(url),
 *     setCookies: async (url, lines) => {
 *       for (const line of lines) await jar.setCookie(line, url, { ignoreError: true });
 *     },
 *   },
 * });
 * ```
 */
export interface CookieStore {
  /** The value of the `Cookie` header for a request to a URL; empty for none. */
  getCookieHeader(url: string): string | Promise<string>;
  /** Takes the `Set-Cookie` lines, each for itself, of the response that a URL gave. It must not throw at a bad line. */
  setCookies(url: string, setCookie: readonly string[]): void | Promise<void>;
}

/** A cookie of a jar. */
export interface Cookie extends CookieCore {
  readonly sameSite: "strict" | "lax" | "none" | undefined;
  /** Undefined for a cookie that ends with the session, that is, with the jar. */
  readonly expires: Date | undefined;
}

/** Which of several cookies of one name is meant. */
export interface CookieFilter {
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
}

/** How a jar is made. */
export interface CookieJarOptions {
  /** Milliseconds since 1970. Default the machine's clock. */
  readonly now?: (() => number) | undefined;
}

/** What one response may set, one domain may keep, and a jar may hold: as browsers do (S26). */
const MOST_PER_RESPONSE = 50;
const MOST_PER_DOMAIN = 180;
const MOST_IN_ALL = 3000;
/** The most that is sent: servers refuse headers beyond this, Node's own among them, and the call with them (S26). */
const MOST_SENT = 16 * 1024;

const NONE: readonly never[] = [];

interface Kept {
  readonly cookie: StoredCookie;
  /** Rises with each cookie that is new: the older is sent first. */
  readonly order: number;
  used: number;
}

/** tough-cookie and its list of public suffixes, once for all jars. */
let tough: typeof Tough | undefined;

/**
 * The cookies of a client, by the rules of RFC 6265bis.
 *
 * tough-cookie, which knows the public suffixes, is loaded when the first cookie arrives; a jar without cookies
 * costs nothing.
 *
 * @example
 * ```ts
 * import { CookieJar } from "chasqui";
 * const jar = new CookieJar();
 * jar.set("theme", "dark", { url: "https://api.example.com" });
 * jar.get("theme"); // "dark"
 * for (const cookie of jar) console.log(cookie.domain, cookie.name);
 * const again = CookieJar.fromJSON(JSON.stringify(jar));
 * ```
 */
export class CookieJar implements CookieStore, Iterable<Cookie> {
  readonly #now: () => number;
  /** Domain → path and name → cookie. Maps, so that no domain is `__proto__` (S64). */
  readonly #domains = new Map<string, Map<string, Kept>>();
  #size = 0;
  #counter = 0;
  /** What came while tough-cookie was being loaded, in order. */
  readonly #waiting: { readonly url: string; readonly lines: readonly string[] }[] = [];
  #loading: Promise<void> | undefined;

  /** As it is written here, whatever it is replaced by. */
  static readonly #getCookieHeader: (url: string) => string = CookieJar.prototype.getCookieHeader;

  static {
    // What `console.log` prints: whose cookies there are, never their values (P9).
    printAs(CookieJar, (jar) => {
      const told = jar.#live().map(({ cookie }) => `${cookie.name}=*** (${cookie.domain}${cookie.path})`);
      return told.length === 0 ? "CookieJar {}" : `CookieJar { ${told.join(", ")} }`;
    });
  }

  constructor(options: CookieJarOptions = {}) {
    this.#now = (Object.hasOwn(options, "now") ? options.now : undefined) ?? (() => Date.now());
  }

  /** How many cookies there are, expired ones that nobody asked for since included. */
  get size(): number {
    return this.#size;
  }

  /** Whether there is nothing to send to anybody. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /**
   * The value of the `Cookie` header for a request to a URL: longer paths first, then older cookies; empty for none.
   *
   * @param url - An absolute URL.
   */
  getCookieHeader(url: string): string {
    return this.#size === 0 ? "" : this.#headerFor(url, cookieHostOf(url));
  }

  /**
   * @internal Whether a store is a jar that gives its cookies itself, at once: no subclass, nothing in front of a jar, and none
   * whose `getCookieHeader` somebody has replaced, here or for all jars.
   */
  static isPlain(store: object): store is CookieJar {
    return (
      #size in store &&
      Object.getPrototypeOf(store) === CookieJar.prototype &&
      store.getCookieHeader === CookieJar.#getCookieHeader
    );
  }

  /** @internal What `getCookieHeader` gives, for a request, whose origin is known and a string that was hashed before. */
  static headerFor(
    jar: CookieJar,
    { url, origin }: { readonly url: string; readonly origin: string },
  ): string {
    return jar.#size === 0 ? "" : jar.#headerFor(url, cookieHostOf(url, origin));
  }

  #headerFor(url: string, at: CookieHost | undefined): string {
    if (at === undefined) return "";
    const found: Kept[] = [];
    let path: string | undefined;
    for (const domain of at.domains) {
      for (const kept of this.#liveOf(domain)) {
        const { cookie } = kept;
        if (cookie.hostOnly && domain !== at.host) continue;
        if (cookie.secure && !at.secure) continue;
        if (cookie.path !== "/") {
          path ??= scopeOf(url)?.path ?? "/";
          if (!pathMatches(path, cookie.path)) continue;
        }
        found.push(kept);
      }
    }
    if (found.length > 1)
      found.sort((a, b) => b.cookie.path.length - a.cookie.path.length || a.order - b.order);
    let header = "";
    const used = ++this.#counter;
    for (const kept of found) {
      const pair = `${kept.cookie.name}=${kept.cookie.value}`;
      if (header.length + pair.length + 2 > MOST_SENT) break;
      header += header === "" ? pair : `; ${pair}`;
      kept.used = used;
    }
    return header;
  }

  /**
   * Takes what a response sets. A line that is malformed, too long, of control characters, or for a domain that is
   * not the responder's to speak for is passed over (S24–S27), and of very many lines the first 50 are read.
   *
   * @param url - The URL that responded: a cookie without a domain is bound to its host (S2).
   * @param setCookie - The `Set-Cookie` lines, each for itself.
   * @returns A promise only as long as tough-cookie is not there.
   */
  setCookies(url: string, setCookie: readonly string[]): void | Promise<void> {
    if (setCookie.length === 0) return;
    const lines = setCookie.slice(0, MOST_PER_RESPONSE);
    if (tough !== undefined && this.#waiting.length === 0) {
      this.#take(url, lines, tough);
      return;
    }
    this.#waiting.push({ url, lines });
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      const loaded = tough ?? (await import("tough-cookie"));
      tough = loaded;
      for (const { url, lines } of this.#waiting) this.#take(url, lines, loaded);
    } finally {
      this.#waiting.length = 0;
      this.#loading = undefined;
    }
  }

  #take(url: string, lines: readonly string[], parser: typeof Tough): void {
    const scope = scopeOf(url);
    if (scope === undefined) return;
    const now = this.#now();
    for (const line of lines) {
      const cookie = readSetCookie(line, scope, now, parser);
      if (cookie === undefined || (!scope.secure && this.#hidesSecure(cookie))) continue;
      this.#keep(cookie);
    }
  }

  /** Whether a cookie from http would take the place of one that only https may set (RFC 6265bis §5.7). */
  #hidesSecure(cookie: StoredCookie): boolean {
    for (const kept of this.#live()) {
      const other = kept.cookie;
      if (!other.secure || other.name !== cookie.name || !pathMatches(cookie.path, other.path)) continue;
      if (domainMatches(cookie.domain, other.domain) || domainMatches(other.domain, cookie.domain))
        return true;
    }
    return false;
  }

  /**
   * The value of a cookie; undefined where there is none.
   *
   * @param name - Its name; case matters.
   * @param filter - Which one is meant, where several domains or paths have one of that name.
   * @throws {OptionsError} when several are meant (#86).
   */
  get(name: string, filter: CookieFilter = {}): string | undefined {
    const [first, ...others] = this.#matching(name, filter);
    if (others.length === 0 || first === undefined) return first?.value;
    const places = [first, ...others].map(({ domain, path }) => domain + path).slice(0, 5);
    throw new OptionsError(
      `There are ${others.length + 1} cookies ${JSON.stringify(name)}: ${places.join(", ")}`,
      {
        option: "cookies",
        hint: "Say which one: `jar.get(name, { domain, path })`.",
      },
    );
  }

  /**
   * Sets a cookie by hand.
   *
   * @param name - Text without `=`, `;` and control characters.
   * @param value - Sent as it is.
   * @param attributes - Where it belongs; `url` or `domain` is needed.
   * @throws {OptionsError} when a part could not be sent, or would become another part (S27, S73).
   */
  set(name: string, value: string, attributes: CookieAttributes): void {
    this.#keep(cookieByHand(name, value, attributes, this.#now()));
  }

  /**
   * Removes all cookies of a name, or those of them that the filter means.
   *
   * @returns Whether there was one.
   */
  delete(name: string, filter: CookieFilter = {}): boolean {
    const found = this.#matching(name, filter);
    for (const cookie of found) this.#remove(cookie);
    return found.length > 0;
  }

  /** Removes all cookies. */
  clear(): void {
    this.#domains.clear();
    this.#size = 0;
  }

  /** The cookies that are not expired, in the order in which they came. */
  *[Symbol.iterator](): Generator<Cookie, void, undefined> {
    for (const { cookie } of this.#live().sort((a, b) => a.order - b.order)) {
      const { expiresAt, createdAt: _, ...shown } = cookie;
      yield { ...shown, expires: expiresAt === Number.POSITIVE_INFINITY ? undefined : new Date(expiresAt) };
    }
  }

  /**
   * Saves the jar as JSON, in a file that only its owner may read (mode 0600) and that is never half written. It needs Node.
   *
   * @param path - The file. One that is there is replaced.
   * @throws {OptionsError} when there can be no such file, or outside Node.
   * @throws {CallerError} when it could not be written.
   * @example
   * ```ts
   * import { Client, CookieJar } from "chasqui";
   * const cookies = await CookieJar.load("/tmp/cookies.json");
   * await using client = new Client({ baseUrl: "http://localhost:4010", cookies });
   * await client.post("/auth/cookie/login", { form: { username: "user", password: "passwd" } });
   * await cookies.save("/tmp/cookies.json");
   * ```
   */
  async save(path: string | URL): Promise<void> {
    const { writeJar } = await import("./cookie-file.ts");
    await writeJar(path, JSON.stringify(this));
  }

  /**
   * The jar that `save` wrote; an empty one where there is no file yet. It needs Node.
   *
   * @param path - The file.
   * @param options - As of the constructor.
   * @throws {OptionsError} when the file holds no jar, or outside Node; it names the file and the place, and no value.
   * @throws {CallerError} when it could not be read.
   */
  static async load(path: string | URL, options: CookieJarOptions = {}): Promise<CookieJar> {
    const { readJar } = await import("./cookie-file.ts");
    const text = await readJar(path);
    if (text === undefined) return new CookieJar(options);
    try {
      return CookieJar.fromJSON(text, options);
    } catch (error) {
      if (error instanceof OptionsError) retell(error, `${error.message}, in the file ${String(path)}`);
      throw error;
    }
  }

  /** The jar with all of its values. Where that is kept is for the caller to guard; `save` does (S38, S39). */
  toJSON(): CookieJarJson {
    const kept = this.#live().sort((a, b) => a.order - b.order);
    return { version: 1, cookies: kept.map(({ cookie }) => cookieToJson(cookie)) };
  }

  /**
   * The jar that `toJSON` wrote. Cookies that have expired meanwhile are left out.
   *
   * @param json - The text or the object.
   * @param options - As of the constructor.
   * @throws {OptionsError} when it is no such thing; it names the place and no value.
   */
  static fromJSON(json: unknown, options: CookieJarOptions = {}): CookieJar {
    const jar = new CookieJar(options);
    for (const cookie of cookiesFromJson(json)) jar.#keep(cookie);
    return jar;
  }

  #matching(name: string, filter: CookieFilter): StoredCookie[] {
    const domain = Object.hasOwn(filter, "domain") ? filter.domain : undefined;
    const path = Object.hasOwn(filter, "path") ? filter.path : undefined;
    const wanted = domain === undefined ? undefined : plainDomain(domain);
    return this.#live()
      .map(({ cookie }) => cookie)
      .filter(
        (cookie) =>
          cookie.name === name &&
          (wanted === undefined || cookie.domain === wanted) &&
          (path === undefined || cookie.path === path),
      );
  }

  #live(): Kept[] {
    return [...this.#domains.keys()].flatMap((domain) => this.#liveOf(domain));
  }

  /** The cookies of a domain; those that have expired are forgotten. */
  #liveOf(domain: string): readonly Kept[] {
    const cookies = this.#domains.get(domain);
    if (cookies === undefined) return NONE;
    const now = this.#now();
    const live: Kept[] = [];
    for (const kept of cookies.values()) {
      if (kept.cookie.expiresAt > now) live.push(kept);
      else this.#remove(kept.cookie);
    }
    return live;
  }

  /** An expiry in the past is how a cookie is removed (#81). */
  #keep(cookie: StoredCookie): void {
    if (cookie.expiresAt <= this.#now()) this.#remove(cookie);
    else this.#put(cookie);
  }

  #put(cookie: StoredCookie): void {
    let cookies = this.#domains.get(cookie.domain);
    if (cookies === undefined) {
      cookies = new Map();
      this.#domains.set(cookie.domain, cookies);
    }
    const key = keyOf(cookie);
    const old = cookies.get(key);
    const used = ++this.#counter;
    if (old !== undefined) {
      // RFC 6265bis §5.7: a cookie that is replaced keeps its age, and so its place in the header.
      cookies.set(key, { cookie: { ...cookie, createdAt: old.cookie.createdAt }, order: old.order, used });
      return;
    }
    if (cookies.size >= MOST_PER_DOMAIN) this.#makeRoom(this.#liveOf(cookie.domain), MOST_PER_DOMAIN);
    if (this.#size >= MOST_IN_ALL) this.#makeRoom(this.#live(), MOST_IN_ALL);
    cookies.set(key, { cookie, order: used, used });
    // Making room may have emptied the domain and dropped its map.
    this.#domains.set(cookie.domain, cookies);
    this.#size++;
  }

  /** Removes the one that was not used for longest, where the expired ones were not enough. */
  #makeRoom(kept: readonly Kept[], most: number): void {
    if (kept.length < most) return;
    const [first, ...rest] = kept;
    if (first === undefined) return;
    this.#remove(rest.reduce((oldest, each) => (each.used < oldest.used ? each : oldest), first).cookie);
  }

  #remove(cookie: StoredCookie): void {
    const cookies = this.#domains.get(cookie.domain);
    if (cookies?.delete(keyOf(cookie)) !== true) return;
    this.#size--;
    if (cookies.size === 0) this.#domains.delete(cookie.domain);
  }
}

/** No part of a cookie has a control character, so none is mistaken for two. */
function keyOf(cookie: StoredCookie): string {
  return `${cookie.path}\n${cookie.name}`;
}
