/** Why a URL cannot be requested, and what may have been meant. */
export interface UrlProblem {
  /** A phrase to follow the URL. It holds no part of a user or password. */
  readonly what: string;
  readonly hint?: string;
}

/**
 * Says in words what is wrong with a URL that the parser has refused, or that is not one for HTTP. The parser itself
 * only says "Invalid URL". Nothing here decides whether a URL is used.
 *
 * @param text - The URL as it was given.
 * @example
 * ```ts
 * urlProblem("api.example.com/v1"); // { what: "has no scheme", hint: "did you mean https://api.example.com/v1?" }
 * ```
 */
export function urlProblem(text: string): UrlProblem {
  if (text === "") return { what: "is empty" };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return problemBehindScheme(text, scheme);
  if (scheme !== undefined && !looksLikeHost(text)) {
    return { what: `has the scheme "${scheme}:", allowed are http and https` };
  }
  if (/^[/\\]{2}/.test(text)) return { what: "has no scheme", hint: suggestion(text.replace(/^[/\\]+/, "")) };
  if (/^[/\\?#.]/.test(text)) {
    return {
      what: "is relative, and there is no baseUrl to join it to",
      hint: "give a full URL, or a client a baseUrl",
    };
  }
  return { what: "has no scheme", hint: suggestion(text) };
}

/** `localhost:4010/x`, `example.com:80` and `ann:pw@example.com` only look as if they began with a scheme. */
function looksLikeHost(text: string): boolean {
  return /^[^/\\?#:]+:\d+(?:[/\\?#]|$)/.test(text) || /^[^/\\?#]+@/.test(text);
}

function suggestion(text: string): string {
  const host = text.split(/[/\\?#]/, 1)[0] ?? "";
  // A name and password are nothing to print, and nothing to suggest; behind a `:` and no port they may go on, as in `ht tp://ann:pw@h`.
  const whole = /^[^:]*(?::\d+)?$/.test(host);
  if (host.includes("@") || (text.includes("@") && !whole)) return "did you mean https:// and then the rest?";
  const local = /^(?:localhost|127\.|0\.0\.0\.0|\[::1\])/i.test(host);
  const shown = text.split(/[?#]/, 1)[0]?.slice(0, 200) ?? "";
  return `did you mean ${local ? "http" : "https"}://${shown}?`;
}

function problemBehindScheme(text: string, scheme: string): UrlProblem {
  const rest = text.slice(scheme.length + 1);
  if (!rest.startsWith("//")) {
    return { what: `lacks the two slashes behind "${scheme}:"`, hint: `it should start with ${scheme}://` };
  }
  const authority = rest.slice(2).split(/[/\\?#]/, 1)[0] ?? "";
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host === "" || host.startsWith(":")) return { what: "has an empty host" };
  if (/[[\]]/.test(host)) {
    if (!/^\[[^[\]]*\](?::|$)/.test(host)) {
      return { what: "has an IPv6 address whose brackets do not match", hint: "write http://[::1]:8080/" };
    }
    if (/\]:(?!\d{1,5}$)/.test(host) || tooHigh(host)) return badPort();
    return { what: "has an IPv6 address that is none", hint: "write http://[::1]:8080/" };
  }
  const colon = host.indexOf(":");
  if (colon !== -1 && (!/^\d*$/.test(host.slice(colon + 1)) || tooHigh(host))) return badPort();
  if (/^[\d.]+(?::\d*)?$/.test(host)) return { what: "has an IPv4 address that is none" };
  return { what: "has a host that is no valid name" };
}

function tooHigh(host: string): boolean {
  return Number(host.slice(host.lastIndexOf(":") + 1)) > 65_535;
}

function badPort(): UrlProblem {
  return {
    what: "has a port that is none",
    hint: "a port is a number up to 65535; in a password write : as %3A, / as %2F, # as %23 and @ as %40",
  };
}
