import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = globSync(["*.md", "docs/*.md", "packages/*/README.md"], { cwd: root }).sort();

/** Files that a page names and that are not there. */
function missingFrom(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replaceAll(/^```[\s\S]*?^```/gm, "");
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) =>
    join(dirname(page), path),
  );
  const linked = links.filter((path) => !existsSync(join(root, path)));
  // A file in backticks is named from the root, from a package, or from the sources of the library.
  const places = ["", "packages/*/", "packages/chasqui/src/"];
  const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|md|json))`/g)].map(([, path = ""]) => path);
  return [
    ...linked,
    ...named.filter(
      (path) =>
        globSync(
          places.map((place) => place + path),
          { cwd: root },
        ).length === 0,
    ),
  ];
}

test.each(pages)("%s names files that are there", (page) => {
  expect(missingFrom(page)).toEqual([]);
});
