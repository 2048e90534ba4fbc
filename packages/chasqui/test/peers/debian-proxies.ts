import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChildServer, startChild } from "./child-server.ts";
import { answers, freePort } from "./free-port.ts";

const TINYPROXY = "/usr/bin/tinyproxy";
const DANTE = "/usr/sbin/danted";

/** Whether tinyproxy can be run here: Debian's package `tinyproxy`. */
export const hasTinyproxy: boolean = spawnSync(TINYPROXY, ["-v"], { stdio: "ignore" }).status === 0;
/** What a test's title says where tinyproxy is missing. */
export const WITHOUT_TINYPROXY: string = hasTinyproxy ? "" : " (skipped: tinyproxy is missing)";

/** Whether dante's server can be run here: Debian's package `dante-server`. */
export const hasDante: boolean = spawnSync(DANTE, ["-v"], { stdio: "ignore" }).status === 0;
/** What a test's title says where dante is missing. */
export const WITHOUT_DANTE: string = hasDante ? "" : " (skipped: danted is missing)";

/** A proxy of Debian's on a free port of the loopback. */
export interface DebianProxy extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
  /** What it has logged. */
  output(): string;
}

async function start(
  program: string,
  args: (file: string) => readonly string[],
  configuration: (port: number) => string,
): Promise<DebianProxy> {
  const folder = await mkdtemp(join(tmpdir(), "chasqui-proxy-"));
  const file = join(folder, "proxy.conf");
  // Somebody else may take the port before the proxy does.
  let failure: unknown;
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    await writeFile(file, configuration(port));
    let child: ChildServer;
    try {
      child = await startChild(program, args(file), { ready: () => answers(port) });
    } catch (error) {
      failure = error;
      continue;
    }
    return {
      host: `127.0.0.1:${port}`,
      output: () => child.output(),
      async [Symbol.asyncDispose]() {
        await child.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }
  await rm(folder, { recursive: true, force: true });
  throw failure;
}

/** Starts tinyproxy: an http proxy, with `more` lines of its configuration. */
export function startTinyproxy(...more: string[]): Promise<DebianProxy> {
  return start(
    TINYPROXY,
    (file) => ["-d", "-c", file],
    (port) =>
      [`Port ${port}`, "Listen 127.0.0.1", "Timeout 30", "MaxClients 20", "LogLevel Info", ...more, ""].join(
        "\n",
      ),
  );
}

/** Starts dante: a SOCKS5 proxy, that asks for nothing (`none`) or for user and password of this machine (`username`). */
export function startDante(method: "none" | "username"): Promise<DebianProxy> {
  return start(
    DANTE,
    (file) => ["-f", file],
    (port) => `logoutput: stderr
internal: 127.0.0.1 port = ${port}
external: 127.0.0.1
clientmethod: none
socksmethod: ${method}
user.privileged: root
user.unprivileged: nobody
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks block { from: 127.0.0.0/8 to: 127.0.0.9/32 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
`,
  );
}
