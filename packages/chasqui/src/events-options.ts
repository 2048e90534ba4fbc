import { type Duration, milliseconds } from "./duration.ts";
import { unknownField, wrongValue } from "./request/wrong-option.ts";

/** How a stream of events is connected again after it has ended or broken. */
export interface ReconnectOptions {
  /**
   * How often in a row it is tried. An event, or a connection that stood for ten seconds, begins the count anew. Default 10.
   */
  readonly attempts?: number | undefined;
  /**
   * The first wait at most, drawn from 0, doubling with each attempt; the server's `retry` comes before it, but after a connection that
   * stood for less than ten seconds it is not believed below this, or below 1 s where this is more. Default 1 s.
   */
  readonly delay?: Duration | undefined;
  /** The longest wait; a longer one that the server's `retry` asks for is cut to it. Default 5 min. */
  readonly maxDelay?: Duration | undefined;
}

/** The options of `call.events()`. */
export interface EventsOptions {
  /**
   * Whether it goes on after a drop, at the last event that came (`Last-Event-ID`). Default: a GET does, unless `retry` is
   * false; another method only where it is asked to, and where its body can be sent again.
   */
  readonly reconnect?: boolean | ReconnectOptions | undefined;
  /** The id of the last event that was seen before, to go on after it. */
  readonly lastEventId?: string | undefined;
}

/** The options, checked. */
export interface Reconnecting {
  /** Whether the caller wants it; undefined where nothing was said. */
  readonly asked: boolean | undefined;
  readonly attempts: number;
  /** Milliseconds. */
  readonly delay: number;
  /** Milliseconds. */
  readonly maxDelay: number;
  readonly lastEventId: string;
}

/**
 * Reads the options, by own property only (S55).
 *
 * @throws {OptionsError} when an option does not exist or has a bad value.
 */
export function readEventsOptions(options: EventsOptions | undefined): Reconnecting {
  const given = own(options === undefined ? {} : options, ["reconnect", "lastEventId"], "events");
  const { reconnect, lastEventId = "" } = given;
  if (typeof lastEventId !== "string") throw wrongValue("events.lastEventId", lastEventId, "a string");
  const how = typeof reconnect === "boolean" || reconnect === undefined ? {} : reconnect;
  const { attempts = 10, delay, maxDelay } = own(how, ["attempts", "delay", "maxDelay"], "events.reconnect");
  if (
    typeof attempts !== "number" ||
    !(attempts === Number.POSITIVE_INFINITY || Number.isInteger(attempts)) ||
    attempts < 1
  ) {
    throw wrongValue("events.reconnect.attempts", attempts, "a number of attempts, 1 or more, or Infinity");
  }
  return {
    asked: reconnect === undefined ? undefined : reconnect !== false,
    attempts,
    delay: delay === undefined ? 1000 : wait(delay, "events.reconnect.delay"),
    maxDelay: maxDelay === undefined ? 300_000 : wait(maxDelay, "events.reconnect.maxDelay"),
    lastEventId,
  };
}

function own<const Name extends string>(
  given: unknown,
  names: readonly Name[],
  option: string,
): Partial<Record<Name, unknown>> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw wrongValue(option, given, option === "events" ? "an object" : "true, false, or an object");
  }
  const read: Partial<Record<Name, unknown>> = Object.create(null);
  for (const [key, value] of Object.entries(given)) {
    const name = names.find((known) => known === key);
    if (name === undefined) throw unknownField(option, key, names);
    read[name] = value;
  }
  return read;
}

/** Unlike a timeout, a wait may be 0. */
function wait(given: unknown, option: string): number {
  return given === 0 ? 0 : milliseconds(given, option);
}
