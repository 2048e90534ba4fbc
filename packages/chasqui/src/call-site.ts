/**
 * Frames of the caller's that are noted with each call: the one that called. Who called that is found if it waits, and to note it
 * too costs 4 to 7 % of a small GET.
 */
const NOTED = 1;
/** Of the frames of an `Error` made in one of our own functions the first is that function's. */
const OURS = 1;
/** Of one that is made where a call has failed: what tells the error of it, and what has waited for it to do so. */
const OURS_AT_FAILURE = 8;
/** Of one that is made where an option is found bad, below what was called with it: as deep as our readers of options go, and more. */
const OURS_AT_OPTION = 24;
/** The folder of all that is ours, where it is a package of its own and no part of a bundle. */
const PACKAGE = /[\\/]chasqui[\\/](?:dist|src)[\\/]$/;

/** Where a call was made. Its `stack` has the function of ours that was called as its first frame. */
export type CallSite = { readonly stack?: string } | undefined;

/**
 * Lets the next `Error` note no more frames than a call site needs, and gives what the limit was, for `callSite()`. V8 of
 * Node 24 decodes frames of optimized code anew each time, a tenth of a small request: so the `Error` is made in the very
 * function that the caller has called, and it does not go on to what resumed an asynchronous caller.
 */
export function brief(frames: number = NOTED + OURS): number | undefined {
  const stackTraceLimit: unknown = Error.stackTraceLimit;
  // Not every engine has a limit, and a program may have taken it away, or set what is none: stacks are as it wants them.
  if (typeof stackTraceLimit !== "number") return undefined;
  try {
    Error.stackTraceLimit = frames;
    return stackTraceLimit;
  } catch {
    // Under `node --frozen-intrinsics`, and where a program has frozen Error.
    return undefined;
  }
}

/**
 * Where a call was made, for the stack of its errors: by the time that an error is made, the caller's frames are long
 * gone (P11). V8 formats the text when `stack` is read, so a call that succeeds pays for the capture alone.
 *
 * @param limit what `brief()` gave before `at` was made
 */
export function callSite(limit: number | undefined, at: Error): CallSite {
  if (limit !== undefined) Error.stackTraceLimit = limit;
  return at;
}

/** As `brief()`, but for as many frames as the program wants, and so many of ours that come before them. */
function besides(ours: number): number | undefined {
  const limit: unknown = Error.stackTraceLimit;
  return typeof limit === "number" ? brief(limit + ours) : undefined;
}

/**
 * The stack of an error, as far as there is one: a program's own `Error.prepareStackTrace` may make anything of it. Where that throws,
 * the error that is told of is still the one that there was.
 */
export function stackOf(error: { readonly stack?: string }): unknown {
  try {
    return error.stack;
  } catch {
    return undefined;
  }
}

/** Who waits for a call that has failed, noted where its error is told of it. */
export function whoWaits(): Error {
  const limit = besides(OURS_AT_FAILURE);
  const waits = new Error();
  callSite(limit, waits);
  return waits;
}

/**
 * The caller's frames: those that were noted with the call, and those of who waits for it, which V8 finds without having noted
 * anything. Both are needed: the function that called may only return the call and wait for nothing, and a call that nobody
 * waits for has a caller.
 */
export function callerFrames(site: CallSite, waits: Error): string[] {
  const [own = "", ...noted] = framesOf(site);
  const callers = noted.filter(isOfProgram);
  const folder = folderOf(own);
  // In a bundle, where all are in one folder, ours cannot be told from the caller's, but only ours are not asynchronous.
  const bundled = folder === undefined || callers.some((frame) => frame.includes(folder));
  const isTheirs = (frame: string): boolean =>
    bundled ? frame.includes("at async ") : !frame.includes(folder);
  const waiters = framesOf(waits).filter((frame) => isOfProgram(frame) && isTheirs(frame));
  // A function that called, and waits or is not done yet, is shown where it called.
  let same = callers.findIndex((frame) => isSame(frame, waiters[0]));
  while (same >= 0 && isSame(callers[same], waiters[0])) {
    waiters.shift();
    same++;
  }
  return callers.length + waiters.length === 0 ? noted : [...callers, ...waiters];
}

/** Lets the next `Error` note the frames of ours that `fromCaller()` takes off, besides as many as the program wants. */
export function deep(): number | undefined {
  return besides(OURS_AT_OPTION);
}

/**
 * A stack without what we have done ourselves since we were called: the caller's line is its first frame (P11). Frames of
 * ours further down stay, as those below a hook are.
 *
 * @param limit what `deep()` gave before the error was made
 */
export function fromCaller(stack: string, limit: number): string {
  const before = brief(OURS);
  const [own = ""] = framesOf(callSite(before, new Error()));
  const folder = folderOf(own);
  // In a bundle ours cannot be told from the caller's: the stack is left whole, and the caller's line is further down in it.
  if (folder === undefined || !PACKAGE.test(folder)) return stack;
  const lines = stack.split("\n");
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  if (first < 0) return stack;
  const isTheirs = (line: string): boolean =>
    isOfProgram(line) && !line.includes(folder) && !line.includes("(<anonymous>)");
  const caller = lines.findIndex((line, index) => index >= first && isTheirs(line));
  // Where nobody waits any more, where the error was made is better than nothing.
  const from = caller < 0 ? first : caller;
  return [...lines.slice(0, first), ...lines.slice(from, from + limit)].join("\n");
}

function isOfProgram(frame: string): boolean {
  return !frame.includes("node:internal/");
}

function framesOf(site: CallSite): string[] {
  const stack = site === undefined ? undefined : stackOf(site);
  return typeof stack === "string" ? stack.split("\n").filter((line) => /^\s+at /.test(line)) : [];
}

/** The folder of a frame's file, with its slash. */
function folderOf(frame: string): string | undefined {
  return /^\s+at (?:async )?(?:.* \()?(.*[\\/])[^\\/]*:\d+:\d+\)?$/.exec(frame)?.[1];
}

/** Whether two frames are of one function: it calls in one column, and waits in another or a line below. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && placeOf(one) === placeOf(other);
}

/** A function and its file; of one without a name the line, too. */
function placeOf(frame: string): string {
  const named = /^\s+at (?:async )?(.* \(.*):\d+:\d+\)$/.exec(frame)?.[1];
  return named ?? frame.replace(/^\s+at (?:async )?/, "").replace(/:\d+\)?$/, "");
}
