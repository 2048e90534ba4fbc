import { type Rule, rulesOf } from "./rule.ts";

const MULTIPART = ["request/multipart.test.ts", "client/bodies.test.ts"];
const PARAMS = ["request/params.test.ts", "request/body.test.ts", "client/bodies.test.ts"];

/** What may be written into a body: parts and their heads, forms, JSON. */
export const BODY_RULES: readonly Rule[] = [
  ...rulesOf("request/multipart-part.ts", MULTIPART, [
    ["a quote in a name is escaped", '.replaceAll(\'"\', "%22")', ""],
    ["a CR in a name is escaped", '.replaceAll("\\r", "%0D")', ""],
    ["an LF in a name is escaped", '.replaceAll("\\n", "%0A")', ""],
    [
      "a type is one line",
      'type = checkHeaderValue("content-type", said, optionOf(name));',
      "type = String(said);",
    ],
    ["a part has one disposition", 'if (headers.has("content-disposition")) {', "if (false) {"],
    [
      "a part is read by own property",
      "(Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined)",
      "Reflect.get(value, key)",
    ],
    ["a number is one", "? !Number.isFinite(value)", "? false"],
    [
      "a file name of null is none",
      "if (filename === null) return undefined;",
      'if (filename === null) return "blob";',
    ],
    ["a part's own type beats the guess", 'if (!headers.has("content-type")) {', "if (true) {"],
  ]),
  ...rulesOf("request/multipart.ts", MULTIPART, [
    ["a boundary cannot be guessed", "`chasqui-${crypto.randomUUID()}`", '"chasqui-boundary"'],
    [
      "a boundary is one line",
      "if (!/^[0-9A-Za-z'()+_,\\-./:=? ]{0,69}[0-9A-Za-z'()+_,\\-./:=?]$/.test(boundary)) {",
      "if (false) {",
    ],
    [
      "fields go before files",
      "if (!isOrdered(init)) parts.sort((a, b) => Number(a.file) - Number(b.file));",
      "",
    ],
  ]),
  ...rulesOf("request/query-writer.ts", PARAMS, [
    ["nesting has an end", "const MAX_DEPTH = 16;", "const MAX_DEPTH = 1e9;"],
    ["an object in a query needs a style", "if (style === undefined) {", "if (false) {"],
    [
      "a number in a query is one",
      "if (!Number.isFinite(value)) this.#fail(name, `is ${value}`",
      "if (false) this.#fail(name, `is ${value}`",
    ],
  ]),
  ...rulesOf("request/body.ts", PARAMS, [
    ["a request has one body", "if (way !== undefined) {", "if (false) {"],
  ]),
];
