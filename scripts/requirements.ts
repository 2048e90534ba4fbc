/** Which test covers which requirement: the tables of `docs/requirements` against the titles of the tests. */

/** A row of one of the three tables. */
export interface Requirement {
  /** As the title of a test carries it: `#57`, `S13`, `P7`. */
  readonly number: string;
  readonly text: string;
}

/** A test, as far as it matters here. */
export interface CoveringTest {
  readonly title: string;
  /** Where it stands: `packages/chasqui/test/x.test.ts:12`. */
  readonly place: string;
  /** Whether it ran; true where that is not known. */
  readonly ran: boolean;
}

/** What stands against a row. */
export interface Coverage extends Requirement {
  readonly tests: readonly CoveringTest[];
  /** Why it has no test, where a page says so. */
  readonly excuse: string | undefined;
}

/** The rows of a Markdown page: numbered items (`57. …`) or the rows of a table whose first cell is a number. */
export function requirementsIn(markdown: string, letter: "#" | "S" | "P"): Requirement[] {
  const rows: Requirement[] = [];
  for (const line of markdown.split("\n")) {
    const item = /^(?<number>\d+)\. (?<text>.+)$/.exec(line)?.groups;
    const row = /^\| (?<number>\d+) \|(?<text>.+)\|$/.exec(line)?.groups;
    const { number, text } = item ?? row ?? {};
    if (number !== undefined && text !== undefined) rows.push({ number: letter + number, text: text.trim() });
  }
  return rows;
}

/** The numbers that the title of a test carries. */
export function numbersIn(title: string): string[] {
  return [...title.matchAll(/(?<![\w#&])(?:#\d{1,3}|S\d{1,2}|P\d{1,2})(?![\w.-])/g)].map(
    ([number]) => number,
  );
}

/** Rows that a page excuses, each in a list entry that begins with its number: `- **S50** …` or `- S71 waits …`. */
export function excusesIn(markdown: string): Map<string, string> {
  const excuses = new Map<string, string>();
  for (const [, number, text] of markdown.matchAll(/^- \**((?:#|S|P)\d{1,3})\**[:,]? (.+)$/gm)) {
    if (number !== undefined && text !== undefined) excuses.set(number, text);
  }
  return excuses;
}

/** The string literals of a source, with their lines: titles are among them, whichever way a table of tests makes them. */
export function literalsIn(source: string): { readonly text: string; readonly line: number }[] {
  const literals: { text: string; line: number }[] = [];
  let line = 1;
  let from = 0;
  for (const match of source.matchAll(/(["'`])((?:\\.|(?!\1)[^\\\n])*)\1/g)) {
    line += source.slice(from, match.index).split("\n").length - 1;
    from = match.index;
    literals.push({ text: match[2] ?? "", line });
  }
  return literals;
}

/** Sets tests and excuses against the rows. */
export function coverageOf(
  rows: readonly Requirement[],
  tests: readonly CoveringTest[],
  excuses: ReadonlyMap<string, string>,
): Coverage[] {
  const byNumber = new Map<string, CoveringTest[]>();
  for (const test of tests) {
    for (const number of new Set(numbersIn(test.title))) {
      const found = byNumber.get(number);
      if (found === undefined) byNumber.set(number, [test]);
      else found.push(test);
    }
  }
  return rows.map((row) => ({
    ...row,
    tests: byNumber.get(row.number) ?? [],
    excuse: excuses.get(row.number),
  }));
}

/** What is wrong: rows without a test or an excuse, rows whose tests were all skipped, and excuses for rows that have a test. */
export function complaintsAbout(coverage: readonly Coverage[]): string[] {
  return coverage.flatMap(({ number, text, tests, excuse }) => {
    const row = `${number} (${text.slice(0, 90)})`;
    if (tests.length === 0) return excuse === undefined ? [`${row} has no test`] : [];
    if (excuse !== undefined) return [`${row} is excused, but has a test`];
    return tests.some((test) => test.ran) ? [] : [`${row} has only tests that were skipped`];
  });
}
