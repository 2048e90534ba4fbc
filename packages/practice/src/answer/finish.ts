import type { Answer } from "./answer.ts";
import { chooseCoding, compress } from "./compress.ts";
import { allowOrigin } from "./cors.ts";
import { isFresh, weakTag } from "./etag.ts";

/** The headers that every answer bears, where it has not set them itself. */
export function commonHeaders(request: Request, headers: Headers, cors: boolean): Headers {
  headers.set("X-Content-Type-Options", "nosniff");
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-cache");
  headers.set("Vary", ["Origin", "Accept-Encoding", headers.get("Vary")].filter(Boolean).join(", "));
  allowOrigin(request, headers, cors);
  return headers;
}

/** Fits an answer to the request: common headers, entity tag and 304, compression, length. */
export async function finish(request: Request, answer: Answer, cors: boolean): Promise<Response> {
  const { status, body } = answer;
  const headers = commonHeaders(request, new Headers(answer.headers), cors);
  if (body === null || body instanceof ReadableStream) {
    // 204 has no length, not even that of nothing (RFC 9110, 8.6).
    if (body === null && status !== 204 && status !== 304) headers.set("Content-Length", "0");
    return new Response(body, { status, headers });
  }
  let bytes: Uint8Array<ArrayBuffer> = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const reading = request.method === "GET" || request.method === "HEAD";
  if (reading && status === 200 && !/no-store/.test(headers.get("Cache-Control") ?? "")) {
    const tag = headers.get("ETag") ?? weakTag(bytes);
    headers.set("ETag", tag);
    if (isFresh(request, tag)) {
      headers.delete("Content-Type");
      return new Response(null, { status: 304, headers });
    }
  }
  const coding =
    headers.has("Content-Encoding") || status === 206
      ? undefined
      : chooseCoding(request.headers.get("accept-encoding"));
  if (coding !== undefined && bytes.length > 0) {
    bytes = await compress(bytes, coding);
    headers.set("Content-Encoding", coding);
  }
  headers.set("Content-Length", String(bytes.length));
  return new Response(bytes, { status, headers });
}
