import type { StandardSchemaV1 } from "@standard-schema/spec";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { DecodeError } from "../errors/decode-error.ts";
import { printable } from "../request/redact.ts";
import { LineSplitter, streamDecoder, utf8Length } from "./lines.ts";
import { type Cutter, Records } from "./records.ts";
import { validate } from "./schema.ts";
import type { Decoder } from "./text.ts";

/** What an event asks of the response that it came with. */
interface EventOwner {
  readonly parseJson?: ((text: string) => unknown) | undefined;
  readonly adopt?: (<E>(error: E) => E) | undefined;
}

/**
 * An event of a stream (HTML standard 9.2).
 *
 * @example
 * ```ts
 * import { get } from "chasqui";
 * const events = get("http://localhost:4010/stream/events", { params: { n: 2 } }).events({ reconnect: false });
 * for await (const event of events) {
 *   const post = await event.json<{ title: string }>();
 *   console.log(event.event, event.id, post.title);
 * }
 * ```
 */
export class ServerSentEvent {
  /** What kind of event it is; `"message"` where the server does not say. */
  readonly event: string;
  /** The data; several `data` lines are joined by `\n`. */
  readonly data: string;
  /** The last event id that the server gave, with this event or before it; empty where there was none. */
  readonly id: string;
  readonly #owner: EventOwner;

  constructor(event: string, data: string, id: string, owner: EventOwner = {}) {
    this.event = event;
    this.data = data;
    this.id = id;
    this.#owner = owner;
  }

  /**
   * The data as JSON, checked by a Standard Schema where one is given.
   *
   * @throws {DecodeError} when they are not JSON. It does not quote them.
   * @throws {ValidationError} when they do not match the schema.
   */
  json<S extends StandardSchemaV1>(schema: S): Promise<StandardSchemaV1.InferOutput<S>>;
  json<T = unknown>(): Promise<T>;
  async json(schema?: StandardSchemaV1): Promise<unknown> {
    const { parseJson = JSON.parse, adopt } = this.#owner;
    try {
      let value: unknown;
      try {
        value = parseJson(this.data);
      } catch (error) {
        throw new DecodeError(`The data of an event are not JSON (${this.data.length} characters)`, {
          ...(error instanceof SyntaxError ? {} : { cause: error }),
          text: this.data,
        });
      }
      return schema === undefined ? value : await validate(schema, value);
    } catch (error) {
      throw adopt?.(error) ?? error;
    }
  }
}

/** What a stream of events has said of itself, for whoever connects again. */
export interface EventState {
  /** Empty where there is none. */
  lastEventId: string;
  /** Milliseconds to wait before connecting again, where the server has said so. */
  retry: number | undefined;
}

/** How events are read. */
export interface EventsReading extends EventOwner {
  /** The most bytes of a line, and of the data of an event. */
  readonly maxRecord: number;
  readonly status: number;
  readonly contentType: string | undefined;
  /** Kept up to date while events are read. */
  readonly state?: EventState | undefined;
}

/**
 * The events of a body, as they come: the algorithm of the HTML standard, 9.2.6. The text is UTF-8, whatever the content
 * type says; an event that the body ends in the middle of is discarded.
 *
 * @throws {DecodeError} when the content type is not `text/event-stream`.
 * @throws {BodyTooLargeError} with `what` "record" when a line, or the data of an event, are longer than `maxRecord`.
 */
export function events(
  chunks: AsyncIterableIterator<Uint8Array, undefined>,
  reading: EventsReading,
): Records<ServerSentEvent> {
  const { status, contentType, adopt } = reading;
  // No content (RFC 9110 15.3.5): to an event source, the end.
  if (status !== 204 && !isEventStream(contentType)) {
    void chunks.return?.();
    const what =
      contentType === undefined ? "has no content type" : `is ${printable(contentType.slice(0, 100))}`;
    const error = new DecodeError(`The ${status} response ${what}, not text/event-stream`, {
      hint: "Read it with json(), text() or lines(), or ask an address that sends events.",
    });
    throw adopt?.(error) ?? error;
  }
  return new Records(chunks, new EventCutter(reading), adopt);
}

function isEventStream(contentType: string | undefined): boolean {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() === "text/event-stream";
}

class EventCutter implements Cutter<ServerSentEvent> {
  readonly #decoder: Decoder = streamDecoder("utf-8");
  readonly #splitter: LineSplitter;
  readonly #parser: EventParser;

  constructor(reading: EventsReading) {
    this.#splitter = new LineSplitter(reading.maxRecord);
    this.#parser = new EventParser(reading);
  }

  get failure(): BodyTooLargeError | undefined {
    return this.#parser.failure ?? this.#splitter.failure;
  }

  push(bytes: Uint8Array): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    for (const line of this.#splitter.push(this.#decoder.decode(bytes, { stream: true }))) {
      const event = this.#parser.take(line);
      if (event !== undefined) events.push(event);
      if (this.#parser.failure !== undefined) break;
    }
    return events;
  }

  /** What is not ended by a blank line is no event. */
  end(): ServerSentEvent[] {
    return [];
  }
}

/** Makes events out of lines: "interpreting an event stream" of the HTML standard. */
class EventParser {
  readonly #reading: EventsReading;
  readonly #state: EventState;
  #data: string[] = [];
  #size = 0;
  #type = "";
  #id: string;
  failure: BodyTooLargeError | undefined;

  constructor(reading: EventsReading) {
    this.#reading = reading;
    this.#state = reading.state ?? { lastEventId: "", retry: undefined };
    this.#id = this.#state.lastEventId;
  }

  /** The event that a blank line completes, where there is one. */
  take(line: string): ServerSentEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const from = colon < 0 ? line.length : line[colon + 1] === " " ? colon + 2 : colon + 1;
    this.#field(field, line.slice(from));
    return undefined;
  }

  #field(name: string, value: string): void {
    if (name === "data") {
      this.#size += utf8Length(value) + 1;
      const { maxRecord } = this.#reading;
      // The last line feed is not of the data.
      if (this.#size - 1 > maxRecord) this.failure = new BodyTooLargeError(maxRecord, "record");
      else this.#data.push(value);
    } else if (name === "event") this.#type = value;
    else if (name === "id") {
      if (!value.includes("\0")) this.#id = value;
    } else if (name === "retry" && /^[0-9]+$/.test(value)) this.#state.retry = Number(value);
  }

  #dispatch(): ServerSentEvent | undefined {
    // Also where there are no data: an id alone is remembered, and no event.
    this.#state.lastEventId = this.#id;
    const data = this.#data;
    const type = this.#type;
    this.#data = [];
    this.#size = 0;
    this.#type = "";
    if (data.length === 0) return undefined;
    return new ServerSentEvent(type === "" ? "message" : type, data.join("\n"), this.#id, this.#reading);
  }
}
