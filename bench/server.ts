/** The server of the benches, in a process of its own: it answers small JSON as fast as Node can, and prints its port. */
import { createServer } from "node:http";

const body = Buffer.from(
  JSON.stringify({
    id: 1,
    userId: 1,
    title: "sunt aut facere repellat",
    tags: ["a", "b", "c"],
    body: "x".repeat(120),
  }),
);

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": body.length,
  });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) process.send?.(address.port);
});
process.on("disconnect", () => process.exit(0));
