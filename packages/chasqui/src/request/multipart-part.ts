/**
 * One part of a multipart body, from whatever it was given as.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { isSecret, type Secret } from "../secret.ts";
import { type ByteInit, type ByteSource, byteSource, isBlob } from "./byte-source.ts";
import { guessContentType } from "./content-type.ts";
import { checkHeaderValue } from "./field.ts";
import { checkHeadersInit, Headers, type HeadersInit } from "./headers.ts";
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

/** A part, ready to be sent. */
export interface Part {
  /** The boundary and the headers, up to the empty line. */
  readonly head: Uint8Array;
  readonly source: ByteSource;
  /** Whether it has a file name. */
  readonly file: boolean;
}

const encoder = new TextEncoder();

/**
 * Adds the parts of one name: one, or one for each element of an array, or none for null and undefined.
 *
 * @param parts - Where they are added.
 * @param name - The name of the field.
 * @param value - What was given for it.
 * @param boundary - What stands between the parts.
 * @throws OptionsError naming the field whose value cannot be a part.
 */
export function addParts(parts: Part[], name: string, value: unknown, boundary: string): void {
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

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}

function sourceOf(name: string, content: unknown): ByteSource {
  const source = byteSource(content, optionOf(name));
  if (source !== undefined) return source;
  const plain = typeof content === "object" && content !== null;
  throw new OptionsError(`multipart: ${JSON.stringify(name.slice(0, 60))} is ${kindOf(content)}`, {
    option: optionOf(name),
    hint: isPromise(content)
      ? "await it first"
      : plain
        ? "a part is { content, filename, contentType, headers }; for JSON give { content: JSON.stringify(value), contentType: 'application/json' }"
        : "a part is a string, number, boolean, bytes, a Blob, a stream, or { content, filename, contentType, headers }",
  });
}

function filePart(name: string, facts: FileFacts, boundary: string): Part {
  const source = sourceOf(name, facts.content);
  const filename = filenameOf(name, facts);
  const headers = headersOf(name, facts.headers);
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

function headersOf(name: string, given: unknown): Headers {
  if (given === undefined || given === null) return new Headers();
  checkHeadersInit(given, `${optionOf(name)}.headers`);
  return new Headers(given);
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
