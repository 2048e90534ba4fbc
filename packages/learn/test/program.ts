import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

// What one program has compiled the next need not: it starts in half the time.
const compileCache = mkdtempSync(join(tmpdir(), "learn-test-"));
afterAll(() => rmSync(compileCache, { recursive: true, force: true, maxRetries: 3 }));

/** What came of a program. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The lesson's program. */
export const BIN: string = fileURLToPath(new URL("../src/bin.ts", import.meta.url));

/** Runs the lesson's program; `input` is what is piped into it. */
export function lesson(args: readonly string[], input = ""): Promise<Ended> {
  return program([BIN, ...args], { input });
}

/** Runs a program of Node to its end, without colours unless `env` asks for them. */
export function program(
  args: readonly string[],
  { input = "", env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: compileCache,
      FORCE_COLOR: undefined,
      NO_COLOR: undefined,
      ...env,
    },
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  // A program that reads nothing may have ended before it is written to.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...output }));
  });
}
