/** The processes of a bench: they are told and tell in lines, and end when their input does. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Where packages are found by a program that is no file. */
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * The core that the server and the clients share; undefined where there is no `taskset`. On cores of their own each request
 * would wake up two that sleep, which costs a virtual machine more than the request, and is counted as the client's.
 */
export const CORE: number | undefined = lastCore();

function lastCore(): number | undefined {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], { encoding: "utf8" });
  const core = status === 0 ? /(\d+)\s*$/.exec(stdout)?.[1] : undefined;
  return core === undefined ? undefined : Number(core);
}

function pinned(command: readonly string[]): readonly string[] {
  return CORE === undefined ? command : ["taskset", "-c", String(CORE), ...command];
}

/** A process that answers a line with a line; it is pinned to `CORE`. */
export class Talker implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;

  constructor(name: string, command: readonly string[]) {
    const [program = "", ...args] = pinned(command);
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
