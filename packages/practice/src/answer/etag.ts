import { createHash } from "node:crypto";

/** A weak entity tag of a body, as Express makes it: its length and a hash. */
export function weakTag(body: Uint8Array): string {
  const hash = createHash("sha1").update(body).digest("base64").slice(0, 27);
  return `W/"${body.length.toString(16)}-${hash}"`;
}

/**
 * Whether the client has this body already: `If-None-Match` names it (compared weakly, RFC 9110, 13.1.2), and the client
 * does not ask for a reload.
 */
export function isFresh(request: Request, tag: string): boolean {
  const known = request.headers.get("if-none-match");
  if (known === null || /\bno-cache\b/i.test(request.headers.get("cache-control") ?? "")) return false;
  if (known.trim() === "*") return true;
  const bare = (value: string) => value.trim().replace(/^W\//, "");
  return known.split(",").some((value) => bare(value) === bare(tag));
}
