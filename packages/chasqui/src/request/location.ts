import { MAX_LENGTH, resolvePlainLocation } from "./plain-url.ts";
import { finish, type ResolvedUrl } from "./url.ts";

/**
 * Resolves the `Location` of a redirect (RFC 9110 §10.2.2) against the URL that answered with it. The fragment of that
 * URL goes along unless the new one has its own.
 *
 * @param location - The header's value. UTF-8 that was read as Latin-1 is understood.
 * @param from - The URL of the request, its fragment included.
 * @returns The next URL, or in `problem` why there is none: a phrase to follow "the Location". `scheme` is set where it is
 *   a URL that a client of HTTP does not go to.
 * @example
 * ```ts
 * resolveLocation("../b", "https://api.example.com/x/a#top"); // { href: "https://api.example.com/b", fragment: "#top", … }
 * resolveLocation("ftp://h/", "https://api.example.com/"); // { problem: 'has the scheme "ftp:", …' }
 * ```
 */
export function resolveLocation(
  location: string,
  from: string,
): ResolvedUrl | { readonly problem: string; readonly scheme?: string } {
  const text = location.trim();
  const plain = resolvePlainLocation(text, from);
  if (plain !== undefined) return plain;
  if (text === "") return { problem: "is empty" };
  if (text.length > MAX_LENGTH)
    return { problem: `has ${text.length} characters, allowed are ${MAX_LENGTH}` };
  // C1 characters are not refused here: they may be bytes of UTF-8 (#67).
  if (/[^\P{Cc}\x80-\x9f]/u.test(text)) return { problem: "has a control character in it" };
  let url: URL;
  try {
    url = new URL(utf8Escaped(text), from);
  } catch {
    return { problem: "is no valid URL" };
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    const scheme = url.protocol.slice(0, 30);
    return { problem: `has the scheme ${JSON.stringify(scheme)}, allowed are http and https`, scheme };
  }
  if (url.hostname.includes("*")) return { problem: "has no valid host" };
  const next = finish(
    url,
    from.startsWith(url.origin) && /^(?:[/?#]|$)/.test(from.slice(url.origin.length)),
    undefined,
  );
  if (next.href.length > MAX_LENGTH)
    return { problem: `has ${next.href.length} characters, allowed are ${MAX_LENGTH}` };
  const hash = from.indexOf("#");
  return next.fragment === "" && hash !== -1 ? { ...next, fragment: from.slice(hash) } : next;
}

/** Header bytes come as Latin-1. Where they are UTF-8 they are read as such, where they are not each byte is escaped. */
function utf8Escaped(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[^\0-\xff]/.test(text)) return text;
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return text.replace(
      /[\x80-\xff]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  }
}
