import { type Rule, rulesOf } from "./rule.ts";

const NEXT = ["paginate/next-url.test.ts"];

/** Where the next page may be, and how many there may be. */
export const PAGE_RULES: readonly Rule[] = [
  ...rulesOf("paginate/next-request.ts", NEXT, [
    ["a next URL is refused as a redirect is", "if (refused !== undefined) return { refused };", ""],
    [
      "a next URL is a URL",
      'if ("problem" in to) return { refused: `it ${to.problem}` };',
      'if ("problem" in to) return { request, foreign: false, withheld: NONE };',
    ],
    [
      "what was left stays left",
      "const foreign = left || to.origin !== request.origin ||",
      "const foreign = to.origin !== request.origin ||",
    ],
    ["another origin is another", "left || to.origin !== request.origin ||", "left ||"],
    [
      "a page that came from elsewhere does not speak for home",
      "|| (from !== undefined && cameBy(from, request));",
      ";",
    ],
    [
      "headers that say who asks stay at home",
      "headers: Headers.fromFlat(headers, secretNames),",
      "headers: request.headers,",
    ],
  ]),
  // No row speaks of the limits of a walk.
  ...rulesOf(
    "paginate/progress.ts",
    ["paginate/faults.test.ts", "paginate/ahead.test.ts", "paginate/cursors.test.ts"],
    [
      [
        "pages have an end",
        "if (this.pages >= maxPages) {",
        "if (false) {",
        "is 1,000 unless told otherwise",
      ],
      ["rows have an end", "if (this.rows >= maxRows) {", "if (false) {", "maxRows ends it with an error"],
      [
        "a walk has its time",
        "if (elapsed > maxDuration) {",
        "if (false) {",
        "maxDuration ends it with an error",
      ],
      [
        "one question is asked once",
        "if (this.#asked.has(question) && !this.#walk.allowRepeats) {",
        "if (false) {",
        "is found before it is asked for again",
      ],
      [
        "one page is read once",
        "if (rows.length > 0 && this.#seen.isRepeat(rows) && !this.#walk.allowRepeats) {",
        "if (false) {",
        "the same page for ever",
      ],
      [
        "empty pages have an end",
        "if (this.#blank > MOST_BLANK && !this.#walk.allowRepeats) {",
        "if (false) {",
        "that never end are an error after a hundred",
      ],
    ],
  ),
];
