import type { Confidence } from "./explanation.ts";
import { FirstPage } from "./proof.ts";
import type { Onward, PageSeen } from "./style.ts";

/** Why a walk goes from page to page as it does, and how sure it is that this leads to every row. */
export class Evidence {
  #confidence: Confidence = "unknown";
  #reason: string;
  #probes: readonly string[] = [];
  #first: FirstPage | undefined;

  constructor(reason: string) {
    this.#reason = reason;
  }

  get confidence(): Confidence {
    return this.#confidence;
  }

  get reason(): string {
    return this.#reason;
  }

  get probes(): readonly string[] {
    return this.#probes;
  }

  /** Why pages are asked for as they are, where that was only detected. */
  get guess(): string | undefined {
    return this.#confidence === "detected" ? this.#reason : undefined;
  }

  /** The caller says so, or the checkpoint of an earlier walk does. */
  given(reason: string = this.#reason): void {
    this.#confidence = "given";
    this.#reason = reason;
  }

  /** The first page, or what it was asked with, shows it; the second will tell. */
  detected(reason: string, first: PageSeen): void {
    this.#confidence = "detected";
    this.#reason = reason;
    this.#first = new FirstPage(first.list);
  }

  /** Nothing shows a way on, nor that there is none. */
  unknown(reason: string): void {
    this.#reason = reason;
  }

  /** Something that does not go with the reason, and does not change how sure it is. */
  doubt(what: string): void {
    this.#reason += `, and ${what}`;
  }

  proven(reason: string = this.#reason): void {
    this.#confidence = "proven";
    this.#reason = reason;
  }

  /** Nothing speaks against it, and nothing for it. */
  assumed(reason: string): void {
    this.#confidence = "assumed";
    this.#reason = reason;
  }

  probed(requests: readonly string[]): void {
    this.#probes = requests;
  }

  /**
   * What was only detected is proven by a second page of other rows, or by the server's own word that there is none. False where
   * the second has no row that was not on the first, and may not be so.
   */
  weigh(seen: PageSeen, onward: Onward, allowRepeats: boolean): boolean {
    if (this.#confidence !== "detected") return true;
    if (onward.kind === "end") this.#confidence = "proven";
    if (seen.pages < 2 || this.#first === undefined) return true;
    const shared = this.#first.shared(seen.list);
    this.#first = undefined;
    if (shared > 0 && shared === seen.count && !allowRepeats) return false;
    this.#confidence = "proven";
    this.#reason +=
      shared === 0
        ? ", and the second brought other rows"
        : `, and the second brought others, and ${shared} again`;
    return true;
  }
}
