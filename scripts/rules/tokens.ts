import { type Rule, rulesOf } from "./rule.ts";

/** Rules of which no row of the requirements speaks, each held by the test that is named beside it. */
function held(
  file: string,
  tests: readonly string[],
  rules: readonly (readonly [name: string, is: string, becomes: string, heldBy: string])[],
): Rule[] {
  return rules.map(([name, is, becomes, heldBy]) => ({ name, file, is, becomes, tests, heldBy }));
}

const OAUTH = ["auth/oauth2.test.ts"];
const GRANTS = ["auth/oauth2-grants.test.ts"];
const FILES = ["auth/file-tokens.test.ts"];
const STATUSES = ["auth/statuses.test.ts"];

/** How tokens are got, kept and sent. */
export const TOKEN_RULES: readonly Rule[] = [
  ...rulesOf(
    "auth/token-keeper.ts",
    ["client/tokens.test.ts", "auth/oauth2.test.ts", "client/auth.test.ts"],
    [
      [
        "one question at a time",
        "this.#asking ??= this.#obtain(reason)",
        "this.#asking = this.#obtain(reason)",
      ],
      ["a token that has run out is not sent", "if (now >= held.expiresAt) return undefined;", ""],
      ["a token is renewed before it runs out", "now >= held.refreshAt && now >= this.#renewalFrom", "false"],
      ["a renewal that failed is not tried again at once", "&& now >= this.#renewalFrom", ""],
      [
        "a short life is renewed late",
        "(expiresAt - obtainedAt) * LARGEST_SHARE",
        "Number.POSITIVE_INFINITY",
      ],
      ["a late 401 asks for nothing", "credentials !== held.value) return;", "false) return;"],
      ["a server that refuses each token brings no storm", "return now >= this.#vainUntil;", "return true;"],
      ["where no new token can be had, the old one may do", "asked.catch(() => had)", "asked"],
    ],
  ),
  ...rulesOf("auth/oauth2/back-channel.ts", OAUTH, [
    ["no secret follows a redirect", 'redirect: "error"', 'redirect: "follow"'],
  ]),
  ...rulesOf("auth/oauth2/token-endpoint.ts", OAUTH, [
    [
      "an error shows no secret",
      "printable(masked(text, secrets)).slice(0, 300)",
      "printable(text).slice(0, 300)",
    ],
    ["an error code is no secret", "secret.length >= 8 && error.error.includes(secret)", "false"],
  ]),
  ...rulesOf("platform/token-file.ts", FILES, [
    [
      "a file of tokens has folders of its owner's",
      "{ recursive: true, mode: 0o700 }",
      "{ recursive: true }",
    ],
  ]),
  ...held("request/read-setting.ts", STATUSES, [
    [
      "the statuses of an Auth are those of refusals",
      "(Array.isArray(statuses) && statuses.every(isFailure))",
      "true",
      "is refused where it is given",
    ],
  ]),
  ...held("pipeline/verdict.ts", STATUSES, [
    [
      "an Auth says which statuses it answers",
      "(auth.statuses?.includes(status) ?? status === 401)",
      "status === 401",
      "which is answered with new credentials",
    ],
  ]),
  ...held("auth/oauth2/back-channel.ts", OAUTH, [
    ["an answer has an end", "maxBytes: LARGEST_ANSWER,", "", "a body without end"],
    [
      "the API's base stays behind",
      "baseUrl: origin, auth: null",
      "auth: null",
      "without what belongs to the API",
    ],
    ["requests for tokens wait for no turn", "throttle: false,", "", "waits for no turn"],
    [
      "the server's time is learned",
      "this.#skew = Math.abs(skew)",
      "this.#skew = 0 * Math.abs(skew)",
      "clock skew",
    ],
  ]),
  ...held("auth/oauth2/tokens.ts", OAUTH, [
    [
      "a token is stored before it is used",
      'await stored("stored", async () => store?.set(key, token));',
      'void stored("stored", async () => store?.set(key, token));',
      "the next is stored before the token is used",
    ],
    [
      "what the store has not taken is not lost",
      "this.#unsaved = token;",
      "",
      "the token is not lost: it is stored by the next",
    ],
    [
      "whoever comes second takes what the first has got",
      "(await this.#stored(had)) ?? this.#renewed(reason)",
      "this.#renewed(reason)",
      "two that share a store do not spend the same one",
    ],
    [
      "a refresh token that is not replaced is kept",
      "return { refreshToken, ...token };",
      "return token;",
      "keeps the refresh token that it gave, too",
    ],
  ]),
  ...held("auth/oauth2/tokens.ts", GRANTS, [
    [
      "nobody is called to a browser for a token that does",
      "if (does && asksSomebody(this.#settings))",
      "if (false)",
      "is asked for anew when the token is refused",
    ],
  ]),
  ...held("auth/oauth2/endpoint.ts", OAUTH, [
    [
      "http is for this machine",
      'url.protocol === "https:" || allowHttp ||',
      "true ||",
      "http on another machine",
    ],
    ["an endpoint has no fragment", '|| text.includes("#")', "", "an endpoint with a fragment"],
  ]),
  ...held("auth/oauth2/token-endpoint.ts", OAUTH, [
    [
      "a token can stand in a header",
      "!/^[\\x21-\\x7e]+$/.test(accessToken)",
      "false",
      "a token of two lines",
    ],
  ]),
  ...held("auth/oauth2/token-endpoint.ts", GRANTS, [
    [
      "an assertion goes once",
      "if (!lost && !late) throw error;",
      "throw error;",
      "are signed anew where the answer was lost",
    ],
    [
      "a device is not asked about in a storm",
      "Math.max(secondsIn(interval) ?? DEVICE_INTERVAL, LEAST_INTERVAL)",
      "secondsIn(interval) ?? DEVICE_INTERVAL",
      "is asked about at a pace that can be",
    ],
  ]),
  ...held("auth/oauth2/authorization-code.ts", GRANTS, [
    [
      "without an issuer there is nothing to compare",
      'if (settings.issuer === undefined) given.delete("iss");',
      "",
      "without an issuer that is known cannot be compared with one",
    ],
  ]),
  ...held("auth/oauth2/server-metadata.ts", GRANTS, [
    [
      "an issuer leads to no http",
      "if (problem !== undefined) {",
      "if (false) {",
      "leads to http on another machine",
    ],
  ]),
  ...held("platform/loopback.ts", GRANTS, [
    [
      "the loopback answers to its name alone",
      "|| request.headers.host !== authority",
      "",
      "is waited for until it comes, whatever else asks",
    ],
    [
      "the loopback answers at its place alone",
      "url?.pathname !== path ||",
      "false ||",
      "is waited for until it comes",
    ],
    [
      "an answer has the state of its question",
      "if (states.length !== 1 || states[0] !== state) {",
      "if (false) {",
      "is not ended by",
    ],
    [
      "the loopback holds so many connections",
      "server.maxConnections = MOST_CONNECTIONS;",
      "",
      "those beyond 256 are turned away",
    ],
  ]),
  ...held("platform/token-file.ts", FILES, [
    [
      "a file that others can read is refused",
      "(stats.mode & 0o077) !== 0",
      "false",
      "which others can read, are refused",
    ],
    ["a link stays a link", "await realpath(absolute).catch(() => absolute)", "absolute", "behind a link"],
    [
      "a holder that was stopped does not write over a newer token",
      "if (held?.key === key && !(await held.still())) {",
      "if (false) {",
      "does not write its token over the newer one",
    ],
  ]),
  ...held("platform/target-file.ts", FILES, [
    [
      "whose the lock is gets looked at last of all",
      "if (still !== undefined && !(await still())) return false;",
      "",
      "after the disk has taken its time",
    ],
  ]),
  ...held("platform/file-lock.ts", FILES, [
    [
      "a lock is of one",
      'flag: "wx", mode: 0o600',
      'flag: "w", mode: 0o600',
      "lets one do its work at a time",
    ],
    [
      "the lock of the dead is free",
      "(await this.#isLeft(top))",
      "false",
      "of a process that is killed is free at once",
    ],
    ["a silent lock is free", "now - silent.since >= SILENCE", "false", "taken over when it has been silent"],
    [
      "a lock that shows itself is held",
      "if (silent?.sign !== sign)",
      "if (silent === undefined)",
      "taken over when it has been silent",
    ],
  ]),
  ...held(
    "pipeline/ready-request.ts",
    ["auth/hmac.test.ts", "auth/aws-sig-v4.test.ts"],
    [
      [
        "what signs is not asked ahead of the others",
        "auth.signs === true || ",
        "",
        "in each call of a client",
      ],
    ],
  ),
  ...held(
    "pipeline/story.ts",
    ["auth/hmac.test.ts"],
    [
      [
        "what signs comes last",
        "auth !== undefined && auth.signs !== true;",
        "auth !== undefined;",
        "the last of all",
      ],
    ],
  ),
];
