/** One client in a process of its own: told how many requests to make, it answers with the time and the CPU they took. */
import { CLIENTS, type OneGet } from "./clients.ts";

/** What a round took, in milliseconds for all of its units. */
export interface Round {
  readonly wall: number;
  readonly cpu: number;
}

const [, , name = "", origin = ""] = process.argv;
const make = CLIENTS[name];
if (make === undefined) throw new Error(`there is no client ${name}`);
const get: OneGet = await make(origin);

async function round(units: number): Promise<Round> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  for (let turn = 0; turn < units; turn++) {
    const data = await get(`${origin}/posts/${turn % 1000}?turn=${turn % 7}`, turn);
    if (typeof data !== "object" || data === null || !("id" in data)) throw new Error(`${name} gave no data`);
  }
  const wall = performance.now() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall, cpu: (user + system) / 1000 };
}

process.on("message", async (units: number) => {
  process.send?.(await round(units));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
