import { type Rule, rulesOf } from "./rule.ts";

const REDIRECTS = [
  "pipeline/redirect-rules.test.ts",
  "client/redirects.test.ts",
  "client/origins.test.ts",
  "request/url.test.ts",
];
const HEADERS = ["request/headers.test.ts", "request/redact.test.ts", "client/origins.test.ts"];
const URLS = ["request/url.test.ts", "client/origins.test.ts"];

/** What may be written into a request: URLs, methods, headers. */
export const REQUEST_RULES: readonly Rule[] = [
  ...rulesOf("request/sensitive-headers.ts", HEADERS, [
    [
      "secret names are known by their parts",
      "return SECRET_PART.test(lower) && !COUNTS_TOKENS.test(lower);",
      "return false;",
    ],
    ["well-known secret headers", "if (SECRET_HEADERS.has(lower)) return true;", ""],
    ["secret params", "SECRET_PARAMS.has(lower) || secretParams?.has(lower) === true", "false"],
    ["params given as a Secret", "|| secretParams?.has(lower) === true", ""],
  ]),
  ...rulesOf("request/redact.ts", HEADERS, [
    [
      "a URL within a URL is printed without its secrets",
      ": maskWithin(value, secretParams, depth);",
      ": value;",
      "a printed URL",
    ],
  ]),
  ...rulesOf("request/sensitive-headers.ts", REDIRECTS, [
    ["no other header crosses", "return CROSSING.has(name.toLowerCase());", "return true;"],
  ]),
  ...rulesOf("request/field.ts", HEADERS, [
    ["a header's name is a token", "if (TOKEN.test(name)) return;", "return;"],
    [
      "a header's value has no line break or control character",
      "if (FIELD_VALUE.test(text)) return text;",
      "return text;",
    ],
    ["a header's value is a string", 'if (typeof text !== "string") {', "if (false) {"],
  ]),
  ...rulesOf("request/url.ts", URLS, [
    [
      "a URL that leaves the base is refused",
      "if (!isAllowed(url.origin, allowed)) leavesBase(text, url.origin, base);",
      "",
    ],
    ["only allowed origins are others", "if (allowed.includes(origin)) return true;", "return true;"],
    [
      "a scheme-relative URL names a host",
      "(ABSOLUTE.test(text) || SCHEME_RELATIVE.test(text))",
      "ABSOLUTE.test(text)",
    ],
    [
      "a backslash is a slash",
      "const SCHEME_RELATIVE = /^[/\\\\]{2,}/;",
      "const SCHEME_RELATIVE = /^[/]{2,}/;",
    ],
    [
      "credentials of the base stay within it",
      "return finish(url, withinBase, withinBase ? base : undefined);",
      "return finish(url, true, base);",
    ],
    ["control characters are refused", "if (CONTROL.test(trimmed)) {", "if (false) {"],
    ["a wildcard is no host", 'url === undefined || url.hostname.includes("*")', "url === undefined"],
    ["a host is not made of slashes", "if (WITH_HOST.test(text)) {", "if (true) {"],
    ["a fragment is not sent", "href = href.slice(0, hash);", ""],
    ["a user and a password are no part of the URL", "href = origin + url.pathname + url.search;", ""],
    ["a stray percent is escaped", 'href = href.replace(STRAY_PERCENT, "%25");', ""],
    ["a base's query is kept", 'if (base.query === "") return joined + rest;', "return joined + rest;"],
    ["a path is appended to the base", 'base.stem + (path.startsWith("/")', "base.stem + (true"],
    ["half a surrogate pair is refused", "if (!trimmed.isWellFormed()) {", "if (false) {"],
  ]),
  ...rulesOf("request/plain-url.ts", URLS, [
    ["a URL has an end", "const MAX_LENGTH = 65_536;", "const MAX_LENGTH = Number.POSITIVE_INFINITY;"],
  ]),
  ...rulesOf("request/location.ts", REDIRECTS, [
    [
      "a redirect goes to http and https only",
      'if (url.protocol !== "http:" && url.protocol !== "https:") {',
      "if (false) {",
    ],
    [
      "a Location has no control characters",
      "if (/[^\\P{Cc}\\x80-\\x9f]/u.test(text)) return",
      "if (false) return",
    ],
    ["a fragment goes along a redirect", 'return next.fragment === "" && hash !== -1 ?', "return false ?"],
  ]),
  ...rulesOf(
    "request/path.ts",
    ["request/path.test.ts", ...URLS],
    [
      ["each placeholder has a value", "if (!Object.hasOwn(values, name)) {", "if (false) {"],
      ["each value has a placeholder", "if (used.has(name)) continue;", "continue;"],
      ["a Secret is no part of a path", "if (isSecret(value)) {", "if (false) {"],
    ],
  ),
];
