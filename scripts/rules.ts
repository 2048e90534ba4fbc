/**
 * The rules of redirects, headers, limits and URLs, each as it stands in the code and as it would be if it were switched off.
 * `npm run switch-off` shows that a test with the number of a requirement fails for each.
 */

/** One rule. */
export interface Rule {
  readonly name: string;
  /** Below `packages/chasqui/src`. */
  readonly file: string;
  /** What the rule is in the code; it stands there once. */
  readonly is: string;
  /** What it is switched off as. */
  readonly becomes: string;
  /** Tests that should notice, below `packages/chasqui/test`. */
  readonly tests: readonly string[];
}

const REDIRECTS = [
  "pipeline/redirect-rules.test.ts",
  "client/redirects.test.ts",
  "client/origins.test.ts",
  "request/url.test.ts",
];
const HEADERS = ["request/headers.test.ts", "request/redact.test.ts", "client/origins.test.ts"];
const URLS = ["request/url.test.ts", "client/origins.test.ts"];
const LIMITS = ["client/network-errors.test.ts", "client/responses.test.ts", "client/redirects.test.ts"];

function rule(
  file: string,
  tests: readonly string[],
  rules: readonly (readonly [name: string, is: string, becomes: string])[],
): Rule[] {
  return rules.map(([name, is, becomes]) => ({ name, file, is, becomes, tests }));
}

/** All of them. */
export const RULES: readonly Rule[] = [
  ...rule("pipeline/redirect-rules.ts", REDIRECTS, [
    ["a 303 becomes a GET", 'if (status === 303) return method === "HEAD" ? "HEAD" : "GET";', ""],
    ["HEAD stays HEAD at a 303", 'return method === "HEAD" ? "HEAD" : "GET"', 'return "GET"'],
    ["301 and 302 change POST to GET", '(status === 301 || status === 302) && method === "POST"', "false"],
    [
      "301 and 302 change nothing but POST",
      '(status === 301 || status === 302) && method === "POST"',
      "status === 301 || status === 302",
    ],
    [
      "a method that changes drops the body",
      "return status === 303 || nextMethod(status, method) !== method;",
      "return false;",
    ],
    ["only five statuses redirect", "REDIRECTS.has(status) &&", "status >= 300 && status < 400 &&"],
    ["a redirect needs a Location", '&& location.trim() !== ""', ""],
    ["what is no URL has no origin in common", 'origin !== "null" &&', ""],
    ["only http and https are gone to", 'if (target !== "http" && target !== "https") {', "if (false) {"],
    [
      "https does not lead to http",
      'schemeOf(from) === "https" && target === "http" && !policy.allowDowngrade',
      "false",
    ],
    [
      "hop-by-hop headers are made anew",
      "if (NEVER.has(lower) || ofConnection.has(lower)) continue;",
      "if (ofConnection.has(lower)) continue;",
    ],
    [
      "what Connection lists is hop-by-hop",
      "NEVER.has(lower) || ofConnection.has(lower)",
      "NEVER.has(lower)",
    ],
    ["what describes a body goes with it", "if (facts.bodyDropped && OF_THE_BODY.has(lower)) continue;", ""],
    ["an allow-list of headers crosses", "if (!facts.crossing || crosses) {", "if (true) {"],
    ["a header given as a Secret stays at home", "(says && !facts.secretNames?.has(lower))", "says"],
    ["keepHeaders lets a header cross", "|| facts.keepHeaders.includes(lower)", ""],
    [
      "a header that is made anew cannot be kept",
      "if (NEVER.has(lower)) {\n      throw",
      "if (false) {\n      throw",
    ],
  ]),
  ...rule("request/sensitive-headers.ts", HEADERS, [
    [
      "secret names are known by their parts",
      "return SECRET_PART.test(lower) && !COUNTS_TOKENS.test(lower);",
      "return false;",
    ],
    ["well-known secret headers", "if (SECRET_HEADERS.has(lower)) return true;", ""],
    ["secret params", "SECRET_PARAMS.has(lower) || secretParams?.has(lower) === true", "false"],
    ["params given as a Secret", "|| secretParams?.has(lower) === true", ""],
  ]),
  ...rule("request/sensitive-headers.ts", REDIRECTS, [
    ["no other header crosses", "return CROSSING.has(name.toLowerCase());", "return true;"],
  ]),
  ...rule("request/field.ts", HEADERS, [
    ["a header's name is a token", "if (TOKEN.test(name)) return;", "return;"],
    [
      "a header's value has no line break or control character",
      "if (FIELD_VALUE.test(text)) return text;",
      "return text;",
    ],
    ["a header's value is a string", 'if (typeof text !== "string") {', "if (false) {"],
  ]),
  ...rule("request/url.ts", URLS, [
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
    ["a URL has an end", "const MAX_LENGTH = 65_536;", "const MAX_LENGTH = Number.POSITIVE_INFINITY;"],
    ["a wildcard is no host", 'url === undefined || url.hostname.includes("*")', "url === undefined"],
    ["a host is not made of slashes", "if (WITH_HOST.test(text)) {", "if (true) {"],
    ["a fragment is not sent", "href = href.slice(0, hash);", ""],
    ["a user and a password are no part of the URL", "href = origin + url.pathname + url.search;", ""],
    ["a stray percent is escaped", 'href = href.replace(STRAY_PERCENT, "%25");', ""],
    ["a base's query is kept", 'if (base.query === "") return joined + rest;', "return joined + rest;"],
    ["a path is appended to the base", 'base.stem + (path.startsWith("/")', "base.stem + (true"],
    ["half a surrogate pair is refused", "if (!trimmed.isWellFormed()) {", "if (false) {"],
  ]),
  ...rule("request/url.ts", REDIRECTS, [
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
  ...rule(
    "response/content-encoding-chain.ts",
    ["response/content-encoding-chain.test.ts", ...LIMITS],
    [
      ["at most five codings", "if (names.length === MOST_LAYERS) {", "if (false) {"],
      [
        "identity is no coding",
        'if (name === "" || name === "identity") continue;',
        'if (name === "") continue;',
      ],
    ],
  ),
  ...rule("transport/undici.ts", LIMITS, [
    ["interim responses end", "if (this.#interim > INTERIM_LIMIT)", "if (false)"],
    ["a body that nobody wants is not read to its end", "if (this.#size > DISCARD_LIMIT) this.#drop();", ""],
    [
      "a body that is too large ends the exchange",
      "if (this.#size > this.#most()) this.#tooLarge();\n    else this.#keep(chunk);",
      "this.#keep(chunk);",
    ],
  ]),
  ...rule(
    "request/path.ts",
    ["request/path.test.ts", ...URLS],
    [
      ["each placeholder has a value", "if (!Object.hasOwn(values, name)) {", "if (false) {"],
      ["each value has a placeholder", "if (used.has(name)) continue;", "continue;"],
      ["a Secret is no part of a path", "if (isSecret(value)) {", "if (false) {"],
    ],
  ),
  ...rule(
    "pipeline/repeated-secrets.ts",
    [
      "client/origins.test.ts",
      "client/redirects.test.ts",
      "client/secrets.test.ts",
      "paginate/next-url.test.ts",
    ],
    [
      ["a credential that the server repeats is left out", "credential.getAll(name).includes(value) ||", ""],
      [
        "a secret param that the server repeats does not cross",
        "(crossing && sensitiveParam(name, sent.secretParams) && own.getAll(name).includes(value))",
        "false",
      ],
    ],
  ),
];
