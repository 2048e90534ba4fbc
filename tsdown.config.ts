/**
 * Builds every package for publishing. What is built follows from the package's own package.json: each file in
 * `dist` that `exports`, `imports` or `bin` names comes from the file of the same name in `src`. The one for browsers is apart.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { defineConfig, type UserConfig } from "tsdown";
import { browserBuild } from "./scripts/browser-build.ts";

const packages = globSync("packages/*/package.json", { cwd: import.meta.dirname }).sort();

export default defineConfig([
  ...packages.map((file): UserConfig => {
    const manifest = readFileSync(`${import.meta.dirname}/${file}`, "utf8");
    const built = new Set(manifest.match(/(?<=")(?:\.\/)?dist\/(?!browser\/)[\w/.-]+(?=\.js")/g));
    return {
      cwd: dirname(file),
      entry: [...built].map((name) => name.replace(/^(?:\.\/)?dist\//, "src/").concat(".ts")),
      // Not "node", whose helpers import `node:module` into files that other runtimes load.
      platform: "neutral",
      target: "es2024",
      // What is not the same everywhere is resolved where the package is used: Node takes one file, everything else the other.
      deps: { neverBundle: [/^#(?:platform|transport)$/, /^node:/] },
      dts: { oxc: true, sourcemap: true },
      // `Symbol.asyncDispose` is in the declarations, and not every project's `lib` has it.
      banner: { dts: '/// <reference lib="esnext.disposable" />' },
      sourcemap: true,
      // The sources are shipped, and the declarations hold the documentation.
      outputOptions: { sourcemapExcludeSources: true, comments: { jsdoc: false } },
      report: false,
    };
  }),
  browserBuild,
]);
