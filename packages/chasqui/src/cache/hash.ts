import { hashHex } from "#platform";

/** A hash of texts, as one text: `["ab", "c"]` and `["a", "bc"]` are two. The same in every process. */
export function hashOf(...parts: readonly (string | null)[]): Promise<string> {
  return hashHex("SHA-256", new TextEncoder().encode(JSON.stringify(parts)));
}
