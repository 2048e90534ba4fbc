/** Frames of the caller's that an error shows. Four are cheap and enough to find the line. */
const FRAMES = 4;

/**
 * Where a call was made, to be the stack of its errors: by the time that an error is made, the caller's frames are long
 * gone (P11). V8 formats the text when `stack` is read, so a call that succeeds pays for the capture alone.
 *
 * @param below the function of ours that the caller called; it and what it called are left out
 */
export function callSite(below: (...args: never[]) => unknown): { readonly stack?: string } {
  if (TAIL_CALLS) return new SiteOfTailCalls();
  const site: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
  } catch {
    // Under `node --frozen-intrinsics`, and where a program has frozen Error: it has the frames that the program wants.
    Error.captureStackTrace?.(site, below);
    return site;
  }
  Error.captureStackTrace?.(site, below);
  Error.stackTraceLimit = stackTraceLimit;
  return site;
}

/** JavaScriptCore keeps no frame of a function that ends in a call: what the caller called may not be on its stack. */
const TAIL_CALLS = "Bun" in globalThis;

/** What is on it in any case: the making of the site, `callSite()`, and the method of a client's that asks for it. */
const OURS = 3;

class SiteOfTailCalls {
  readonly #at: Error;

  constructor() {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES + OURS;
    this.#at = new Error();
    Error.stackTraceLimit = stackTraceLimit;
  }

  get stack(): string {
    const lines = (this.#at.stack ?? "").split("\n");
    const ours = lines.findIndex((line) => line.includes("callSite"));
    return lines.toSpliced(0, ours + 2).join("\n");
  }
}
