/** Whether what is measured works: each client of each scenario does a few units, and what comes back is what should. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLIENTS, PYTHON } from "./clients/index.ts";
import { ClientProcess, FreshProgram, ServerProcess } from "./contender.ts";
import { type Place, REFERENCE, type Scenario } from "./scenario.ts";
import { SCENARIOS, STARTS } from "./scenarios/index.ts";
import { pythonRequests } from "./versions.ts";

const UNITS = 3;
let server: ServerProcess;
let place: Place;

beforeAll(async () => {
  server = await ServerProcess.start();
  const folder = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
  place = { origin: server.origin, uploads: server.uploads, folder };
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(place.folder, { recursive: true });
});

const cases = SCENARIOS.flatMap((scenario) =>
  scenario.clients.filter((name) => name !== PYTHON).map((name) => ({ scenario, name })),
);

test.each(cases)("$scenario.name: $name does the work", async ({ scenario, name }) => {
  const load = CLIENTS[name];
  if (load === undefined) throw new Error("there is no such client");
  const client = await (await load()).default(place.origin);
  await scenario.prepare?.(place, UNITS);
  await expect(scenario.work(client, place, UNITS)).resolves.toBeUndefined();
});

async function oneRound(scenario: Scenario, name: string): Promise<void> {
  await scenario.prepare?.(place, UNITS);
  await using runner = await ClientProcess.start(scenario, name, place, process.execPath);
  const { wall, cpu, peak } = await runner.round(UNITS);
  expect(Math.min(wall, cpu, peak)).toBeGreaterThan(0);
}

test.each(SCENARIOS)("$name: a client in a process of its own says what a round took", (scenario) =>
  oneRound(scenario, scenario.clients.includes("chasqui") ? "chasqui" : REFERENCE),
);

test("a process whose client fails says so, and is not waited for", async () => {
  const [scenario] = SCENARIOS;
  if (scenario === undefined) throw new Error("there is no scenario");
  const nowhere = { ...place, origin: `${server.origin}/nowhere` };
  await using runner = await ClientProcess.start(scenario, "undici.request", nowhere, process.execPath);
  await expect(runner.round(1)).rejects.toThrow("the process of S1 undici.request has ended");
});

const starts = STARTS.flatMap((scenario) => scenario.clients.map((name) => ({ scenario, name })));

test.each(starts)("$scenario.name: $name starts, and has its data", async ({ scenario, name }) => {
  const program = new FreshProgram(scenario, name, place, process.execPath);
  const { wall, cpu, peak } = await program.round();
  expect(Math.min(wall, cpu, peak)).toBeGreaterThan(0);
});

const python = pythonRequests();

describe.skipIf(python === undefined)(`${PYTHON}, where python3 has requests`, () => {
  test.each(SCENARIOS.filter(({ clients }) => clients.includes(PYTHON)))("$name", (scenario) =>
    oneRound(scenario, PYTHON),
  );
});
