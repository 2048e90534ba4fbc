/**
 * The benches: `npm run bench`, or `npm run bench -- S1 S6 --clients chasqui,got`; README.md says more.
 *
 * What counts is the ratio, paired within a round, of what `undici.request` takes for a unit to what the client takes: higher
 * is better, 1 is as cheap as `undici.request`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Arguments, ArgumentsError, readArguments } from "./arguments.ts";
import { PYTHON } from "./clients/index.ts";
import { compare } from "./comparison.ts";
import { ClientProcess, type Contender, FreshProgram, ServerProcess } from "./contender.ts";
import { CORE } from "./processes.ts";
import { type Report, reportOf } from "./report.ts";
import { resultsWith } from "./results-file.ts";
import { REFERENCE, type Scenario, type StartScenario } from "./scenario.ts";
import { SCENARIOS, STARTS } from "./scenarios/index.ts";
import { S8, sizes } from "./scenarios/size.ts";
import { asText } from "./table.ts";
import { nodeProgram, nodeVersion, pythonRequests, versionOf } from "./versions.ts";

const RESULTS = new URL("./RESULTS.md", import.meta.url);

/** What is published is measured, not its sources. */
function build(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["node_modules/tsdown/dist/run.mjs"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the build has failed:\n${stdout}${stderr}`);
}

/** Those that a scenario compares, of those that were asked for; the reference is always there. */
function chosen(all: readonly string[], clients: readonly string[] | undefined, python: boolean): string[] {
  return all.filter(
    (name) =>
      (python || name !== PYTHON) && (clients === undefined || name === REFERENCE || clients.includes(name)),
  );
}

async function measured(
  scenario: Scenario | StartScenario,
  names: readonly string[],
  given: Arguments,
  program: string,
): Promise<Report> {
  const rounds = given.rounds ?? scenario.rounds;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const server = stack.use(await ServerProcess.start());
  const place = { origin: server.origin, uploads: server.uploads, folder };
  let start: (name: string) => Promise<Contender>;
  if ("program" in scenario) start = async (name) => new FreshProgram(scenario, name, place, program);
  else {
    await scenario.prepare?.(place, scenario.units);
    start = (name) => ClientProcess.start(scenario, name, place, program);
  }
  const all = await compare(names, start, { ...scenario, rounds });
  const node = nodeVersion(program);
  return reportOf(scenario, all, new Map(names.map((name) => [name, versionOf(name, node)])));
}

/** What else ran while it was measured shows in the load, which is 1 when nothing did. */
function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const pinning = CORE === undefined ? "not pinned" : "server and clients pinned to one core";
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${model}, ${availableParallelism()} cores, ${platform()}, ${pinning}, load ${load}`;
}

async function main(): Promise<void> {
  const all = [...SCENARIOS, ...STARTS, S8].sort((a, b) =>
    a.name.localeCompare(b.name, "en", { numeric: true }),
  );
  const given = readArguments(process.argv.slice(2), {
    scenarios: all.map(({ name }) => name),
    clients: [...new Set(all.flatMap(({ clients }) => clients))],
  });
  build();
  const began = performance.now();
  for (const named of given.nodes) await measureOn(nodeProgram(named), all, given);
  console.log(`\nIt took ${Math.round((performance.now() - began) / 60_000)} minutes.`);
}

async function measureOn(
  program: string,
  all: readonly (Scenario | StartScenario | typeof S8)[],
  given: Arguments,
): Promise<void> {
  const python = pythonRequests() !== undefined;
  const node = nodeVersion(program);
  console.log(`Node ${node}; ${machine()}.`);
  if (!python) console.log(`There is no requests for python3 here: ${PYTHON} is left out.`);
  for (const scenario of all) {
    if (!given.scenarios.includes(scenario.name)) continue;
    const names = chosen(scenario.clients, given.clients, python);
    const report =
      "rounds" in scenario ? await measured(scenario, names, given, program) : await sizes(names, node);
    console.log(`\n${report.name} ${report.title}: ${report.how}\n`);
    console.log(asText(report.table));
    for (const verdict of report.verdicts) console.log(`* ${verdict}`);
    if (given.write) {
      const before = existsSync(RESULTS) ? readFileSync(RESULTS, "utf8") : "";
      const date = new Date().toISOString().slice(0, 10);
      writeFileSync(RESULTS, resultsWith(before, [report], { date, node, machine: machine() }));
    }
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ArgumentsError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
