import { type Rule, rulesOf } from "./rule.ts";

const JAR = ["cookies/cookie-jar.test.ts", "cookies/cookie-rules.test.ts", "client/cookies.test.ts"];

/** Whose cookies are whose, how many there may be, and what may stand in one. */
export const COOKIE_RULES: readonly Rule[] = [
  ...rulesOf("cookies/cookie-rules.ts", JAR, [
    ["a dot at the end of a host is nothing", 'while (end > 0 && host[end - 1] === ".") end--;', ""],
    ["a domain begins at a dot", 'host[host.length - domain.length - 1] === "." &&', ""],
    ["an address has nothing above it", "&& !isAddress(host);", ";"],
    [
      "a path ends at a slash",
      'return path.length === cookiePath.length || cookiePath.endsWith("/") || path[cookiePath.length] === "/";',
      "return true;",
    ],
    ["a pair has an end", "export const MOST_OF_PAIR = 4096;", "export const MOST_OF_PAIR = 1e9;"],
    ["no control characters", "return UNSENDABLE.test(text);", "return false;"],
  ]),
  ...rulesOf("cookies/set-cookie.ts", JAR, [
    ["a line has an end", "line.length > MOST_OF_LINE ||", ""],
    [
      "a cookie for https alone is not set from http",
      "if (parsed.secure && !scope.secure) return undefined;",
      "",
    ],
    ["nobody speaks for another domain", "|| !domainMatches(host, domain) ||", "||"],
    [
      "nobody speaks for a public suffix",
      "|| isPublicSuffix(domain, tough)) return undefined;",
      ") return undefined;",
    ],
    ["__Host- and __Secure- are kept", "|| !keepsPrefix(parsed)) return undefined;", ") return undefined;"],
    [
      "without a Domain it is the host's alone",
      "return { domain: host, hostOnly: !shared };",
      "return { domain: host, hostOnly: false };",
    ],
    ["Max-Age counts from its arrival", "Math.min(now + maxAge * 1000, LAST_MOMENT)", "LAST_MOMENT"],
  ]),
  ...rulesOf("cookies/cookie-by-hand.ts", JAR, [
    ["a name ends at = and ;", "name.search(/[=;]/)", "-1"],
    ["a value ends at ;", 'value.includes(";") ||', ""],
    ["a path ends at ;", '&& !path.includes(";") &&', "&&"],
    ["a domain is a host and no more", "&& !/[/?#@\\\\\\s]/.test(domain) ?", "?"],
    ["attributes have names that are known", "if (unknown !== undefined) {", "if (false) {"],
  ]),
  ...rulesOf("cookies/cookie-json.ts", JAR, [
    [
      "what is not said to be shared is the host's alone",
      'own(given, "hostOnly") !== false',
      'own(given, "hostOnly") === true',
    ],
    [
      "a jar is read by own property",
      "|| !Object.hasOwn(value, key)) return undefined;",
      ") return undefined;",
    ],
    ["what is read is checked", "checkPair(name, value);\n", ""],
  ]),
  ...rulesOf("cookies/cookie-jar.ts", JAR, [
    ["one response sets so many", "const MOST_PER_RESPONSE = 50;", "const MOST_PER_RESPONSE = 1e9;"],
    ["one domain keeps so many", "const MOST_PER_DOMAIN = 180;", "const MOST_PER_DOMAIN = 1e9;"],
    ["a jar keeps so many", "const MOST_IN_ALL = 3000;", "const MOST_IN_ALL = 1e9;"],
    ["no more is sent than a server takes", "const MOST_SENT = 16 * 1024;", "const MOST_SENT = 1e9;"],
    ["a host's own cookie goes to it alone", "if (cookie.hostOnly && domain !== at.host) continue;", ""],
    ["a secure cookie goes by https", "if (cookie.secure && !at.secure) continue;", ""],
    ["a cookie goes below its path", "if (!pathMatches(path, cookie.path)) continue;", ""],
    [
      "an expired cookie is gone",
      "if (kept.cookie.expiresAt > now) live.push(kept);",
      "if (true) live.push(kept);",
    ],
    ["http does not replace what https set", "|| (!scope.secure && this.#hidesSecure(cookie))", ""],
    [
      "of several of a name one must be said",
      "if (others.length === 0 || first === undefined) return first?.value;",
      "return first?.value;",
    ],
    ["a jar prints no value", "${cookie.name}=***", "${cookie.name}=${cookie.value}"],
  ]),
  ...rulesOf(
    "cookies/cookie-jar.ts",
    ["client/session-calls.test.ts"],
    [
      ["what stands in front of a jar is asked", "#size in store &&", ""],
      ["a method that was replaced is asked", "store.getCookieHeader === CookieJar.#getCookieHeader", "true"],
    ],
  ),
  ...rulesOf(
    "pipeline/cookies.ts",
    ["client/redirects.test.ts", "client/cookies.test.ts", "client/origins.test.ts"],
    [
      ["a call's cookies stay at its origin", "|| request.origin !== context.boundOrigin)", ")"],
      ["a call's cookies do not come back", "|| context.crossed ||", "||"],
      [
        "a call's cookie wins over the jar's",
        "&& !names.has(nameOf(pair)));\n  return [...own, ...added]",
        ");\n  return [...own, ...added]",
      ],
    ],
  ),
];
