/**
 * What it means to an exchange that the other side has closed its connection before the headers came.
 *
 * @module
 */
import { IDEMPOTENT } from "../request/method.ts";
import { ENDED_AT_ONCE } from "./connect-hint.ts";
import type { Connection } from "./connection.ts";
import { ConnectionEnded } from "./http1/fault.ts";
import { codeOf } from "./network-failure.ts";
import type { Exchange } from "./transport.ts";

/** How a connection ends that the other side has closed; undici says UND_ERR_INFO of one that ends in good order, with GOAWAY. */
const ENDED: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "UND_ERR_SOCKET",
  "UND_ERR_INFO",
]);

/** How it ends for who is sending as the other side closes. */
const BROKEN: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);

/**
 * Whether the server closed a kept connection as the request was on its way to it: it was used before, no byte came back,
 * and what is sent may be sent twice. A stream of the caller's is left to `retry`, which knows whether it can be opened anew.
 */
export function isStale(
  error: unknown,
  { method, body }: Exchange,
  connection: Connection | undefined,
): error is Error {
  if (connection === undefined) return false;
  if (!connection.reused || !connection.silent || !IDEMPOTENT.includes(method)) return false;
  if (body !== undefined && body.content === undefined) return false;
  return error instanceof Error && isEnd(error);
}

function isEnd(error: unknown): boolean {
  return error instanceof ConnectionEnded || ENDED.has(codeOf(error));
}

/** More than a system takes of a body before the server has read any of it. */
const LARGE = 64 * 1024;

/** RFC 9112 9.6: who closes while more is being sent resets the connection, and with it what was answered. */
const REFUSED_EARLY =
  "The server may have answered before it had all of the body, as it does to one that is too large or not wanted.";

/** What may be behind it. */
export function hintAtEnd(
  error: unknown,
  { origin, body }: Exchange,
  connection: Connection | undefined,
): string | undefined {
  if (connection === undefined || !isEnd(error)) return undefined;
  // RFC 8446 4.4.2.4: with TLS 1.3 the client has done its part when the server sees that a certificate is missing.
  const isFirst = origin.startsWith("https:") && !connection.reused && !connection.multiplexed;
  if (isFirst && connection.silent) return ENDED_AT_ONCE;
  const isLarge = body !== undefined && (body.length ?? LARGE) >= LARGE;
  return isLarge && BROKEN.has(codeOf(error)) ? REFUSED_EARLY : undefined;
}
