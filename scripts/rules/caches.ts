import { type Rule, rulesOf } from "./rule.ts";

const CACHES = ["client/cache.test.ts", "cache/rules.test.ts"];

/** What is kept of responses, and who is shown it. */
export const CACHE_RULES: readonly Rule[] = [
  ...rulesOf(
    "cache/cache-control.ts",
    ["cache/cache-control.test.ts", ...CACHES],
    [
      [
        "what cannot be parsed is not kept",
        "if (member === null) return undefined;",
        "if (member === null) break;",
      ],
      [
        "what contradicts itself is not kept",
        "} else if (directives.get(directive) !== argument) return undefined;",
        "}",
      ],
      [
        "a duration is a number of seconds",
        "if ([maxAge, staleWhileRevalidate, staleIfError].some(Number.isNaN)) return undefined;",
        "",
      ],
    ],
  ),
  ...rulesOf("cache/storable.ts", CACHES, [
    [
      "no-store is not stored",
      'if (directives.noStore && !directives.mustUnderstand) return "it says no-store";',
      "",
    ],
  ]),
  ...rulesOf("cache/asker.ts", CACHES, [
    [
      "a cookie of the jar says who asks",
      "if (cookies === undefined) return identity(request, context);",
      "if (true) return identity(request, context);",
    ],
    [
      "what was sent is what was expected",
      "return (await identity(sent, context)) === asker;",
      "return true;",
    ],
  ]),
  ...rulesOf("cache/passage.ts", CACHES, [
    ["who asks is known", "    if (asker === undefined) {\n", "    if (false) {\n"],
  ]),
  ...rulesOf("cache/memory-cache.ts", CACHES, [
    [
      "what was answered to one is not shown to another",
      "if (kept === undefined || kept.key.asker !== asker) continue;",
      "if (kept === undefined) continue;",
    ],
  ]),
];
