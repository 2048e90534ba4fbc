/** Of one connection, and not of the response (RFC 9110 7.6.1, RFC 9111 3.1). */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What sets a cookie has set it when it came, and is a secret that no store need see. */
const SPENT: ReadonlySet<string> = new Set(["set-cookie", "set-cookie2"]);

/** What says what the stored bytes are, which a 304 or a HEAD does not bring anew (RFC 9111 3.2). */
const OF_THE_BYTES: ReadonlySet<string> = new Set([
  "content-digest",
  "content-encoding",
  "content-length",
  "content-md5",
  "content-range",
  "etag",
]);

/** What is true of the moment at which a response came, and of none before. */
const OF_THE_MOMENT: readonly string[] = ["age", "date"];

/** The lines of a message whose names pass. */
function* linesOf(flat: readonly string[]): Generator<readonly [name: string, value: string, lower: string]> {
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? "";
    yield [name, flat[i + 1] ?? "", name.toLowerCase()];
  }
}

/**
 * The header lines that are stored of a response.
 *
 * @param flat - Name, value, name, value …
 * @param unstored - Lower-case names that `no-cache` names: they may not be used again without asking (RFC 9111 5.2.2.4).
 */
export function storedHeaders(flat: readonly string[], unstored: readonly string[]): string[] {
  const dropped = new Set([...OF_THE_CONNECTION, ...SPENT, ...unstored]);
  for (const [, value, lower] of linesOf(flat)) {
    if (lower !== "connection") continue;
    for (const named of value.split(",")) dropped.add(named.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (const [name, value, lower] of linesOf(flat)) if (!dropped.has(lower)) kept.push(name, value);
  return kept;
}

/**
 * The header lines of a stored response after a newer one said how things are (RFC 9111 3.2): its lines take the place of those
 * of the same name, but for what describes the bytes that are stored.
 */
export function updatedHeaders(stored: readonly string[], newer: readonly string[]): string[] {
  const update: string[] = [];
  const replaced = new Set(OF_THE_MOMENT);
  for (const [name, value, lower] of linesOf(storedHeaders(newer, []))) {
    if (OF_THE_BYTES.has(lower)) continue;
    replaced.add(lower);
    update.push(name, value);
  }
  const kept: string[] = [];
  for (const [name, value, lower] of linesOf(stored)) if (!replaced.has(lower)) kept.push(name, value);
  return [...kept, ...update];
}
