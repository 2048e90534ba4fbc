import type { Response } from "../response/response.ts";
import type { Verdict } from "./verdict.ts";

/** What was decided of the responses of a call, and which of them were made out of others. */
export class Verdicts {
  #verdicts: WeakMap<Response, Verdict> | undefined;
  #successors: WeakMap<Response, Response> | undefined;

  of(response: Response): Verdict | undefined {
    return this.#verdicts?.get(response);
  }

  decide(response: Response, verdict: Verdict): void {
    this.#verdicts ??= new WeakMap();
    this.#verdicts.set(response, verdict);
  }

  /**
   * What was decided of a response holds for the one that a middleware or a hook made out of it, as long as it has the status
   * that it was decided by: its body is gone, and nobody else would act on it.
   */
  replaced(response: Response, replacement: Response): void {
    this.#successors ??= new WeakMap();
    this.#successors.set(response, replacement);
    const verdict = this.of(response);
    if (verdict === undefined || replacement.status !== response.status) return;
    // A redirect goes where the replacement says, and nowhere if it does not say.
    if (verdict.kind !== "retry" && verdict.kind !== "challenge" && !replacement.headers.has("location"))
      return;
    this.decide(replacement, verdict);
  }

  successorOf(response: Response): Response | undefined {
    return this.#successors?.get(response);
  }
}
