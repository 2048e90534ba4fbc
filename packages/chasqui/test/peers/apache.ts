import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChildServer, startChild } from "./child-server.ts";
import { answers, freePort } from "./free-port.ts";

const APACHE = "/usr/sbin/apache2";
const MODULES = "/usr/lib/apache2/modules";
const LOADED = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest"];

/** Whether Apache can be run here with mod_auth_digest: Debian's package `apache2`. */
export const hasApache: boolean =
  existsSync(APACHE) && LOADED.every((name) => existsSync(join(MODULES, `mod_${name}.so`)));

/** What a test's title says where Apache is missing. */
export const WITHOUT_APACHE: string = hasApache ? "" : " (skipped: apache2 is missing)";

/** Apache on a free port of the loopback. */
export interface Apache extends AsyncDisposable {
  readonly origin: string;
}

/** What Apache is made of. */
export interface ApacheParts {
  /** What stands in the `<Directory>` of its files; `$FOLDER` in it is filled in. */
  readonly directory: string;
  /** Files by their path below the folder: `"html/a.txt"`. */
  readonly files: Readonly<Record<string, string>>;
}

function configuration({ directory }: ApacheParts, port: number, folder: string): string {
  return `ServerRoot ${folder}
PidFile ${folder}/apache.pid
Listen 127.0.0.1:${port}
ServerName localhost
${LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join("\n")}
ErrorLog ${folder}/error.log
DocumentRoot ${folder}/html
<Directory ${folder}/html>
${directory.replaceAll("$FOLDER", folder)}
</Directory>
`;
}

/** Starts Apache in the foreground, as one process, with a configuration of its own in a temporary folder. */
export async function startApache(parts: ApacheParts): Promise<Apache> {
  const folder = await mkdtemp(join(tmpdir(), "chasqui-apache-"));
  for (const [path, content] of Object.entries(parts.files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  // Somebody else may take the port before Apache does.
  let failure: unknown;
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const file = join(folder, "apache.conf");
    await writeFile(file, configuration(parts, port, folder));
    let child: ChildServer;
    try {
      child = await startChild(APACHE, ["-X", "-f", file], { ready: () => answers(port) });
    } catch (error) {
      failure = error;
      continue;
    }
    const close = async (): Promise<void> => {
      await child.close();
      await rm(folder, { recursive: true, force: true });
    };
    return { origin: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
  }
  await rm(folder, { recursive: true, force: true });
  throw failure;
}
