import { type Rule, rulesOf } from "./rule.ts";

const NETRC = ["auth/netrc-file.test.ts", "client/netrc.test.ts"];
const DIGEST = ["client/digest.test.ts", "auth/digest-response.test.ts", "auth/challenge.test.ts"];

const CREDENTIALS = [
  "client/auth.test.ts",
  "client/secrets.test.ts",
  "client/digest.test.ts",
  "client/origins.test.ts",
  "auth/own-credentials.test.ts",
];

/** Whose credentials go where. */
export const AUTH_RULES: readonly Rule[] = [
  ...rulesOf("auth/netrc-file.ts", NETRC, [
    ["an entry is of one host", "candidate.machine === host && fits(candidate)", "fits(candidate)"],
    ["an entry is of the login that the URL names", "login === undefined || entry.login === login;", "true;"],
    [
      "default is for hosts without an entry",
      "(withDefault && !entries.some(({ machine }) => machine === host)",
      "(withDefault",
    ],
    [
      "an empty password is none",
      'if (entry.password === undefined || entry.password === "") return undefined;',
      "if (entry.password === undefined) return undefined;",
    ],
    [
      "an empty login is none",
      'if (entry?.login === undefined || entry.login === "") return undefined;',
      "if (entry?.login === undefined) return undefined;",
    ],
    [
      "an unknown word ends the reading",
      '} else throw new NetrcSyntaxError("a word is unknown there", words.line);',
      "}",
    ],
  ]),
  ...rulesOf("auth/netrc.ts", NETRC, [
    ["a netrc file is its owner's", "file.readableByOthers &&", "false &&"],
    [
      "default is not for another host",
      "this.#found(request, undefined, false)",
      "this.#found(request, undefined, true)",
    ],
  ]),
  ...rulesOf("auth/lookup.ts", NETRC, [
    ["a password in the URL comes first", '(password ?? "") !== "" || ', ""],
    ["without trust $NETRC is not read", "|| (source.fromEnvironment && !trustEnv)", ""],
    [
      "the URL's user is the only one",
      'return (username ?? "") === "" ? auth : source.forLogin(username ?? "");',
      "return auth;",
    ],
  ]),
  ...rulesOf("auth/digest.ts", DIGEST, [
    [
      "a challenge is of one origin",
      "this.#spaces.get(request.origin);",
      "this.#spaces.values().next().value;",
    ],
    [
      "nothing before a challenge, and nothing outside of its domain",
      "if (space === undefined || !covers(space.challenge.domain, request)) return {};",
      "if (space === undefined) return {};",
    ],
    ["a domain names no other origin", "start.origin === origin &&", ""],
    ["a nonce counts", "const count = ++space.count;", "const count = 1;"],
    ["the strongest that both know is taken", "strength(read) > strength(chosen)", "false"],
    [
      "an algorithm that is left out is not used",
      'if (!this.#algorithms.has(algorithm)) return "the option `algorithms` leaves out";',
      "",
    ],
  ]),
  ...rulesOf("auth/challenge.ts", DIGEST, [
    ["a param stands there once", "if (params.has(name)) return `", "if (false) return `"],
  ]),
  ...rulesOf("pipeline/credential-lines.ts", CREDENTIALS, [
    ["what an Auth gives is secret", "return new Secret(value);", "return value;"],
    [
      "it is read by own property",
      "Object.hasOwn(credentials, place) ? (credentials[place] ?? {}) : {};",
      "credentials[place] ?? {};",
    ],
    [
      "what may change is read at each call",
      "if (isLasting(credentials)) known.set(credentials, lines);",
      "known.set(credentials, lines);",
      "one object that is changed between two calls",
    ],
  ]),
  ...rulesOf("auth/fixed.ts", CREDENTIALS, [
    [
      "one whose authorize() was replaced is asked",
      "known?.authorize === auth.authorize ? known?.credentials : undefined;",
      "known?.credentials;",
      "one whose authorize() was replaced is asked by it",
    ],
  ]),
  ...rulesOf("pipeline/authorize.ts", CREDENTIALS, [
    ["what was set by hand stands", "if (!setByHand(name, request, context)) continue;", "continue;"],
    ["a nonce belongs to a request", "if (auth.perRequest === true) context.challenged.delete(origin);", ""],
  ]),
];
