import { type CallSite, callerFrames, stackOf, whoWaits } from "../call-site.ts";
import type { Checkpoint } from "../paginate/checkpoint.ts";
import { printAs } from "../printing.ts";
import type { Trace } from "../trace/trace.ts";

/**
 * What an error knows of the request that it speaks of. Safe to log: the URL is without its password, secret
 * query values and secret headers are `***`.
 */
export interface RequestSnapshot {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is given when an error of the family is made. */
export interface ErrorDetails {
  /** The error underneath, if there is one. */
  readonly cause?: unknown;
  /** One sentence that says what to do. */
  readonly hint?: string;
}

/** What only the call knows; filled in once, where an error leaves the call. */
export interface CallFacts {
  readonly request: RequestSnapshot | undefined;
  readonly attempts: number;
  readonly elapsed: number;
  /** Where the call was made. */
  readonly site: CallSite;
  /** Makes the trace of the call; absent where there was none yet. */
  readonly trace?: (() => Trace) | undefined;
}

/**
 * How far a walk over pages had come when an error ended it, whichever error that is.
 *
 * @example
 * ```ts
 * import { ChasquiError, Client } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010", retry: false });
 * try {
 *   await client.paginate("/paging/faulty/expires/token/posts").all();
 * } catch (error) {
 *   if (error instanceof ChasquiError) console.log(error.code, error.walk?.pages, error.walk?.partial.length); // ERR_HTTP 2 20
 * }
 * ```
 */
export interface WalkRead {
  /** Pages that were read whole. */
  readonly pages: number;
  /** Their rows. */
  readonly rows: number;
  /** The rows that `all()` or `take()` had read; empty in a loop, which was given them. */
  readonly partial: readonly unknown[];
  /** Where to go on from, with `paginate(url, { from })`; undefined where no page was read. */
  readonly checkpoint: Checkpoint | undefined;
}

const NONE: readonly unknown[] = Object.freeze([]);

const brands = new WeakMap<object, symbol>();

/**
 * Marks a class of the family, so that `instanceof` holds for an error that was made by another copy of this
 * library (P13: two copies in one process are ordinary).
 */
export function brandError(errorClass: { readonly prototype: object }, name: string): void {
  const brand = Symbol.for(`chasqui.error.${name}`);
  brands.set(errorClass, brand);
  Object.defineProperty(errorClass.prototype, brand, { value: true });
  Object.defineProperty(errorClass.prototype, "name", { value: name, writable: true, configurable: true });
}

/** `error instanceof X`, by the brand of X: `this` is the class that was asked for, which inherits the method. */
function hasBrand(this: object, value: unknown): boolean {
  const brand = brands.get(this);
  // A subclass of the user's has no brand: the ordinary rule, by prototype, is the right one for it.
  if (brand === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
  return typeof value === "object" && value !== null && brand in value;
}

function describeCause(cause: unknown): Record<string, unknown> | string {
  if (!(cause instanceof Error)) return typeof cause === "string" ? cause : typeof cause;
  if (cause instanceof ChasquiError) return cause.toJSON();
  const code = "code" in cause && typeof cause.code === "string" ? { code: cause.code } : {};
  return { name: cause.name, message: cause.message, ...code };
}

/**
 * The base of every error that Chasqui throws.
 *
 * It is safe to log: neither `message`, `util.inspect` (and so `console.log`) nor `JSON.stringify` shows a secret.
 *
 * @example
 * ```ts
 * import { ChasquiError, get } from "chasqui";
 * try {
 *   await get("http://localhost:1/");
 * } catch (error) {
 *   if (error instanceof ChasquiError) console.log(error.code, error.attempts);
 * }
 * ```
 */
export abstract class ChasquiError extends Error {
  /** A constant for programs to compare with, such as `ERR_TIMEOUT`. */
  abstract readonly code: string;
  /** The request of the call, redacted; undefined where none was made yet. */
  declare readonly request: RequestSnapshot | undefined;
  /**
   * How many times a request was sent, or a connection for it was sought. 0 where nothing was: the call was refused, or it only stood in
   * line, for its turn within the limits of `throttle` or for a connection.
   */
  declare readonly attempts: number;
  /** Milliseconds from the start of the call to the error. */
  declare readonly elapsed: number;
  /** What happened in the call until then, made when it is read; undefined where nothing was under way yet. */
  declare readonly trace: Trace | undefined;
  /** One sentence that says what to do, where there is something to say. */
  declare readonly hint: string | undefined;
  /** How far a walk over pages had come that it ended; undefined of any other call. */
  declare readonly walk: WalkRead | undefined;
  /** What hooks of the caller's threw when they were told of this error; they do not hide it. Mostly empty. */
  declare readonly suppressed: readonly unknown[];

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    tellHint(this, details.hint);
    hidden(this, "request", undefined);
    hidden(this, "attempts", 0);
    hidden(this, "elapsed", 0);
    hidden(this, "suppressed", NONE);
    hidden(this, "trace", undefined);
    hidden(this, "walk", undefined);
  }

  /** What a subclass adds to the printed and the JSON form. */
  protected facts(): Record<string, unknown> {
    return {};
  }

  /** A plain object for logs: no secret, no body. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      ...this.facts(),
      request: this.request,
      attempts: this.attempts,
      elapsed: Math.round(this.elapsed),
      hint: this.hint,
      cause: this.cause === undefined ? undefined : describeCause(this.cause),
      ...(this.suppressed.length > 0 ? { suppressed: this.suppressed.map(describeCause) } : {}),
    };
  }

  /** The few lines that `console.log` prints. */
  static #print(error: ChasquiError): string {
    const lines = [error.stack ?? `${error.name}: ${error.message}`];
    const told = [error.code];
    for (const [key, value] of Object.entries(error.facts())) {
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        told.push(`${key} ${value}`);
      }
    }
    if (error.attempts > 0) told.push(`${error.attempts} ${error.attempts === 1 ? "attempt" : "attempts"}`);
    if (error.elapsed > 0) told.push(`${Math.round(error.elapsed)} ms`);
    lines.push(`  ${told.join(", ")}`);
    if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`);
    for (let cause = error.cause, depth = 0; cause !== undefined && depth < 5; depth++) {
      const told = describeCause(cause);
      lines.push(`  cause: ${typeof told === "string" ? told : `${told.name}: ${told.message}`}`);
      cause = cause instanceof Error ? cause.cause : undefined;
    }
    for (const thrown of error.suppressed) {
      const told = describeCause(thrown);
      lines.push(`  suppressed: ${typeof told === "string" ? told : `${told.name}: ${told.message}`}`);
    }
    return lines.join("\n");
  }

  static {
    printAs(ChasquiError, (error) => ChasquiError.#print(error));
  }
}
brandError(ChasquiError, "ChasquiError");
Object.defineProperty(ChasquiError, Symbol.hasInstance, { value: hasBrand });

/** A property that is there for programs and not for printers, which would copy it out whole. */
function hidden(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
}

/** Adds to an error what was thrown by code that was told of it. */
export function suppress(error: ChasquiError, thrown: unknown): void {
  if (Object.isSealed(error)) return;
  hidden(error, "suppressed", [...error.suppressed, thrown]);
}

/** Says in an error how far the walk had come that it ended. The checkpoint is made when it is read. */
export function tellWalk(
  error: unknown,
  walk: Pick<WalkRead, "pages" | "rows" | "partial">,
  checkpoint: () => Checkpoint | undefined,
): void {
  if (!(error instanceof ChasquiError)) return;
  hidden(error, "walk", {
    ...walk,
    get checkpoint() {
      return checkpoint();
    },
  });
}

/** Hands an error of a walk the rows that a list was to be made of. */
export function tellPartial(error: unknown, partial: readonly unknown[]): void {
  if (!(error instanceof ChasquiError) || error.walk === undefined) return;
  const { walk } = error;
  tellWalk(error, { pages: walk.pages, rows: walk.rows, partial }, () => walk.checkpoint);
}

/** Gives an error its hint: for all to see, since Node prints an uncaught error by its visible properties alone. */
export function tellHint(error: ChasquiError, hint: string | undefined): void {
  Object.defineProperty(error, "hint", {
    value: hint,
    writable: true,
    configurable: true,
    enumerable: hint !== undefined,
  });
}

/** Gives an error another message, in its stack too, which was made with the first one in it. */
export function retell(error: ChasquiError, message: string): void {
  const before = error.message;
  hidden(error, "message", message);
  const stack = stackOf(error);
  if (typeof stack === "string" && !stack.includes(message)) {
    error.stack = stack.replace(before, () => message);
  }
}

/** Which request it was: a log line is often all that is left of an error. */
function nameRequest(error: ChasquiError, { method, url }: RequestSnapshot): void {
  if (!error.message.includes(url)) retell(error, `${error.message} for ${method} ${url}`);
}

const attached = new WeakSet<ChasquiError>();

/**
 * Tells an error which call it came from. The first call to tell it wins: an error that a token provider's own call
 * threw keeps speaking of that one.
 */
export function attachCall(error: ChasquiError, facts: CallFacts): void {
  // What a program has sealed is thrown as it is, and not another error that says so.
  if (attached.has(error) || Object.isSealed(error)) return;
  attached.add(error);
  if (error.request === undefined) hidden(error, "request", facts.request);
  if (error.attempts === 0) hidden(error, "attempts", facts.attempts);
  if (error.elapsed === 0) hidden(error, "elapsed", facts.elapsed);
  if (error.request !== undefined) nameRequest(error, error.request);
  const { site, trace } = facts;
  if (trace !== undefined) {
    Object.defineProperty(error, "trace", { get: trace, configurable: true, enumerable: false });
  }
  if (site !== undefined) showCaller(error, site);
}

/** Gives an error the stack of who called us, and of who waits. */
export function showCaller(error: ChasquiError, site: NonNullable<CallSite>): void {
  const own = stackOf(error);
  const waits = whoWaits();
  let text: unknown;
  Object.defineProperty(error, "stack", {
    configurable: true,
    enumerable: false,
    get() {
      if (text === undefined) {
        const frames = callerFrames(site, waits);
        // A call that a walk made has no caller any more: where the error was made is better than nothing.
        text = frames.length === 0 ? own : [`${error.name}: ${error.message}`, ...frames].join("\n");
      }
      return text;
    },
    set(value: string) {
      text = value;
    },
  });
}

/**
 * The same failure, for another call to tell of: two calls that one request has failed have an error each, with a place, a time and a
 * trace of its own. One that speaks of a call already is given as it is.
 */
export function anew<E>(error: E): E {
  if (!(error instanceof ChasquiError) || attached.has(error)) return error;
  const { message } = error;
  const stack = stackOf(error);
  const copy: E & ChasquiError = Object.setPrototypeOf(new Error(message), Object.getPrototypeOf(error));
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (name !== "message" && name !== "stack") Object.defineProperty(copy, name, property);
  }
  if (typeof stack === "string") copy.stack = stack;
  return copy;
}
