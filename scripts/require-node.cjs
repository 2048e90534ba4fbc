// Loaded with `node -r` in front of every script of this repository, so that an old Node says what to do
// instead of failing at the first type annotation. Plain CommonJS: it has to be read by any Node.
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  console.error(adviceFor(process.versions.node, join(__dirname, "..")));
  process.exit(1);
}

function adviceFor(version, root) {
  const found = `This is Node ${version}; Chasqui needs 22.19 or newer.`;
  const installed = join(root, "node_modules", "node");
  if (!existsSync(installed)) {
    return `${found}\nThe repository brings its own: run \`npm ci\`, then this command again.`;
  }
  const binary = process.platform === "win32" ? "node.exe" : "node";
  if (!existsSync(join(installed, "bin", binary))) {
    return (
      `${found}\nThe repository's own Node is not complete: the install script of the package \`node\` did not run.\n` +
      "Run `npm ci` without --ignore-scripts (package.json allows this one script), then this command again."
    );
  }
  return (
    `${found}\nThe repository's own Node is installed, but only \`npm run\` puts it first.\n` +
    'Use `npm run ...` or `npx ...`, or: export PATH="$PWD/node_modules/.bin:$PATH"'
  );
}
