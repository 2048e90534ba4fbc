/**
 * The benches: `npm run bench`, or `npm run bench -- S1`.
 *
 * A server in a process of its own, each client in its own, rounds in turn so that a machine that speeds up or slows down
 * does so for all. What counts is the ratio, paired within a round, of the CPU that `undici.request` takes for a request to
 * what the client takes: higher is better, 1 is as cheap as `undici.request`.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CLIENTS } from "./clients.ts";
import type { Round } from "./runner.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";

const REFERENCE = "undici.request";

function start(file: string, args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`a process of the bench ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}

function isRound(value: unknown): value is Round {
  return typeof value === "object" && value !== null && "wall" in value && "cpu" in value;
}

async function run(child: ChildProcess, units: number): Promise<Round> {
  child.send(units);
  const message = await answer(child);
  if (!isRound(message)) throw new Error("a runner gave no round");
  return message;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

async function measure(scenario: Scenario): Promise<void> {
  console.log(`\n${scenario.name} runs for about a minute and a half …`);
  const server = start("./server.ts", []);
  const port = await answer(server);
  const origin = `http://127.0.0.1:${port}`;
  const runners = new Map<string, ChildProcess>();
  try {
    for (const name of Object.keys(CLIENTS)) {
      const child = start("./runner.ts", [name, origin]);
      await answer(child);
      runners.set(name, child);
    }
    for (const child of runners.values()) for (let i = 0; i < 3; i++) await run(child, scenario.units);
    const rounds: Map<string, Round>[] = [];
    for (let i = 0; i < scenario.rounds; i++) {
      const round = new Map<string, Round>();
      // The order turns, so that no client always follows the same one.
      const names = [...runners.keys()];
      const turned = [...names.slice(i % names.length), ...names.slice(0, i % names.length)];
      for (const name of turned) {
        const child = runners.get(name);
        if (child !== undefined) round.set(name, await run(child, scenario.units));
      }
      rounds.push(round);
    }
    report(scenario, rounds, [...runners.keys()]);
  } finally {
    for (const child of [...runners.values(), server]) child.disconnect();
  }
}

function report(scenario: Scenario, rounds: readonly Map<string, Round>[], names: readonly string[]): void {
  console.log(
    `\n${scenario.name}  ${scenario.title}: ${scenario.rounds} rounds of ${scenario.units}, Node ${process.version}`,
  );
  console.log(
    `${"client".padEnd(16)}${"requests/s".padStart(12)}${"CPU µs/request".padStart(16)}${"CPU ratio".padStart(12)}   spread`,
  );
  for (const name of names) {
    const own = rounds.map((round) => round.get(name)).filter((round) => round !== undefined);
    const perSecond = median(own.map(({ wall }) => (scenario.units / wall) * 1000));
    const cpu = median(own.map(({ cpu }) => (cpu / scenario.units) * 1000));
    const ratios = rounds.flatMap((round) => {
      const reference = round.get(REFERENCE);
      const mine = round.get(name);
      return reference === undefined || mine === undefined ? [] : [reference.cpu / mine.cpu];
    });
    const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    const cells = [
      perSecond.toFixed(0).padStart(12),
      cpu.toFixed(1).padStart(16),
      median(ratios).toFixed(2).padStart(12),
    ];
    console.log(`${name.padEnd(16)}${cells.join("")}   ${spread}`);
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(", ")}; there are ${SCENARIOS.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}
console.log(
  `CPU ratio: the CPU of ${REFERENCE} for a request divided by the client's, as the median of rounds in turn. Higher is better.`,
);
for (const scenario of SCENARIOS)
  if (wanted.length === 0 || wanted.includes(scenario.name)) await measure(scenario);
