import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPractice } from "@chasqui/practice";
import { expect, test } from "vitest";

const PROGRAM = join(import.meta.dirname, "../peers/killed-walk.ts");

/** Runs the program until it is done, or until it has written so many pages more: then it is killed, in the middle of anything. */
async function walkUntil(url: string, file: string, options: object, pages: number): Promise<boolean> {
  const child = spawn(
    process.execPath,
    ["--conditions=chasqui-source", PROGRAM, url, file, JSON.stringify(options)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  let written = 0;
  const watcher = watch(join(file, ".."), () => {
    if (++written >= pages) child.kill("SIGKILL");
  });
  await once(child, "close");
  watcher.close();
  return said === "done\n";
}

test.each([
  ["page numbers", "/paging/page/posts?per_page=12", { by: "page" }],
  ["a cursor, found", "/paging/cursor/posts?limit=12", {}],
  ["a Link header, found", "/paging/link/posts?per_page=12", {}],
  ["a silent list", "/paging/silent/posts?per_page=12", {}],
] as const)(
  "a walk by %s that is killed again and again has every row once",
  async (_name, path, options) => {
    const folder = mkdtempSync(join(tmpdir(), "chasqui-killed-"));
    const practice = await startPractice({ port: 0 });
    try {
      const file = join(folder, "pages.jsonl");
      const url = `${practice.url}/with/latency=3${path}`;
      let runs = 1;
      while (!(await walkUntil(url, file, options, runs === 1 ? 1 : 4))) {
        if (++runs > 60) throw new Error("it does not come to an end");
      }
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      const ids = lines.flatMap((line): number[] => JSON.parse(line).ids);
      expect(ids).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
      expect(runs).toBeGreaterThan(2);
    } finally {
      await practice.close();
      rmSync(folder, { recursive: true });
    }
  },
  // Each run is a process of its own.
  120_000,
);
