import { AbortError } from "../errors/abort-error.ts";
import type { Request } from "../request/request.ts";
import type { Settings } from "../request/settings.ts";
import { ownedBy, type Response } from "../response/response.ts";
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

/** One request for several calls, which ends when the last of them has left. */
class Flight {
  readonly context: CallContext;
  readonly #response: Promise<Response>;
  #aboard = 0;

  constructor(request: Request, context: CallContext, next: Handler) {
    this.context = context;
    this.#response = next(request, context);
    // Whoever is aboard hears of it; where all have left nobody does.
    this.#response.catch(() => {});
  }

  /** Waits for the answer, unless the call is given up first. */
  async join(call: CallContext): Promise<Response> {
    this.#aboard++;
    const left = Promise.withResolvers<never>();
    const unlisten = call.onCancel(left.reject);
    try {
      return await Promise.race([this.#response, left.promise]);
    } finally {
      unlisten();
      this.#aboard--;
      if (this.#aboard === 0)
        this.context.cancel(new AbortError("All calls that waited for it were given up"));
    }
  }

  /** Whether nobody waits for it any more: who comes now asks anew. */
  get abandoned(): boolean {
    return this.#aboard === 0;
  }
}

/** Calls of one client that ask for the same at the same time are answered by one request. */
export function dedupe(): Stage {
  const flights = new Map<string, Flight>();
  return (next) => async (request, context) => {
    const key = keyOf(request, context);
    if (key === undefined) return next(request, context);
    let flight = flights.get(key);
    const joined = flight !== undefined && !flight.abandoned;
    const from = context.clock.now();
    if (flight === undefined || flight.abandoned) {
      flight = new Flight(request, context.apart(), next);
      flights.set(key, flight);
    }
    try {
      return ownedBy(await flight.join(context), context);
    } finally {
      if (flights.get(key) === flight) flights.delete(key);
      context.joined(flight.context);
      if (joined) context.note("dedupe", "waited for the same request of another call", from);
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
    .map(([name, value]) => [name, nameOf(value)]);
  return JSON.stringify([
    request.method,
    request.origin,
    request.wireTarget(),
    request.headers.flat,
    identity,
    [connect, queue, headers, idle, attempt],
    made,
  ]);
}

const numbers = new WeakMap<object, number>();
let given = 0;

/** Policies, hooks and loggers are the same where they are the same object. */
function nameOf(value: unknown): unknown {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return value ?? null;
  let number = numbers.get(value);
  if (number === undefined) {
    number = ++given;
    numbers.set(value, number);
  }
  return `#${number}`;
}
