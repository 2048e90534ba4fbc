/** A program: aborts 2,000 requests in all their phases, and tells on its output what is left of them. */
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "chasqui";

const warnings: string[] = [];
process.on("warning", (warning) => warnings.push(String(warning)));

const server = createServer((request, response) => {
  // Some never answer, some stop in the middle of the body, some come to their end.
  if (request.url === "/silent") return;
  if (request.url === "/half") response.write("half");
  else response.end("whole");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
if (typeof address !== "object" || address === null) throw new Error("the server has no port");

const client = new Client({ baseUrl: `http://127.0.0.1:${address.port}`, retry: false });
const before = process.getActiveResourcesInfo().toSorted();
let aborted = 0;
let listeners = 0;
for (let round = 0; round < 10; round++) {
  const stop = new AbortController();
  const { signal } = stop;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const calls = Array.from({ length: 200 }, async (_, index) => {
    const path = ["/silent", "/half"][index % 2] ?? "";
    try {
      if (index % 4 < 2) await client.get(path, { signal });
      else for await (const piece of client.get(path, { signal }).stream()) if (piece.length === 0) return;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ERR_ABORTED") aborted++;
    }
  });
  // Some are in the queue, some are connecting, some wait for headers, some are in the body.
  await sleep(round % 2 === 0 ? 30 : 1);
  stop.abort();
  await Promise.all(calls);
  await client.get("/whole");
}
await client.close();
function connections(): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
for (let looks = 0; looks < 500 && (await connections()) > 0; looks++) await sleep(5);
const open = await connections();
// The ticker of the clock ends with the tick after its last timer.
await sleep(250);
const others = process.getActiveResourcesInfo().toSorted();
for (const name of before) others.splice(others.indexOf(name), 1);
await new Promise((resolve) => server.close(resolve));
console.log(JSON.stringify({ aborted, others, listeners, open, warnings }));
