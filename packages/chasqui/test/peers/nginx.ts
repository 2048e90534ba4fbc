import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChildServer, startChild } from "./child-server.ts";
import { answers, freePort } from "./free-port.ts";

const NGINX = "/usr/sbin/nginx";

/** Whether nginx can be run here: Debian's package `nginx`. */
export const hasNginx: boolean = spawnSync(NGINX, ["-v"], { stdio: "ignore" }).status === 0;

/** What a test's title says where nginx is missing. */
export const WITHOUT_NGINX: string = hasNginx ? "" : " (skipped: nginx is missing)";

/** nginx on a free port of the loopback. */
export interface Nginx extends AsyncDisposable {
  readonly port: number;
  /** With the scheme http; nginx speaks TLS where the snippet says so. */
  readonly origin: string;
  /** The folder of its files. What is put into `html/` in it is served. */
  readonly folder: string;
  close(): Promise<void>;
}

/** What nginx is made of. */
export interface NginxParts {
  /** The rest of the `server { … }` block; `$PORT` and `$FOLDER` in it are filled in. */
  readonly server: string;
  /** More of the `http { … }` block. */
  readonly http?: string;
  /** What follows the port in `listen`, such as `"ssl"`. */
  readonly listen?: string;
  /** Files by their path below the folder: `"html/a.json"`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

function configuration(parts: NginxParts, port: number, folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/temp/${name};`)
    .join("\n  ");
  const server = parts.server.replaceAll("$PORT", String(port)).replaceAll("$FOLDER", folder);
  return `daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  ${temporary}
  ${parts.http ?? ""}
  server {
    listen 127.0.0.1:${port}${parts.listen === undefined ? "" : ` ${parts.listen}`};
    root ${folder}/html;
    ${server}
  }
}
`;
}

/** Starts nginx in the foreground with a configuration of its own in a temporary folder, unprivileged. */
export async function startNginx(parts: NginxParts): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), "chasqui-nginx-"));
  await mkdir(join(folder, "html"));
  await mkdir(join(folder, "temp"));
  for (const [path, content] of Object.entries(parts.files ?? {})) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  // Somebody else may take the port before nginx does.
  let failure: unknown;
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const file = join(folder, "nginx.conf");
    await writeFile(file, configuration(parts, port, folder));
    let child: ChildServer;
    try {
      const ready = async (): Promise<boolean> => answers(port);
      child = await startChild(NGINX, ["-p", folder, "-c", file, "-e", "stderr"], { ready });
    } catch (error) {
      failure = error;
      continue;
    }
    const close = async (): Promise<void> => {
      await child.close();
      await rm(folder, { recursive: true, force: true });
    };
    return { port, origin: `http://127.0.0.1:${port}`, folder, close, [Symbol.asyncDispose]: close };
  }
  await rm(folder, { recursive: true, force: true });
  throw failure;
}
