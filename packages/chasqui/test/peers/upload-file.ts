/** A program: uploads a file, as it is and in a form, and tells how much arrived and by how much its memory grew at most. */
import { createServer } from "node:http";
import { Client, fileFrom } from "chasqui";

const received: number[] = [];
const server = createServer(async (request, response) => {
  let size = 0;
  for await (const piece of request) size += piece.length;
  // What is around the file in a form is of no interest: the file ends in a round number.
  received.push(size - (size % 1024));
  response.end();
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
if (typeof address !== "object" || address === null) throw new Error("the server has no port");

await using client = new Client({ baseUrl: `http://127.0.0.1:${address.port}` });
await client.post("/", { body: "warm" });
received.length = 0;
const before = process.memoryUsage().rss;
let most = before;
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage().rss);
}, 5);
const file = await fileFrom(process.argv[2] ?? "");
await client.put("/", { body: file });
await client.put("/", { multipart: { note: "large", file } });
clearInterval(watch);
await client.close();
server.close();
console.log(JSON.stringify({ received, grown: most - before }));
