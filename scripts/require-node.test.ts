import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "chasqui-node-"));
  mkdirSync(join(root, "scripts"));
  copyFileSync(
    fileURLToPath(new URL("require-node.cjs", import.meta.url)),
    join(root, "scripts", "require-node.cjs"),
  );
  writeFileSync(join(root, "main.ts"), "const loaded: string = 'loaded'; console.log(loaded);");
});

afterEach(() => rmSync(root, { recursive: true }));

function runAs(version: string): { status: number | null; stdout: string; stderr: string } {
  writeFileSync(
    join(root, "play.cjs"),
    `Object.defineProperty(process, "versions", { value: { node: "${version}" } });`,
  );
  return spawnSync(process.execPath, ["-r", "./play.cjs", "-r", "./scripts/require-node.cjs", "main.ts"], {
    cwd: root,
    encoding: "utf8",
  });
}

test.each(["22.19.0", "24.0.0", "26.10.0"])("Node %s runs the script", (version) => {
  expect(runAs(version)).toMatchObject({ status: 0, stdout: "loaded\n" });
});

test.each(["18.20.4", "20.20.2", "22.18.0"])("Node %s is told to install the repository's own", (version) => {
  const { status, stdout, stderr } = runAs(version);
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain(`This is Node ${version}; Chasqui needs 22.19 or newer.`);
  expect(stderr).toContain("run `npm ci`");
});

test("a Node whose install script was blocked is told apart", () => {
  mkdirSync(join(root, "node_modules", "node"), { recursive: true });
  expect(runAs("20.20.2").stderr).toContain("Run `npm ci` without --ignore-scripts");
});

test("an installed Node that is not in use is told apart", () => {
  mkdirSync(join(root, "node_modules", "node", "bin"), { recursive: true });
  writeFileSync(
    join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node"),
    "",
  );
  expect(runAs("20.20.2").stderr).toContain("only `npm run` puts it first");
});
