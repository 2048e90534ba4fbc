import { once } from "node:events";
import { createServer } from "node:http";
import { createPractice } from "@chasqui/practice";

/** An API on a port. */
export interface Served extends AsyncDisposable {
  readonly url: string;
}

const OWN = /^\/(?:auth|faults|paging|stream|echo|runs|openapi\.json)/;

/**
 * JSONPlaceholder as it is on the internet: the rows of the practice API, and none of its own routes.
 *
 * @param statusOf a status to fail with instead
 */
export async function serveOriginal(
  statusOf: (path: string) => number | undefined = () => undefined,
): Promise<Served> {
  const practice = createPractice();
  const server = createServer(async (incoming, outgoing) => {
    const path = incoming.url ?? "/";
    const status = OWN.test(path) ? 404 : statusOf(path);
    if (status !== undefined) {
      outgoing.writeHead(status, { "content-type": "application/json" }).end("{}");
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "GET" } = incoming;
    const body = chunks.length === 0 ? null : Buffer.concat(chunks);
    const headers = new Headers({ "content-type": incoming.headers["content-type"] ?? "" });
    const answer = await practice.fetch(
      new Request(`http://${incoming.headers.host}${path}`, { method, headers, body }),
    );
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
