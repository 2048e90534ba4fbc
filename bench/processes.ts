/** The processes of a bench: they are told and tell in lines, and end when their input does. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Where packages are found by a program that is no file. */
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The cores to pin to, one for the server and one for the clients; undefined where there is no `taskset` or only one core. */
export const CORES: readonly [server: number, client: number] | undefined = cores();

function cores(): readonly [number, number] | undefined {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], { encoding: "utf8" });
  if (status !== 0) return undefined;
  const list = stdout.slice(stdout.lastIndexOf(":") + 1).trim();
  const all = list.split(",").flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  const [first, second] = all;
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** A command as it is run on a core. */
export function pinned(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ["taskset", "-c", String(core), ...command];
}

/** A process that answers a line with a line. */
export class Talker implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;

  constructor(name: string, core: number | undefined, command: readonly string[]) {
    const [program = "", ...args] = pinned(core, command);
    this.#name = name;
    this.#child = spawn(program, args, { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("the process has no output");
    const lines: Interface = createInterface({ input: this.#child.stdout });
    this.#lines = lines[Symbol.asyncIterator]();
    // What is told to a process that has ended shows as the missing answer.
    this.#child.stdin?.on("error", () => {});
  }

  /** Its next line. */
  async hear(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`the process of ${this.#name} has ended`);
    return value;
  }

  ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    return this.hear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin?.end();
    await ended;
  }
}
