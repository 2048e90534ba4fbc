/**
 * The port of the loopback that a browser comes back to when somebody has signed in (RFC 8252 §7.3).
 *
 * @module
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { Callback, Loopback } from "../auth/oauth2/loopback.ts";
import { AuthError } from "../errors/auth-error.ts";

/** Nothing of a page that shows a code in its URL goes anywhere, and nothing is loaded into it. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  "x-content-type-options": "nosniff",
  connection: "close",
};

/** Listens where a redirect URI says; port 0 is any free one. */
export async function openLoopback(redirectUri: string): Promise<Loopback> {
  const wanted = new URL(redirectUri);
  const { promise: callback, resolve } = Promise.withResolvers<Callback>();
  let path = wanted.pathname;
  let authority = "";
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "", "http://localhost");
    // A page of somebody else's, on a name that leads here, is not what was waited for.
    if (request.method !== "GET" || url?.pathname !== path || request.headers.host !== authority) {
      response.writeHead(404, HEADERS).end(pageOf("There is nothing here."));
      return;
    }
    resolve({ params: url.searchParams, answer: (well) => answer(response, well) });
  });
  const port = await listening(server, hostOf(wanted), Number(wanted.port));
  // RFC 8252 §8.3: an address, or `localhost` where that was registered; the port that was given.
  wanted.port = String(port);
  path = wanted.pathname;
  authority = wanted.host;
  return {
    redirectUri: wanted.href,
    callback,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      // Whoever has not been answered by now waits for nothing.
      setImmediate(() => server.closeAllConnections());
      await closed;
    },
  };
}

function hostOf({ hostname }: URL): string {
  if (hostname.startsWith("[")) return hostname.slice(1, -1);
  return hostname;
}

async function listening(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new AuthError(`Nothing can listen on port ${port} of ${host} for the browser to come back to`, {
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function answer(response: ServerResponse, well: boolean): void {
  const words = well
    ? "You are signed in. You can close this page and go back to the program."
    : "The sign-in has failed. You can close this page; the program says why.";
  response.writeHead(well ? 200 : 400, HEADERS).end(pageOf(words));
}

function pageOf(words: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign-in</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;margin:20vh auto;max-width:32rem;text-align:center;color-scheme:light dark}</style>
<p>${words}</p></html>
`;
}
