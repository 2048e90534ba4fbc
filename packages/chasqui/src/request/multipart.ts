/**
 * `multipart/form-data` (RFC 7578): fields and files, read as they are sent.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { joined } from "../joined.ts";
import { type ByteSource, isBlob } from "./byte-source.ts";
import { parseContentType } from "./content-type.ts";
import { kindOf } from "./kind-of.ts";
import { addParts, type MultipartValue, type Part } from "./multipart-part.ts";
import { isIterable, type ObjectShape } from "./object-shape.ts";

export type { MultipartPart, MultipartTuple, MultipartValue } from "./multipart-part.ts";

/**
 * The parts: an object, pairs, a Map or a `FormData`. In an object an array makes one part each, and fields go before
 * files; pairs and a FormData keep their order. null and undefined are left out.
 *
 * @example
 * ```ts
 * import type { MultipartInit } from "chasqui";
 * const parts: MultipartInit = {
 *   note: "hi",
 *   photo: new File(["…"], "photo.png"),
 *   data: { content: '{"a":1}', filename: "data.json" },
 *   raw: ["raw.bin", new Uint8Array([1, 2]), "application/x-raw"],
 * };
 * ```
 */
export type MultipartInit =
  | FormData
  | Iterable<readonly [string, MultipartValue]>
  | { readonly [name: string]: MultipartValue | readonly MultipartValue[] }
  | ObjectShape;

/** A multipart body, ready to be sent. */
export interface Multipart extends ByteSource {
  /** `multipart/form-data`, or what the caller has set, with the boundary. */
  readonly contentType: string;
}

/** Below this, parts that are in memory are laid together once; above it, that would double the memory. */
const JOINED = 64 * 1024;

const encoder = new TextEncoder();
const CRLF: Uint8Array = encoder.encode("\r\n");

/**
 * Makes a multipart body. Its length is known where every part's is; one stream among them makes it chunked. It can be
 * sent again where every part can.
 *
 * @param init - The parts.
 * @param contentType - A Content-Type that the caller has set: its boundary is used, and it is given one where it has none.
 * @throws OptionsError for a name or value that no part can have, and a header that would end its line.
 * @example
 * ```ts
 * const body = makeMultipart({ note: "hi", photo: { content: new Uint8Array([1, 2]), filename: "p.png" } });
 * body.contentType; // "multipart/form-data; boundary=chasqui-…"
 * ```
 */
export function makeMultipart(init: MultipartInit, contentType?: string): Multipart {
  const given = contentType === undefined ? undefined : boundaryOf(contentType);
  // Unpredictable, so that nobody can send a file that contains it (CVE-2025-7783).
  const boundary = given ?? `chasqui-${crypto.randomUUID()}`;
  const parts: Part[] = [];
  for (const [name, value] of entriesOf(init)) addParts(parts, name, value, boundary);
  // Stored first, what a file is about can be read before the file (S3 and others demand it, #46).
  if (!isOrdered(init)) parts.sort((a, b) => Number(a.file) - Number(b.file));
  const type = contentType?.replace(/[;\s]{1,100}$/, "") ?? "multipart/form-data";
  return new PartsSource(parts, boundary, given === undefined ? `${type}; boundary=${boundary}` : type);
}

/**
 * The Content-Type that goes out with a body: what the caller has set, with the boundary where it lacked one; the body's own where
 * nothing was set.
 */
export function contentTypeFor(
  body: { readonly contentType: string | undefined },
  said: string | undefined,
): string | undefined {
  return body instanceof PartsSource ? body.contentType : (said ?? body.contentType);
}

/** The boundary of a Content-Type of the caller's; undefined where it is multipart and has none. */
function boundaryOf(contentType: string): string | undefined {
  const { type, parameters } = parseContentType(contentType);
  const boundary = parameters.get("boundary");
  if (boundary === undefined) {
    if (type.startsWith("multipart/")) return undefined;
    throw new OptionsError("headers: the content-type of a multipart body is another, and has no boundary", {
      option: "headers",
      hint: "leave content-type out: it is set, with the boundary that is used",
    });
  }
  // RFC 2046 §5.1.1.
  if (!/^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)) {
    throw new OptionsError(
      "headers: the boundary of the content-type must be 1 to 70 letters, digits and '()+_,-./:=?, or spaces within",
      { option: "headers" },
    );
  }
  return boundary;
}

/** Whether a value is a FormData, of this realm or another. */
export function isFormData(init: unknown): init is FormData {
  return Object.prototype.toString.call(init) === "[object FormData]";
}

function isOrdered(init: MultipartInit): boolean {
  return isFormData(init) || isIterable(init);
}

function* entriesOf(init: unknown): Generator<[name: string, value: unknown]> {
  if (typeof init !== "object" || init === null || isBlob(init) || ArrayBuffer.isView(init)) {
    throw new OptionsError(`multipart must be an object, pairs, a Map or FormData, not ${kindOf(init)}`, {
      option: "multipart",
      hint: "for example { note: 'hi', file: await fileFrom('photo.png') }",
    });
  }
  if (!isIterable(init)) {
    yield* Object.entries(init);
    return;
  }
  for (const pair of init) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new OptionsError(`multipart: each pair must be [name, value], not ${kindOf(pair)}`, {
        option: "multipart",
      });
    }
    const name: unknown = pair[0];
    if (typeof name !== "string") {
      throw new OptionsError(`multipart: a name must be a string, not ${kindOf(name)}`, {
        option: "multipart",
      });
    }
    yield [name, pair[1]];
  }
}

/** All parts, one behind the other. */
class PartsSource implements Multipart {
  readonly contentType: string;
  readonly length: number | undefined;
  readonly replayable: boolean;
  readonly type: undefined;
  /** Private, so that printing the body does not print what is in it. */
  readonly #content: Uint8Array | undefined;
  readonly #parts: readonly Part[];
  readonly #end: Uint8Array;

  constructor(parts: readonly Part[], boundary: string, contentType: string) {
    // A body without parts is written so by browsers, and read so by servers.
    this.#end = encoder.encode(`--${boundary}--\r\n`);
    this.#parts = parts;
    this.contentType = contentType;
    let length: number | undefined = this.#end.byteLength;
    let inMemory = true;
    let replayable = true;
    for (const { head, source } of parts) {
      if (source.length === undefined) length = undefined;
      else if (length !== undefined) length += head.byteLength + source.length + CRLF.byteLength;
      if (source.content === undefined) inMemory = false;
      if (!source.replayable) replayable = false;
    }
    this.length = length;
    this.replayable = replayable;
    this.#content = inMemory && length !== undefined && length <= JOINED ? this.#joined(length) : undefined;
  }

  get content(): Uint8Array | undefined {
    return this.#content;
  }

  #joined(length: number): Uint8Array {
    const pieces = this.#parts.flatMap(({ head, source: { content = "" } }) => [
      head,
      typeof content === "string" ? encoder.encode(content) : content,
      CRLF,
    ]);
    return joined([...pieces, this.#end], length);
  }

  /** Where every part is a Blob or in memory. The runtime reads files of its disk as it sends them. */
  asBlob(): Blob | undefined {
    const pieces: (string | Blob | Uint8Array<ArrayBuffer>)[] = [];
    for (const { head, source } of this.#parts) {
      const { content } = source;
      const part = typeof content === "object" ? new Uint8Array(content) : (content ?? source.asBlob?.());
      if (part === undefined) return undefined;
      pieces.push(new Uint8Array(head), part, "\r\n");
    }
    return new Blob([...pieces, new Uint8Array(this.#end)]);
  }

  open(taken?: () => boolean): AsyncIterable<Uint8Array> {
    // Opened here and not when their turn comes: a stream that was read before is known before a byte is sent.
    const parts = this.#parts.map(({ head, source }) => ({ head, bytes: source.open(taken) }));
    return sequence(parts, this.#end);
  }
}

async function* sequence(
  parts: readonly { readonly head: Uint8Array; readonly bytes: AsyncIterable<Uint8Array> }[],
  end: Uint8Array,
): AsyncGenerator<Uint8Array> {
  for (const { head, bytes } of parts) {
    yield head;
    yield* bytes;
    yield CRLF;
  }
  yield end;
}
