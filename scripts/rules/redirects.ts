import { type Rule, rulesOf } from "./rule.ts";

const RULES_AND_HOPS = [
  "pipeline/redirect-rules.test.ts",
  "client/redirects.test.ts",
  "client/origins.test.ts",
  "request/url.test.ts",
];
const SERVERS = ["client/redirects.test.ts", "client/redirects.property.test.ts", "client/origins.test.ts"];

/** Where a redirect may lead, and what goes along. */
export const REDIRECT_RULES: readonly Rule[] = [
  ...rulesOf("pipeline/redirect-rules.ts", RULES_AND_HOPS, [
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
  ...rulesOf("pipeline/redirect.ts", SERVERS, [
    ["a body that is dropped is not sent", "...(bodyDropped ? { body: undefined } : {}),", ""],
    [
      "a body that can be read once is not sent empty",
      "if (!bodyDropped && from.body !== undefined && !from.body.replayable) {",
      "if (false) {",
    ],
    ["there is an end to redirects", ">= policy.max) {", ">= 1000) {"],
    ["an error where redirects are forbidden", 'if (policy.mode === "error") {', "if (false) {"],
    ["several Locations are none", "if (others.length > 0) {", "if (false) {"],
    ["what was left stays left", "if (hop.crossing) context.crossed = true;", ""],
    [
      "what was withheld is told",
      "if (hop.withheld.length > 0) context.withheld",
      "if (false) context.withheld",
    ],
    [
      "a secret stays one at the next hop",
      "headers: Headers.fromFlat(headers, from.headers.secretNames),",
      "headers: Headers.fromFlat(headers),",
    ],
  ]),
  ...rulesOf(
    "pipeline/verdict.ts",
    [
      "client/redirects.test.ts",
      "client/auth.test.ts",
      "client/netrc.test.ts",
      "client/origins.test.ts",
      "client/responses.test.ts",
    ],
    [
      ["credentials do not come back", "return crossed ? undefined : auth;", "return auth;"],
      ["credentials belong to one origin", "if (origin === boundOrigin) return", "return"],
      [
        "another port of the host is not another host",
        "&& new URL(origin).hostname !== new URL(boundOrigin).hostname",
        "",
      ],
      ["a 401 is answered once", "if (answers && !again) {", "if (answers) {"],
      [
        "a body that nobody sees is thrown away undecoded",
        'if (verdict !== undefined && verdict.kind !== "unfollowed") return { mode: "discard", maxBytes: 0 };',
        'if (verdict !== undefined && verdict.kind !== "unfollowed") return { mode: "buffer", maxBytes: context.maxBytes };',
      ],
    ],
  ),
  ...rulesOf(
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
