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

/** The size of a request is bounded by Node: 16 KiB of headers, and nothing reads a body. Whoever opens more connections than that at a time is no browser. */
const MOST_CONNECTIONS = 256;
/** How long a connection may take to say what it wants, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Listens where a redirect URI says; port 0 is any free one. Any page that is open in a browser can send a request here: one without
 * the state is answered, and is not what ends the wait, whether it brings a code or an error (RFC 6749 §4.1.2.1, §10.12).
 */
export async function openLoopback(redirectUri: string, state: string): Promise<Loopback> {
  const wanted = new URL(redirectUri);
  const { promise: callback, resolve } = Promise.withResolvers<Callback>();
  let path = wanted.pathname;
  let authority = "";
  let strangers = 0;
  const limits = {
    headersTimeout: PATIENCE,
    requestTimeout: PATIENCE,
    connectionsCheckingInterval: 1000,
  };
  const server = createServer(limits, (request, response) => {
    const url = URL.parse(request.url ?? "", "http://localhost");
    // A page of somebody else's, on a name that leads here, is not what was waited for.
    if (request.method !== "GET" || url?.pathname !== path || request.headers.host !== authority) {
      response.writeHead(404, HEADERS).end(pageOf("There is nothing here."));
      return;
    }
    const states = url.searchParams.getAll("state");
    if (states.length !== 1 || states[0] !== state) {
      strangers++;
      response.writeHead(400, HEADERS).end(pageOf(STRANGE));
      return;
    }
    resolve({ params: url.searchParams, answer: (well) => answer(response, well) });
  });
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listening(server, hostOf(wanted), Number(wanted.port));
  // RFC 8252 §8.3: an address, or `localhost` where that was registered; the port that was given.
  wanted.port = String(port);
  path = wanted.pathname;
  authority = wanted.host;
  return {
    redirectUri: wanted.href,
    callback,
    get strangers() {
      return strangers;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      // Whoever has not been answered by now waits for nothing.
      setImmediate(() => server.closeAllConnections());
      await closed;
    },
  };
}

const STRANGE =
  "This is not the answer that was waited for: its state is another. Sign in on the page that the program has opened.";

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
