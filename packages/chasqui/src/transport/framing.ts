import { printable } from "../request/redact.ts";
import type { Head } from "./transport.ts";

/**
 * What is wrong with a head that the parser lets pass, as the end of a sentence that begins with who sent it; undefined where
 * nothing is.
 *
 * Chunks are undone by the parser, once, and no other transfer coding was asked for (RFC 9112 6.1, 7.4). One that is there all
 * the same would be handed over as if it were the body, or the chunks within it would; two chunkings are what smuggles a
 * response past a proxy that sees one. And no status has fewer than three digits' worth (RFC 9110 15).
 *
 * @param head - What was sent.
 */
export function faultOf(head: Pick<Head, "status" | "header">): string | undefined {
  if (head.status < 100) return `the status ${head.status}, which is none`;
  const coding = head.header("transfer-encoding");
  // White space around a value is none of it, and what else looks like it is no white space (RFC 9110 5.6.3).
  // `identity` is no coding, and is what HTTP/1.1 called that until RFC 7230.
  if (coding === undefined || /^(?:chunked|identity)?$/i.test(coding)) return undefined;
  return `the transfer coding ${JSON.stringify(printable(coding.slice(0, 60)))}, which was not asked for`;
}
