/**
 * A program that walks pages into a file, a line for each: its rows and where the walk stands behind it. Started again it goes on
 * from the last whole line. It is killed at any time.
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { type Checkpoint, Client } from "../../src/index.ts";

const [url = "", file = "", pinned = "{}"] = process.argv.slice(2);

/** The last whole line, and the length of all whole ones. */
function kept(): { from: Checkpoint | undefined; length: number } {
  if (!existsSync(file)) return { from: undefined, length: 0 };
  const text = readFileSync(file, "utf8");
  const length = text.lastIndexOf("\n") + 1;
  const last = text.slice(0, length).trimEnd().split("\n").at(-1);
  return { from: last ? JSON.parse(last).checkpoint : undefined, length };
}

const { from, length } = kept();
// What was cut off in the middle was never written.
if (existsSync(file)) truncateSync(file, length);
await using client = new Client();
const walk = client.paginate<{ id: number }>(url, { ...JSON.parse(pinned), from });
for await (const { rows } of walk.pages()) {
  appendFileSync(file, `${JSON.stringify({ ids: rows.map(({ id }) => id), checkpoint: walk.checkpoint })}\n`);
}
process.stdout.write("done\n");
