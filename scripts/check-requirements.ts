/** `npm run requirements` prints every requirement with its tests; with `--check`, only what is wrong (part of `npm run check`). */
import { coverageBy, testsInSources } from "./requirement-pages.ts";
import { complaintsAbout } from "./requirements.ts";

const coverage = coverageBy(testsInSources());
if (!process.argv.includes("--check")) {
  for (const { number, text, tests, excuse } of coverage) {
    console.log(`${number} ${text}`);
    for (const { title, place } of tests) console.log(`    ${place}  ${title}`);
    if (excuse !== undefined) console.log(`    no test: ${excuse}`);
  }
}
const complaints = complaintsAbout(coverage);
for (const complaint of complaints) console.error(complaint);
const covered = coverage.filter(({ tests }) => tests.length > 0).length;
const excused = coverage.filter(({ tests, excuse }) => tests.length === 0 && excuse !== undefined).length;
console.log(
  `${coverage.length} requirements: ${covered} with a test, ${excused} excused, ${coverage.length - covered - excused} without.`,
);
if (complaints.length > 0) process.exitCode = 1;
