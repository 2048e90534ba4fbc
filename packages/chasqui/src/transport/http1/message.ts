/**
 * What a head says of the body behind it and of its connection (RFC 9112 6.3, 9.3).
 *
 * @module
 */
import { printable } from "../../request/redact.ts";
import { MalformedResponse } from "./fault.ts";
import type { ResponseHead } from "./response-head.ts";

/** How a body is framed: there is none, its bytes are counted, it comes in chunks, or it is all up to the end of the connection. */
export type Framing = "none" | "counted" | "chunks" | "all";

/** The largest length that others on the way can count, 2^64 - 1. */
const MOST = "18446744073709551615";

/** Milliseconds by which a connection is given up before the server says that it will be: a request is on its way for a while. */
const THRESHOLD = 2000;
/** The longest that a server's word is taken for, in milliseconds. */
const LONGEST = 600_000;

/**
 * How the body of a response is framed (RFC 9112 6.3). Two lengths, or a length and chunks, are what smuggles a response past
 * somebody who reads it the other way: they are refused, and so they are of one that has no body (S67).
 *
 * @throws {MalformedResponse} where nobody can tell.
 */
export function framingOf(head: ResponseHead, method: string): Framing {
  const coding = head.header("transfer-encoding");
  const length = head.header("content-length");
  if (coding !== undefined) checkCoding(coding);
  if (length !== undefined) checkLength(length);
  if (coding !== undefined && length !== undefined)
    throw new MalformedResponse("a length and a transfer coding");
  const { status } = head;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return "none";
  if (coding !== undefined) return coding.toLowerCase() === "chunked" ? "chunks" : "all";
  if (length === undefined) return "all";
  return Number(length) === 0 ? "none" : "counted";
}

/**
 * Chunks are undone here, once, and no other transfer coding was asked for (RFC 9112 6.1, 7.4). One that is there all the same would
 * be handed over as if it were the body, or the chunks within it would; two chunkings are what smuggles a response past a proxy that
 * sees one. HTTP/2 has none at all, and whoever reads its frames refuses them.
 */
function checkCoding(coding: string): void {
  // White space around a value is none of it, and what else looks like it is no white space (RFC 9110 5.6.3).
  // `identity` is no coding, and is what HTTP/1.1 called that until RFC 7230.
  if (/^(?:chunked|identity)?$/i.test(coding)) return;
  const said = JSON.stringify(printable(coding.slice(0, 60)));
  throw new MalformedResponse(`the transfer coding ${said}, which was not asked for`);
}

function checkLength(length: string): void {
  if (!/^\d+$/.test(length))
    throw new MalformedResponse("a Content-Length that is no number, or more than one");
  if (length.length < MOST.length) return;
  const digits = length.replace(/^0+/, "");
  if (digits.length > MOST.length || (digits.length === MOST.length && digits > MOST)) {
    throw new MalformedResponse("a Content-Length of 2^64 or more");
  }
}

/** Whether the connection may carry another exchange after the response (RFC 9112 9.3). */
export function isKept(head: ResponseHead, framing: Framing): boolean {
  if (framing === "all") return false;
  // RFC 9112 6.1: HTTP/1.0 has no chunks, and whoever passed them on may have seen another end.
  if (framing === "chunks" && !head.isCurrent) return false;
  const { status } = head;
  // A server that says so of a body which these do not have may well send it.
  if (status === 204 || status === 304) {
    const length = head.header("content-length");
    if ((length !== undefined && Number(length) > 0) || head.header("transfer-encoding") !== undefined)
      return false;
  }
  const said = head.header("connection");
  if (said === undefined) return head.isCurrent;
  const options = said
    .toLowerCase()
    .split(",")
    .map((option) => option.trim());
  return !options.includes("close") && (head.isCurrent || options.includes("keep-alive"));
}

/** How long the connection is kept when it is idle, in milliseconds; not above 0 where it is not. A server's own word comes first. */
export function idleLimitOf(head: ResponseHead, idleTimeout: number): number {
  const said = head.header("keep-alive");
  if (said === undefined) return idleTimeout;
  const seconds = /(?:^|[,;\s])timeout=(\d+)/i.exec(said)?.[1];
  return seconds === undefined ? idleTimeout : Math.min(Number(seconds) * 1000 - THRESHOLD, LONGEST);
}
