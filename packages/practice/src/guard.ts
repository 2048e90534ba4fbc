import type { IncomingMessage } from "node:http";

/**
 * Why a request is refused before it is looked at, or undefined. A page of evil.example may let its own name point to
 * 127.0.0.1 and then read what a server here says (DNS rebinding); the name in Host gives it away. An address cannot be
 * rebound, so that those of this machine are welcome.
 */
export function foreignHost(incoming: IncomingMessage, bound: string): string | undefined {
  const target = /^https?:\/\//i.test(incoming.url ?? "") ? incoming.url : undefined;
  // An absolute target counts before Host (RFC 9112, 3.2.2).
  for (const url of [
    target,
    incoming.headers.host === undefined ? undefined : `http://${incoming.headers.host}`,
  ]) {
    if (url === undefined) continue;
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    if (!isWelcome(host, bound, incoming.socket.localAddress)) {
      return `the host ${JSON.stringify(host)} is not this server; use localhost, 127.0.0.1, or the host that it was started with`;
    }
  }
  return undefined;
}

function isWelcome(host: string, bound: string, local: string | undefined): boolean {
  if (host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host)) return true;
  const bare = host.replace(/^\[|\]$/g, "");
  return bare !== "" && [bound.toLowerCase(), local?.replace(/^::ffff:/, "")].includes(bare);
}
