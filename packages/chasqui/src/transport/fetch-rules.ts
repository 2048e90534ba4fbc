/**
 * What the Fetch of a runtime keeps to itself: headers that a page may not set, redirects that it follows unseen, cookies
 * that are the user's. What was asked for and cannot be had is refused before anything is sent.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { headersForNextHop } from "../pipeline/redirect-rules.ts";
import { keepsHeader } from "./keeps-header.ts";
import type { Exchange } from "./transport.ts";

/** What a runtime's own Fetch does in our place. */
export interface FetchRules {
  /** Whether it follows redirects without showing them, and keeps cookies in a jar of its own: browsers. */
  readonly takesOver: boolean;
  /** Whether it adds `no-cache` to a request that has conditions (Fetch §4.5, "HTTP-network-or-cache fetch"). */
  readonly unconditional: boolean;
  /** Headers, besides those that its `Request` drops, that it sets by itself whatever was said. Lower case. */
  readonly setsItself: ReadonlySet<string>;
  /** Content codings that it undoes; undefined where it undoes whatever can be undone. */
  readonly decodes?: RegExp | undefined;
}

/** A function in Fetch's place, such as a handler in memory, takes what a `Request` takes. */
export const HANDED_OVER: FetchRules = { takesOver: false, unconditional: false, setsItself: new Set() };

let own: FetchRules | undefined;

/** The rules of the global `fetch`. Browsers are told from the others by what they forbid, not by their name. */
export function ownRules(): FetchRules {
  own ??= { takesOver: !keepsHeader("cookie"), unconditional: true, ...measured() };
  return own;
}

/** What Bun 1.4, Deno 2.9 and Node 26 do and do not say. */
function measured(): Omit<FetchRules, "takesOver" | "unconditional"> {
  if ("Bun" in globalThis) {
    return { setsItself: new Set(["transfer-encoding"]), decodes: /^\s*(?:gzip|deflate|br|zstd)\s*$/i };
  }
  const setsItself = new Set(["host", "transfer-encoding"]);
  return "Deno" in globalThis ? { setsItself, decodes: /^\s*(?:gzip|br)\s*$/i } : { setsItself };
}

/**
 * The headers that Fetch is given. A length that says what the body is anyhow is left to the runtime.
 *
 * @throws {OptionsError} for one that the runtime would drop without a word.
 */
export function headersFor({ headers, body }: Exchange, rules: FetchRules): [string, string][] {
  const list: [string, string][] = [];
  let [conditional, controlled] = [false, false];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const value = headers[at + 1] ?? "";
    const lower = name.toLowerCase();
    if (lower === "content-length" && value === String(body?.length ?? 0)) continue;
    if (rules.setsItself.has(lower) || !keepsHeader(lower)) refuseHeader(name, lower);
    list.push([name, value]);
    conditional ||= lower === "if-none-match" || lower === "if-modified-since";
    controlled ||= lower === "cache-control";
  }
  // Half of all servers answer no-cache with the whole, whatever the conditions are (Express does).
  if (rules.unconditional && conditional && !controlled) list.push(["cache-control", "max-age=0"]);
  return list;
}

function refuseHeader(name: string, lower: string): never {
  if (lower === "cookie") {
    throw new OptionsError("This runtime keeps its own cookies, and lets nobody set them on a request", {
      option: "cookies",
      hint: "`cookies: true` on a client sends the browser's own, to other origins too where they allow it.",
    });
  }
  throw new OptionsError(`This runtime sets the header ${name} by itself, and would drop the one given`, {
    option: `headers.${lower}`,
    hint: "Leave it out here; Chasqui on Node sends it.",
  });
}

/**
 * How a runtime that follows redirects unseen is to treat them. One that forwards what may not cross an origin is not
 * let follow: the redirect is hidden then, and the call ends there. `Authorization` it drops at a border itself (Fetch §4.4).
 *
 * @throws {OptionsError} for a rule that such a runtime cannot keep.
 */
export function redirectModeOf(exchange: Exchange): "follow" | "manual" {
  const { redirect } = exchange.delegated ?? {};
  if (redirect === undefined) return staying(exchange).length > 0 ? "manual" : "follow";
  if (redirect.mode === "manual") {
    throw cannot("redirect", 'A browser does not show redirects, so `redirect` cannot be "manual"');
  }
  if (redirect.mode === "error") return "manual";
  if (redirect.max !== BROWSER_HOPS) {
    throw cannot(
      "redirect.max",
      `A browser follows at most ${BROWSER_HOPS} redirects, and lets nobody count`,
    );
  }
  if (redirect.allowDowngrade) {
    throw cannot("redirect.allowDowngrade", "Whether https may lead to http is a browser's own decision");
  }
  const lost = redirect.keepHeaders.find((name) => name === "authorization" || !keepsHeader(name));
  if (lost !== undefined) {
    throw cannot("redirect.keepHeaders", `A browser does not take ${lost} along to another origin`);
  }
  return staying(exchange).length > 0 ? "manual" : "follow";
}

/** Fetch §4.4: the twenty-first is a network error. */
const BROWSER_HOPS = 20;

function cannot(option: string, message: string): OptionsError {
  return new OptionsError(message, {
    option,
    hint: 'In a browser `redirect` is "follow" or "error", or names `keepHeaders`.',
  });
}

/** Names of the headers that a browser would carry to another origin and our rules would not. */
function staying({ headers, delegated }: Exchange): readonly string[] {
  const { withheld } = headersForNextHop(headers, {
    crossing: true,
    bodyDropped: false,
    keepHeaders: delegated?.redirect.keepHeaders ?? [],
    secretNames: delegated?.secretNames,
  });
  return withheld.filter((name) => name.toLowerCase() !== "authorization");
}

/**
 * Whether the runtime's own cookies go along: on the page's own origin unless something was said.
 *
 * @throws {OptionsError} where the client has a jar of its own.
 */
export function credentialsOf({ delegated }: Exchange): "include" | "omit" | "same-origin" {
  const wanted = delegated?.cookies;
  if (wanted === "jar") {
    throw new OptionsError("A browser keeps its own cookies, so a client cannot have a jar here", {
      option: "cookies",
      hint: "Give `cookies: true` for the browser's own, or false for none.",
    });
  }
  if (wanted === undefined) return "same-origin";
  return wanted ? "include" : "omit";
}

/**
 * Refuses a streamed body where it could only fail: over http, which browsers speak as HTTP/1.1, and where they cannot
 * stream at all.
 */
export function refuseStream({ origin }: Exchange): void {
  if (!origin.startsWith("http:") && streamsUp()) return;
  throw new OptionsError("This browser cannot send a body as a stream here", {
    option: "body",
    hint: "Give a Blob, a File, bytes or a string; Chromium streams over HTTP/2, that is with https alone.",
  });
}

let streams: boolean | undefined;

/** Where streams are not known, `duplex` is never read, and the stream becomes the text "[object ReadableStream]". */
function streamsUp(): boolean {
  if (streams === undefined) {
    let asked = false;
    const init = {
      method: "POST",
      body: new ReadableStream(),
      get duplex(): "half" {
        asked = true;
        return "half";
      },
    };
    const typed = new Request("http://a.test/", init).headers.has("content-type");
    streams = asked && !typed;
  }
  return streams;
}
