/**
 * `multipart/form-data` (RFC 7578): fields and files, read as they are sent.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { isSecret, type Secret } from "../secret.ts";
import { type ByteInit, type ByteSource, byteSource, isBlob } from "./byte-source.ts";
import { guessContentType, parseContentType } from "./content-type.ts";
import { checkHeaderValue, Headers, type HeadersInit } from "./headers.ts";
import { kindOf } from "./kind-of.ts";

/** A part with everything said about it. */
export interface MultipartPart {
  /** What the part holds. */
  readonly content: ByteInit;
  /** The file's name; null for none. Default: a File's own, `blob` for other bytes, none for a string. */
  readonly filename?: string | null | undefined;
  /** Default: a Blob's own, else guessed from the file's name; none where there is no file name. */
  readonly contentType?: string | undefined;
  /** Further headers of the part. A Content-Type here beats `contentType`. */
  readonly headers?: HeadersInit | undefined;
}

/**
 * A file as requests writes it. The content is bytes, a Blob, a stream or a function; a file whose content is a string
 * is written as a {@link MultipartPart}, because a list of strings is a field with several values.
 */
export type MultipartTuple = readonly [
  filename: string | null,
  content: ByteInit,
  contentType?: string | undefined,
  headers?: HeadersInit | undefined,
];

/** One value of a part: a field's, or a file. */
export type MultipartValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Secret
  | null
  | undefined
  | ByteInit
  | MultipartPart
  | MultipartTuple;

/**
 * The parts: an object, pairs, a Map or a `FormData`. In an object an array makes one part each, and fields go before
 * files; pairs and a FormData keep their order. null and undefined are left out.
 */
export type MultipartInit =
  | FormData
  | Iterable<readonly [string, MultipartValue]>
  | { readonly [name: string]: MultipartValue | readonly MultipartValue[] };

/** A multipart body, ready to be sent. */
export interface Multipart extends ByteSource {
  /** `multipart/form-data` with the boundary. */
  readonly contentType: string;
}

/** Below this, parts that are in memory are laid together once; above it, that would double the memory. */
const JOINED = 64 * 1024;

interface Part {
  readonly head: Uint8Array;
  readonly source: ByteSource;
  readonly file: boolean;
}

const encoder = new TextEncoder();
const CRLF: Uint8Array = encoder.encode("\r\n");

/**
 * Makes a multipart body. Its length is known where every part's is; one stream among them makes it chunked. It can be
 * sent again where every part can.
 *
 * @param init - The parts.
 * @param contentType - A Content-Type that the caller has set: its boundary is used.
 * @throws OptionsError for a name or value that no part can have, and a header that would end its line.
 * @example
 * ```ts
 * const body = makeMultipart({ note: "hi", photo: { content: new Uint8Array([1, 2]), filename: "p.png" } });
 * body.contentType; // "multipart/form-data; boundary=chasqui-…"
 * ```
 */
export function makeMultipart(init: MultipartInit, contentType?: string): Multipart {
  const boundary = boundaryOf(contentType);
  const parts: Part[] = [];
  for (const [name, value] of entriesOf(init)) addParts(parts, name, value, boundary);
  // Stored first, what a file is about can be read before the file (S3 and others demand it, #46).
  if (!isOrdered(init)) parts.sort((a, b) => Number(a.file) - Number(b.file));
  return new PartsSource(parts, boundary);
}

/** Unpredictable, so that nobody can send a file that contains it (CVE-2025-7783). */
function boundaryOf(contentType: string | undefined): string {
  if (contentType === undefined) return `chasqui-${crypto.randomUUID()}`;
  const boundary = parseContentType(contentType).parameters.get("boundary");
  if (boundary === undefined) {
    throw new OptionsError("headers: the content-type of a multipart body has no boundary", {
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

function isFormData(init: object): boolean {
  return Object.prototype.toString.call(init) === "[object FormData]";
}

function isIterable(init: object): init is Iterable<unknown> {
  return Symbol.iterator in init && typeof init[Symbol.iterator] === "function";
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

function addParts(parts: Part[], name: string, value: unknown, boundary: string): void {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value)) parts.push(partOf(name, value, boundary));
  else if (isTuple(value, name)) parts.push(tuplePart(name, value, boundary));
  else for (const one of value) addParts(parts, name, one, boundary);
}

/** Bytes or a stream in second place, or headers in fourth: no list of values looks like that. */
function isTuple(value: readonly unknown[], name: string): boolean {
  const [filename, content, type] = value;
  if (value.length < 2 || value.length > 4 || (typeof filename !== "string" && filename !== null))
    return false;
  if (typeof content === "function" || (typeof content === "object" && byteSource(content, optionOf(name))))
    return true;
  if (value.length === 4 && typeof content === "string" && typeof value[3] === "object") return true;
  if (
    value.length === 3 &&
    typeof content === "string" &&
    typeof type === "string" &&
    MEDIA_TYPE.test(type)
  ) {
    // Three values or a file? Either guess would be silently wrong for somebody.
    throw new OptionsError(
      `multipart: ${JSON.stringify(name)} may be three values, or a file with its type`,
      {
        option: optionOf(name),
        hint: "give a file as { filename, content, contentType }, and values as pairs",
      },
    );
  }
  return false;
}

const MEDIA_TYPE = /^(?:application|audio|example|font|image|message|model|multipart|text|video)\/\S/;

function optionOf(name: string): string {
  return `multipart.${name.slice(0, 40)}`;
}

function tuplePart(name: string, tuple: readonly unknown[], boundary: string): Part {
  const [filename, content, contentType, headers] = tuple;
  return filePart(name, { filename, content, contentType, headers }, boundary);
}

interface FileFacts {
  readonly filename: unknown;
  readonly content: unknown;
  readonly contentType: unknown;
  readonly headers: unknown;
}

function partOf(name: string, value: unknown, boundary: string): Part {
  const text = fieldText(name, value);
  if (text !== undefined) {
    return {
      head: headOf(name, undefined, undefined, undefined, boundary),
      source: sourceOf(name, text),
      file: false,
    };
  }
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "content")) {
    // Own properties only (S55).
    const own = (key: string): unknown => (Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined);
    const facts = {
      filename: own("filename"),
      content: own("content"),
      contentType: own("contentType"),
      headers: own("headers"),
    };
    return filePart(name, facts, boundary);
  }
  return filePart(
    name,
    { filename: undefined, content: value, contentType: undefined, headers: undefined },
    boundary,
  );
}

function fieldText(name: string, value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (isSecret(value)) return value.reveal();
  const nothing =
    typeof value === "number"
      ? !Number.isFinite(value)
      : value instanceof Date && Number.isNaN(value.getTime());
  if (nothing) {
    throw new OptionsError(
      `multipart: ${JSON.stringify(name)} is ${value instanceof Date ? "an invalid Date" : value}`,
      {
        option: optionOf(name),
      },
    );
  }
  if (typeof value === "number") return String(value);
  return value instanceof Date ? value.toISOString() : undefined;
}

function sourceOf(name: string, content: unknown): ByteSource {
  const source = byteSource(content, optionOf(name));
  if (source !== undefined) return source;
  const plain = typeof content === "object" && content !== null;
  throw new OptionsError(`multipart: ${JSON.stringify(name.slice(0, 60))} is ${kindOf(content)}`, {
    option: optionOf(name),
    hint: plain
      ? "for JSON give { content: JSON.stringify(value), contentType: 'application/json' }"
      : "a part is a string, number, boolean, bytes, a Blob, a stream, or { content, filename, contentType, headers }",
  });
}

function filePart(name: string, facts: FileFacts, boundary: string): Part {
  const source = sourceOf(name, facts.content);
  const filename = filenameOf(name, facts);
  const headers = new Headers(facts.headers === undefined ? undefined : (facts.headers as HeadersInit));
  if (headers.has("content-disposition")) {
    throw new OptionsError(
      `multipart: ${JSON.stringify(name)} sets content-disposition, which is made of name and filename`,
      {
        option: `${optionOf(name)}.headers`,
      },
    );
  }
  let type: string | undefined;
  if (!headers.has("content-type")) {
    const said = facts.contentType ?? source.type;
    // A line break in a type would start a header of its own, a Blob's too (CVE-2026-34514, GHSA-445q-vr5w-6q77).
    if (said !== undefined && said !== "") type = checkHeaderValue("content-type", said, optionOf(name));
    else if (filename !== undefined) type = guessContentType(filename);
  }
  return { head: headOf(name, filename, type, headers, boundary), source, file: filename !== undefined };
}

function filenameOf(name: string, { filename, content }: FileFacts): string | undefined {
  if (typeof filename === "string") return filename;
  if (filename === null) return undefined;
  if (filename !== undefined) {
    throw new OptionsError(
      `multipart: the filename of ${JSON.stringify(name)} must be a string or null, not ${kindOf(filename)}`,
      {
        option: `${optionOf(name)}.filename`,
      },
    );
  }
  if (typeof content === "string") return undefined;
  if (typeof content === "object" && content !== null) {
    // A File has a name; a Node stream of a file knows its path.
    if ("name" in content && isBlob(content) && typeof content.name === "string") return content.name;
    if ("path" in content && typeof content.path === "string") return content.path.split(/[/\\]/).at(-1);
  }
  // What a FormData calls bytes without a name (XMLHttpRequest §5).
  return "blob";
}

/**
 * The head of a part. Names are raw UTF-8 in quotes; `filename*` must not be used (RFC 7578 §4.2). Quotes and line
 * breaks are escaped as WHATWG HTML §4.10.21.8 does, and nothing besides (CVE-2026-12143).
 */
function headOf(
  name: string,
  filename: string | undefined,
  type: string | undefined,
  headers: Headers | undefined,
  boundary: string,
): Uint8Array {
  let head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`;
  if (filename !== undefined) head += `; filename="${escaped(filename)}"`;
  if (type !== undefined) head += `\r\nContent-Type: ${type}`;
  if (headers !== undefined) for (const [key, value] of headers) head += `\r\n${key}: ${value}`;
  return encoder.encode(`${head}\r\n\r\n`);
}

function escaped(text: string): string {
  return text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** All parts, one behind the other. */
class PartsSource implements Multipart {
  readonly contentType: string;
  readonly length: number | undefined;
  readonly replayable: boolean;
  readonly content: Uint8Array | undefined;
  readonly type = undefined;
  readonly #parts: readonly Part[];
  readonly #end: Uint8Array;

  constructor(parts: readonly Part[], boundary: string) {
    // A body without parts is written so by browsers, and read so by servers.
    this.#end = encoder.encode(`--${boundary}--\r\n`);
    this.#parts = parts;
    this.contentType = `multipart/form-data; boundary=${/^[\w'+.-]+$/.test(boundary) ? boundary : `"${boundary}"`}`;
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
    this.content = inMemory && length !== undefined && length <= JOINED ? this.#joined(length) : undefined;
  }

  #joined(length: number): Uint8Array {
    const all = new Uint8Array(length);
    let at = 0;
    const add = (bytes: Uint8Array): void => {
      all.set(bytes, at);
      at += bytes.byteLength;
    };
    for (const { head, source } of this.#parts) {
      add(head);
      if (source.content instanceof Uint8Array) add(source.content);
      add(CRLF);
    }
    add(this.#end);
    return all;
  }

  open(): AsyncIterable<Uint8Array> {
    // Opened here and not when their turn comes: a stream that was read before is known before a byte is sent.
    const parts = this.#parts.map(({ head, source }) => ({ head, bytes: source.open() }));
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
