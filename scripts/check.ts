/** `npm run check`: everything that can be known without running the tests. Says all that is wrong, not only the first. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const checks: readonly [name: string, ...command: string[]][] = [
  ["types of the sources", "node_modules/typescript/bin/tsc", "-p", "tsconfig.sources.json"],
  ["types of everything", "node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
  [
    "format, lint, circular imports",
    "node_modules/@biomejs/biome/bin/biome",
    "ci",
    "--error-on-warnings",
    "--colors=off",
  ],
  ["unused files, exports, dependencies", "node_modules/knip/bin/knip.js", "--no-config-hints"],
  ["package doors", "scripts/check-doors.ts"],
  ["lock file", "scripts/complete-lock.ts", "--check"],
  ["machine-bound texts", "scripts/check-texts.ts"],
  ["a test for each requirement", "scripts/check-requirements.ts", "--check"],
];

async function passes([name, ...command]: (typeof checks)[number]): Promise<boolean> {
  const start = performance.now();
  const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (code !== 0) console.log(`\n${Buffer.concat(output).toString().trim()}\n`);
  return code === 0;
}

const waiting = [...checks];
let failed = 0;

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (!(await passes(next))) failed += 1;
  }
}

await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
if (failed > 0) {
  console.error(`${failed} of ${checks.length} checks failed.`);
  process.exitCode = 1;
}
