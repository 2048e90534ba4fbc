/** Frames of the caller's that an error shows. Four are cheap and enough to find the line. */
const FRAMES = 4;

/**
 * Where a call was made, to be the stack of its errors: by the time that an error is made, the caller's frames are long
 * gone (P11). V8 formats the text when `stack` is read, so a call that succeeds pays for the capture alone.
 *
 * @param below the function of ours that the caller called; it and what it called are left out
 */
export function callSite(below: (...args: never[]) => unknown): { readonly stack?: string } {
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
