import { spawn } from "node:child_process";
import { once } from "node:events";

/** A server in a process of its own. Disposing it ends the process. */
export interface ChildServer extends AsyncDisposable {
  /** Its process id. */
  readonly pid: number;
  /** All that it has printed, to both of its outputs. */
  output(): string;
  close(): Promise<void>;
}

/** How a server is started and known to be there. */
export interface ChildServerStart {
  readonly cwd?: string;
  /** Besides the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gives true as soon as the server answers; it is given what was printed so far, and asked again until it does. */
  readonly ready: (output: string) => boolean | Promise<boolean>;
}

/** How often a server that is being started is asked whether it is there. */
const ASK_EVERY = 25;
/** And how often at most: 25 seconds, for a machine that is busy. */
const MOST_ASKED = 1000;

/**
 * Starts a program that serves in the foreground, and waits until it is there.
 *
 * @throws {Error} with what it printed, when it ends or does not come up.
 */
export async function startChild(
  command: string,
  args: readonly string[],
  { cwd, env, ready }: ChildServerStart,
): Promise<ChildServer> {
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let ended: string | undefined;
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  }
  child.once("error", (error) => {
    ended = error.message;
  });
  const exited = once(child, "exit").then(
    ([code, signal]) => {
      ended = `it ended with ${code ?? signal}`;
    },
    () => {},
  );
  const close = async (): Promise<void> => {
    // SIGQUIT and SIGTERM let some finish what they serve; nothing of a test is worth waiting for.
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    const impatient = setTimeout(() => child.kill("SIGKILL"), 3000);
    await exited;
    clearTimeout(impatient);
  };
  for (let asked = 0; ; asked++) {
    if (ended !== undefined) throw new Error(`${command} did not start: ${ended}\n${printed}`);
    if (await ready(printed)) break;
    if (asked === MOST_ASKED) {
      await close();
      throw new Error(`${command} is not there yet:\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
  if (child.pid === undefined) throw new Error(`${command} has no process`);
  return { pid: child.pid, output: () => printed, close, [Symbol.asyncDispose]: close };
}
