/**
 * One client in a process of its own. It prints a line when it is ready; told a number of units in a line, it does the work
 * and prints what it took, as JSON.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { CLIENTS } from "./clients/index.ts";
import type { Place, Round } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const [, , scenarioName = "", clientName = "", placeText = ""] = process.argv;
const scenario = SCENARIOS.find(({ name }) => name === scenarioName);
const load = CLIENTS[clientName];
if (scenario === undefined || load === undefined)
  throw new Error(`there is no ${scenarioName} of ${clientName}`);
const place: Place = JSON.parse(placeText);
const client = await (await load()).default(place.origin);

/** The most memory that this program has had, in MB. `maxRSS` counts that of the program which started it, on Linux. */
function peak(): number {
  try {
    const kilobytes = /^VmHWM:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) / 1000;
  } catch {
    // Not on Linux.
  }
  return process.resourceUsage().maxRSS / 1000;
}

process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const units = Number(line);
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  await scenario.work(client, place, units);
  const wall = performance.now() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  const round: Round = { wall, cpu: (user + system) / 1000, peak: peak() };
  process.stdout.write(`${JSON.stringify(round)}\n`);
}
// Keep-alive connections would hold it.
process.exit(0);
