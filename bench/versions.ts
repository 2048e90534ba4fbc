/** Which versions are compared. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { PYTHON } from "./clients/index.ts";

const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));

/** The package that a client comes in; undefined for what is in Node. */
export function packageOf(client: string): string | undefined {
  if (client === "native-fetch" || client === "bare-node" || client === PYTHON) return undefined;
  if (client === "octokit-request") return "@octokit/request";
  // Variants of one client differ after its name: `undici.request`, `chasqui-rows`.
  return /^(?:undici|chasqui)(?=[.-])/.exec(client)?.[0] ?? client;
}

function field(name: string, text: string): string {
  const manifest: unknown = JSON.parse(text);
  const value = typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, name) : undefined;
  return typeof value === "string" ? value : "";
}

/** The version of Python's requests; undefined where there is none. */
export function pythonRequests(): string | undefined {
  const { status, stdout } = spawnSync("python3", ["-c", "import requests; print(requests.__version__)"], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * The program of a Node: of the major version that runs this, itself; of another one that which npm has; of a path, that.
 *
 * @throws {Error} when npm cannot get it.
 */
export function nodeProgram(named: string): string {
  if (!/^\d+$/.test(named)) return named;
  if (named === process.versions.node.split(".")[0]) return process.execPath;
  const args = ["--yes", `--package=node@${named}`, "--", "node", "-p", "process.execPath"];
  // In a folder of its own: in this one npm would run the Node of the repository.
  const { status, stdout, stderr } = spawnSync("npx", args, { cwd: tmpdir(), encoding: "utf8" });
  if (status !== 0) throw new Error(`npm could not get Node ${named}:\n${stderr}`);
  return stdout.trim();
}

/** The version of a Node, such as `v26.10.0`. */
export function nodeVersion(node: string): string {
  return execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
}

/** @param node the version of the Node that runs the clients */
export function versionOf(client: string, node: string): string {
  if (client === PYTHON) return pythonRequests() ?? "";
  const name = packageOf(client);
  return name === undefined
    ? node
    : field("version", readFileSync(`${MODULES}/${name}/package.json`, "utf8"));
}
