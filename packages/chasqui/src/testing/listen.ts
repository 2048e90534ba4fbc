/** Serves a function from Fetch's `Request` to its `Response` on a free port of the loopback. */
export async function listen(
  handle: (request: Request) => Promise<Response>,
): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const { createServer } = await import("node:http");
  const server = createServer(async (incoming, outgoing) => {
    try {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece);
      const { method = "GET", url = "/", headers } = incoming;
      const given = Object.entries(headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((line): [string, string] => [name, line]),
      );
      const body = method === "GET" || method === "HEAD" ? null : Buffer.concat(pieces);
      const answer = await handle(
        new Request(`http://${headers.host ?? "localhost"}${url}`, { method, headers: given, body }),
      );
      outgoing.statusCode = answer.status;
      for (const [name, value] of answer.headers) outgoing.appendHeader(name, value);
      outgoing.end(new Uint8Array(await answer.arrayBuffer()));
    } catch (error) {
      // A slip in a reply shows in the test that asked for it.
      outgoing
        .writeHead(500, { "content-type": "text/plain" })
        .end(`The fake server has failed: ${String(error)}`);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the fake server has no port");
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { origin: `http://127.0.0.1:${address.port}`, close };
}
