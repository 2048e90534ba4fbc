/** Sums up what Vitest counted, and what it does not count: files that do not load, hooks that throw, stray errors. */

/** What Vitest's JSON reporter writes, as far as it matters here. */
export interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name?: string; status: string; assertionResults: { status: string; fullName?: string }[] }[];
}

/** How a run ended. */
export interface Outcome {
  /** `N passed, N failed`, and nothing else: what reads it matches the whole line. */
  line: string;
  skipped: number;
  exitCode: number;
}

/** Sums a run up; `complaints` about it count as failures. Without a report (Vitest itself broke) nothing passed and one thing failed. */
export function sumUp(report: Report | undefined, exitCode: number, complaints = 0): Outcome {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const broken = (report?.testResults ?? []).filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  let failed = (report?.numFailedTests ?? 0) + broken + complaints;
  if (failed === 0 && (exitCode !== 0 || passed === 0)) failed = 1;
  return {
    line: `${passed} passed, ${failed} failed`,
    skipped,
    exitCode: failed > 0 ? exitCode || 1 : 0,
  };
}

/** The tests of a report: their titles, and whether they ran. */
export function testsOf(report: Report): { title: string; place: string; ran: boolean }[] {
  return report.testResults.flatMap(({ name = "", assertionResults }) =>
    assertionResults.map(({ status, fullName = "" }) => ({
      title: fullName,
      place: name,
      ran: status === "passed" || status === "failed",
    })),
  );
}
