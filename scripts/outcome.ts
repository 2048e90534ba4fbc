/** Sums up what Vitest counted, and what it does not count: files that do not load, hooks that throw, stray errors. */

/** What Vitest's JSON reporter writes, as far as it matters here. */
export interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** How a run ended. */
export interface Outcome {
  line: string;
  exitCode: number;
}

/** Sums a run up. Without a report (Vitest itself broke) nothing passed and one thing failed. */
export function sumUp(report: Report | undefined, exitCode: number): Outcome {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const broken = (report?.testResults ?? []).filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  let failed = (report?.numFailedTests ?? 0) + broken;
  if (failed === 0 && (exitCode !== 0 || passed === 0)) failed = 1;
  return {
    line: `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
    exitCode: failed > 0 ? exitCode || 1 : 0,
  };
}
