import { isUnsafe } from "../cache/invalidation.ts";
import { AbortError } from "../errors/abort-error.ts";
import { anew } from "../errors/chasqui-error.ts";
import type { Request } from "../request/request.ts";
import type { Settings } from "../request/settings.ts";
import { ownedBy, type Response } from "../response/response.ts";
import { apart, takeOver } from "./apart.ts";
import type { CallContext } from "./call-context.ts";
import { identityAt } from "./identity.ts";
import type { Handler, Stage } from "./stage.ts";

/** What becomes of the answer once it is there: each call has its own say in that. */
const NOT_OF_THE_REQUEST: ReadonlySet<string> = new Set<keyof Settings>([
  "auth",
  "dedupe",
  "encoding",
  "maxRecord",
  "parseJson",
  "raise",
  "signal",
  "stack",
  "stream",
  "stringifyJson",
  "timeouts",
]);

/** Settings that are read anew for each call that has them, and are plain data. */
const POLICIES: ReadonlySet<string> = new Set<keyof Settings>([
  "cache",
  "idempotencyKey",
  "redirect",
  "retry",
  "throttle",
]);

/** One request for several calls, which ends when the last of them has left. */
class Flight {
  readonly context: CallContext;
  readonly #response: Promise<Response>;
  readonly #over: () => void;
  #aboard = 0;

  /** @param over - Told when nobody may come aboard any more. */
  constructor(request: Request, context: CallContext, next: Handler, over: (flight: Flight) => void) {
    this.context = context;
    this.#response = next(request, context);
    this.#over = () => over(this);
    // Whoever is aboard hears of a failure; where all have left nobody does.
    this.#response.then(this.#over, this.#over);
  }

  /** Waits for the answer, unless the call is given up first. */
  async join(call: CallContext): Promise<Response> {
    const { deadline } = this.context;
    // A retry that none of them would live to see is none (#160).
    this.context.deadline = this.#aboard === 0 ? call.deadline : Math.max(deadline, call.deadline);
    this.#aboard++;
    const left = Promise.withResolvers<never>();
    const unlisten = call.onCancel(left.reject);
    const answer = this.#response.catch((error: unknown) => {
      throw anew(error);
    });
    try {
      return await Promise.race([answer, left.promise]);
    } finally {
      unlisten();
      this.#aboard--;
      if (this.#aboard === 0) {
        this.#over();
        this.context.cancel(new AbortError("All calls that waited for it were given up"));
      }
    }
  }
}

/** Calls of one client that ask for the same at the same time are answered by one request. */
export function dedupe(): Stage {
  const flights = new Map<string, Flight>();
  return (next) => async (request, context) => {
    if (isUnsafe(request.method)) {
      try {
        return await next(request, context);
      } finally {
        // Who asks after a change is not to be told how it was before.
        flights.clear();
      }
    }
    const key = keyOf(request, context);
    if (key === undefined) return next(request, context);
    const from = context.clock.now();
    const before = flights.get(key);
    const flight =
      before ??
      new Flight(request, apart(context), next, (over) => {
        if (flights.get(key) === over) flights.delete(key);
      });
    flights.set(key, flight);
    try {
      return ownedBy(await flight.join(context), context);
    } finally {
      takeOver(context, flight.context);
      if (before !== undefined) context.note("dedupe", "waited for the same request of another call", from);
    }
  };
}

/**
 * What two calls must have in common to be answered by one request: all of the request, who asks, and whatever else says how it
 * is made. Undefined where it is not to be shared.
 */
function keyOf(request: Request, context: CallContext): string | undefined {
  const { settings, timeouts, counting, transfer, streamed } = context;
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  if (streamed || counting !== undefined || transfer !== undefined || request.body !== undefined)
    return undefined;
  const identity = identityAt(request, context);
  if (identity === undefined) return undefined;
  const { connect, queue, headers, idle, attempt } = timeouts;
  const made = Object.entries(settings)
    .filter(([name]) => !NOT_OF_THE_REQUEST.has(name))
    .map(([name, value]) => [name, POLICIES.has(name) ? partsOf(value) : nameOf(value)]);
  return JSON.stringify([
    request.method,
    request.origin,
    request.wireTarget(),
    [...request.headers].filter(([name]) => name.toLowerCase() !== settings.log?.header),
    identity,
    [connect, queue, headers, idle, attempt],
    made,
  ]);
}

const numbers = new WeakMap<object, number>();
let given = 0;

/** A policy is equal to another whose parts are equal. */
function partsOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return nameOf(value);
  if (Array.isArray(value)) return value.map(partsOf);
  if (Object.getPrototypeOf(value) !== Object.prototype) return nameOf(value);
  return Object.entries(value).map(([name, part]) => [name, partsOf(part)]);
}

/** Hooks, loggers and stores are the same where they are the same object. */
function nameOf(value: unknown): unknown {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return value ?? null;
  let number = numbers.get(value);
  if (number === undefined) {
    number = ++given;
    numbers.set(value, number);
  }
  return `#${number}`;
}
