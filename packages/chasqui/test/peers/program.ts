import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What became of a program. */
export interface Ended {
  /** Its exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const HERE = fileURLToPath(new URL("../", import.meta.url));

/**
 * Runs a program of its own process, for what only a process shows: when it ends, and what nobody handled. It is a
 * TypeScript module whose relative imports start from `test/`: `import { get } from "../src/index.ts"`.
 *
 * @param env besides the environment of the tests; undefined takes a variable away
 */
export async function run(
  source: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ["--conditions=chasqui-source", "--input-type=module-typescript", "--eval", source],
    { cwd: HERE, env: { ...process.env, NODE_OPTIONS: "", ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, stdout, stderr };
}
