import { type Rule, rulesOf } from "./rule.ts";

const LIMITS = ["client/network-errors.test.ts", "client/responses.test.ts", "client/redirects.test.ts"];

/** What of a response is too much, and what is none. */
export const LIMIT_RULES: readonly Rule[] = [
  ...rulesOf(
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
  ...rulesOf("transport/undici.ts", LIMITS, [
    ["interim responses end", "if (this.#interim > INTERIM_LIMIT) this.#refuse(", "if (false) this.#refuse("],
    ["a body that nobody wants is not read to its end", "if (this.#size > DISCARD_LIMIT) this.#drop();", ""],
    [
      "a body that is too large ends the exchange",
      "if (this.#size > this.#most()) this.#tooLarge();\n    else this.#keep(chunk);",
      "this.#keep(chunk);",
    ],
  ]),
];
