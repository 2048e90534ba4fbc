import { spawnSync } from "node:child_process";
import { startChild } from "./child-server.ts";

/** Debian's Python: python3-httpbin and gunicorn are packages of its own. */
const PYTHON = "/usr/bin/python3";

/** Whether httpbin can be run here: Debian's packages `python3-httpbin` and `gunicorn`. */
export const hasHttpbin: boolean =
  spawnSync(PYTHON, ["-c", "import httpbin, gunicorn"], { stdio: "ignore" }).status === 0;

/** What a test's title says where httpbin is missing. */
export const WITHOUT_HTTPBIN: string = hasHttpbin
  ? ""
  : " (skipped: python3-httpbin and gunicorn are missing)";

/** httpbin, on a free port of the loopback. */
export interface Httpbin extends AsyncDisposable {
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts httpbin under gunicorn, with threads, so that connections are kept alive. */
export async function startHttpbin(): Promise<Httpbin> {
  const listening = /Listening at: (http:\/\/127\.0\.0\.1:\d+)/;
  const args = ["-m", "gunicorn", "--bind", "127.0.0.1:0", "--threads", "4", "--no-sendfile", "httpbin:app"];
  const child = await startChild(PYTHON, args, { ready: (output) => output.includes("Booting worker") });
  const origin = listening.exec(child.output())?.[1];
  if (origin === undefined) throw new Error(`gunicorn does not say where it listens:\n${child.output()}`);
  return { origin, close: child.close, [Symbol.asyncDispose]: child.close };
}
