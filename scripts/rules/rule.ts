/** One rule of the library, as it stands in the code and as it would be if it were switched off. */
export interface Rule {
  readonly name: string;
  /** Below `packages/chasqui/src`. */
  readonly file: string;
  /** What the rule is in the code; it stands there once. */
  readonly is: string;
  /** What it is switched off as. */
  readonly becomes: string;
  /**
   * Tests that should notice, below `packages/chasqui/test`; the likeliest first. They run without the rule, perhaps as root: what
   * it guards has to be of their own, a pipe in a temporary folder and not `/dev/null`.
   */
  readonly tests: readonly string[];
  /** A rule of which no row of the requirements speaks is held by a test without a number, which is named here. */
  readonly heldBy?: string;
}

/** Rules of one file that the same tests should notice. */
export function rulesOf(
  file: string,
  tests: readonly string[],
  rules: readonly (readonly [name: string, is: string, becomes: string, heldBy?: string])[],
): Rule[] {
  return rules.map(([name, is, becomes, heldBy]) => ({
    ...{ name, file, is, becomes, tests },
    ...(heldBy === undefined ? {} : { heldBy }),
  }));
}
