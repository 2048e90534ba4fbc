import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, sep } from "node:path";

/** What came of running an example. */
export interface ExampleRun {
  /** What it printed, standard output and errors in the order in which they came. */
  readonly output: string;
  /** Why it counts as failed; undefined where it ended well. */
  readonly failure: string | undefined;
}

/** How an example is run. */
export interface RunOptions {
  /** The API that it speaks to. */
  readonly baseUrl: string;
  /** A folder where Node may keep what it has compiled, so that the next example starts in half the time. */
  readonly compileCache?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which it is ended; default 60 s. */
  readonly timeout?: number;
}

// The package brings the examples along in dist; in the repository they stand at the root.
const FOLDERS = ["examples", "../../../examples/lesson"].map((folder) => join(import.meta.dirname, folder));

/** The folder of the examples. */
export const EXAMPLES: string =
  FOLDERS.find((folder) => existsSync(folder)) ?? join(import.meta.dirname, "examples");

/** The text of an example. */
export function readExample(file: string): Promise<string> {
  return readFile(join(EXAMPLES, file), "utf8");
}

/** Runs an example as its readers would: as a program of its own. */
export function runExample(file: string, options: RunOptions): Promise<ExampleRun> {
  const { baseUrl, compileCache, signal, timeout = 60_000 } = options;
  // What is shown is what it says; colours would be those of this process's terminal, not of its own.
  const env: NodeJS.ProcessEnv = { ...process.env, BASE_URL: baseUrl, NO_COLOR: "1", FORCE_COLOR: undefined };
  env.NODE_COMPILE_CACHE ??= compileCache;
  const path = join(EXAMPLES, file);
  const args = [...process.execArgv, "--disable-warning=ExperimentalWarning", ...typeStripping(path), path];
  const child = spawn(process.execPath, args, { env, signal, timeout, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    let broken: string | undefined;
    child.once("error", (error) => {
      broken = error.message;
      // One that was started is awaited: it may still be at work.
      if (child.pid === undefined) resolve({ output, failure: broken });
    });
    child.once("close", (code, by) => {
      const ended = code === 0 ? undefined : `ended ${by === null ? `with exit code ${code}` : `by ${by}`}`;
      const failure = broken ?? ended;
      resolve({ output, failure });
    });
  });
}

/** Node strips the types of a program by itself, but not of one that is installed under node_modules. */
function typeStripping(path: string): string[] {
  if (!path.includes(`${sep}node_modules${sep}`)) return [];
  return ["--import", import.meta.resolve("#strip-types")];
}
