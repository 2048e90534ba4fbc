/** Runs the shared tests on Bun and Deno: what a run is made with comes as JSON, and so goes what became of it. */
import { runAll } from "./index.ts";

const run = JSON.parse(process.argv[2] ?? "");
console.log(`OUTCOME ${JSON.stringify(await runAll(run))}`);
process.exit(0);
