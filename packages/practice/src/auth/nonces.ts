import { randomBytes } from "node:crypto";

/** The nonces that were given out: which counts have come with each, and how many requests it is good for. */
export class Nonces {
  readonly #given = new Map<string, { readonly counts: Set<string>; readonly uses: number }>();

  give(uses: number): string {
    const nonce = randomBytes(16).toString("base64url");
    // The oldest go first, so that a server that is asked for days stays as small as it was.
    for (const oldest of this.#given.keys()) {
      if (this.#given.size < 10_000) break;
      this.#given.delete(oldest);
    }
    this.#given.set(nonce, { counts: new Set(), uses });
    return nonce;
  }

  /** Uses a nonce once. A count that has been there is a replay; calls under way beside one another may overtake one another. */
  use(nonce: string, count: string): "good" | "stale" | "replayed" {
    const given = this.#given.get(nonce);
    if (given === undefined || given.counts.size >= given.uses) return "stale";
    if (given.counts.has(count)) return "replayed";
    given.counts.add(count);
    return "good";
  }

  forget(): void {
    this.#given.clear();
  }
}
