import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { ConsumedBodyError } from "../errors/consumed-body-error.ts";
import { joined } from "../joined.ts";
import { inMemory } from "./body-memory.ts";
import type { ResponseOwner } from "./response-parts.ts";
import { onePiece, TakenBody, webStream } from "./taken-body.ts";

/**
 * The body of a response that is read as it comes: it is taken once, and frees its connection when it has been read or is
 * left. Read whole it is kept, and can be read again.
 */
export class StreamedBody {
  /** What was read ahead for an `HttpError`; the stream gives it once more. */
  readonly beginning: Uint8Array | undefined;
  readonly #stream: AsyncIterable<Uint8Array>;
  readonly #owner: ResponseOwner;
  #used: "no" | "yes" | "closed" = "no";
  #taken: TakenBody | undefined;
  #web: ReadableStream<Uint8Array> | undefined;
  #collecting: Promise<Uint8Array> | undefined;
  #bytes: Uint8Array | undefined;
  #elapsed: number | undefined;

  constructor(stream: AsyncIterable<Uint8Array>, beginning: Uint8Array | undefined, owner: ResponseOwner) {
    this.beginning = beginning;
    this.#stream = stream;
    this.#owner = owner;
  }

  /** Whether it has been taken or closed. */
  get used(): boolean {
    return this.#used !== "no";
  }

  /** All of it; undefined while it has not been read whole. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes;
  }

  /** Milliseconds from the start of the call until nothing more of it was to be read; undefined until then. */
  get elapsed(): number | undefined {
    return this.#elapsed;
  }

  /**
   * What has been read; of a body of which nothing was, there is no telling what it is (#122).
   *
   * @throws {ConsumedBodyError} where nothing was.
   */
  get read(): Uint8Array {
    const read = this.#bytes ?? this.beginning;
    if (read !== undefined) return read;
    throw this.#owner.adopt(
      new ConsumedBodyError("The streamed body has not been read whole, and can be had only as it comes", {
        hint: "Await text(), json() or bytes(), which read it.",
      }),
    );
  }

  /** Always the same one, which takes the body when it is first read. */
  get web(): ReadableStream<Uint8Array> {
    this.#web ??= webStream(() => this.chunks()[Symbol.asyncIterator]());
    return this.#web;
  }

  /**
   * The pieces: taken at once, so that a second taker is told so at the place of its own mistake.
   *
   * @throws {ConsumedBodyError} when the body was taken before, and is not kept.
   */
  chunks(): AsyncIterableIterator<Uint8Array, undefined> {
    if (this.#bytes !== undefined) return onePiece(this.#bytes);
    if (this.#used !== "no") {
      const how = this.#used === "closed" ? "was closed" : "has been read";
      throw this.#owner.adopt(
        new ConsumedBodyError(`The streamed body ${how}, and can be read once`, {
          hint: "`await get(url)`, without `stream: true`, gives a response whose body can be read again.",
        }),
      );
    }
    this.#used = "yes";
    return this.#take();
  }

  /** Reads all of it, once for all who ask. */
  whole(): Promise<Uint8Array> {
    this.#collecting ??= this.#readAll();
    return this.#collecting;
  }

  /** Gives the connection back without reading the rest. */
  async close(): Promise<void> {
    if (this.#bytes !== undefined || this.#closed()) return;
    const taken = this.#taken ?? this.#take();
    this.#used = "closed";
    await taken.return();
  }

  async #readAll(): Promise<Uint8Array> {
    const { maxBytes } = this.#owner;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.chunks()) {
      size += chunk.length;
      if (size > maxBytes) throw this.#owner.adopt(new BodyTooLargeError(maxBytes));
      chunks.push(chunk);
    }
    // Closing ends the pieces as their end would: what has come is not the whole.
    if (this.#closed())
      throw this.#owner.adopt(new ConsumedBodyError("The response was closed while it was read"));
    try {
      this.#bytes = inMemory(size, () => joined(chunks, size));
      return this.#bytes;
    } catch (error) {
      throw this.#owner.adopt(error);
    }
  }

  #closed(): boolean {
    return this.#used === "closed";
  }

  #take(): TakenBody {
    const owner = this.#owner;
    const over = (): void => {
      this.#elapsed = owner.elapsed();
      owner.settle();
    };
    this.#taken = new TakenBody(this.#stream[Symbol.asyncIterator](), over, (error) => owner.adopt(error));
    return this.#taken;
  }
}
