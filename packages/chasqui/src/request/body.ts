import { OptionsError } from "../errors/options-error.ts";
import { type ByteInit, type ByteSource, byteSource } from "./byte-source.ts";
import { FORM_TYPE, type FormInit, serializeForm } from "./form.ts";
import { stringifyJson as ourStringify } from "./json.ts";
import { kindOf } from "./kind-of.ts";
import { isFormData, type MultipartInit, makeMultipart } from "./multipart.ts";

/**
 * What `body` takes. A string and bytes are sent as they are, and without a content type; a Blob has its own;
 * `URLSearchParams` is a form and `FormData` is multipart. A stream is read once; a function that makes one can be
 * asked again, for a retry or a redirect.
 *
 * @example
 * ```ts
 * import type { BodyInit } from "chasqui";
 * const text: BodyInit = "as it is";
 * const again: BodyInit = () => ReadableStream.from([new Uint8Array([1, 2])]);
 * ```
 */
export type BodyInit = ByteInit | URLSearchParams | FormData;

/** The four ways to give a body; at most one of them. */
export interface BodyOptions {
  /** Anything that JSON can hold; null, false, 0 and "" are bodies, undefined is none. */
  readonly json?: unknown;
  /** Fields of a form. */
  readonly form?: FormInit | undefined;
  /** Fields and files. */
  readonly multipart?: MultipartInit | undefined;
  /** A body as it is. */
  readonly body?: BodyInit | undefined;
}

/**
 * The body of a request.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client();
 * const { body } = client.build("POST", "http://localhost:4010/posts", { json: { title: "hi" } });
 * console.log(body?.contentType, body?.length); // application/json 14
 * ```
 */
export interface Body {
  /** What it is, to be sent where the caller has said nothing; of a multipart body with the boundary. */
  readonly contentType: string | undefined;
  /** How many bytes; undefined where nobody knows before they are sent, and the body goes chunked. */
  readonly length: number | undefined;
  /** Whether it can be sent again: by a retry, a 307 or 308, an answer to a challenge. */
  readonly replayable: boolean;
  /** The whole of it, where it is in memory. */
  readonly content: string | Uint8Array | undefined;
  /** The whole of it as a Blob, where that needs no reading: for a transport that hands it on. */
  asBlob?(): Blob | undefined;
  /**
   * The bytes as they come, from their beginning.
   *
   * @param taken - Whether all pieces that were given so far are out of the reader's hands: then a file is read into memory that
   *   one of them had. Default: each piece has memory of its own, and may be kept.
   * @throws ConsumedBodyError where they came before and cannot come again.
   */
  open(taken?: () => boolean): AsyncIterable<Uint8Array>;
}

const WAYS = ["json", "form", "multipart", "body"] as const;

/**
 * Makes a body of the options of a call.
 *
 * @param options - The call's options; only the four ways to give a body are read, by own property (S55).
 * @param stringifyJson - Writes JSON in place of ours, and then answers for NaN and the like.
 * @param contentType - The content type that the caller has set: a multipart body takes its boundary from it.
 * @returns undefined where there is no body.
 * @throws OptionsError where there are two bodies, or one is of a type that cannot be sent.
 * @throws ConsumedBodyError where a stream was read before.
 * @example
 * ```ts
 * const body = makeBody({ json: { name: "Añu" } });
 * body?.contentType; // "application/json"
 * body?.length; // 15
 * ```
 */
export function makeBody(
  options: BodyOptions,
  stringifyJson?: ((value: unknown) => string) | undefined,
  contentType?: string | undefined,
): Body | undefined {
  let way: (typeof WAYS)[number] | undefined;
  for (const name of WAYS) {
    if (!Object.hasOwn(options, name) || options[name] === undefined) continue;
    // null is a value in JSON; of the others it means that there is none.
    if (name !== "json" && options[name] === null) continue;
    if (way !== undefined) {
      throw new OptionsError(`${way} and ${name} are both given, and a request has one body`, {
        option: name,
        hint: "fields and files go together in multipart",
      });
    }
    way = name;
  }
  switch (way) {
    case "json":
      return new SourceBody(memory(jsonText(options.json, stringifyJson), "json"), "application/json");
    case "form":
      return options.form && new SourceBody(memory(serializeForm(options.form), "form"), FORM_TYPE);
    case "multipart":
      return options.multipart && makeMultipart(options.multipart, contentType);
    case "body":
      return rawBody(options.body, contentType);
    default:
      return undefined;
  }
}

function jsonText(value: unknown, stringify: ((value: unknown) => string) | undefined): string {
  if (stringify === undefined) return ourStringify(value);
  const text: unknown = stringify(value);
  if (typeof text === "string") return text;
  throw new OptionsError(`stringifyJson must return a string, and returned ${kindOf(text)}`, {
    option: "stringifyJson",
  });
}

function memory(text: string, option: string): ByteSource {
  const source = byteSource(text, option);
  if (source === undefined) throw new OptionsError(`${option} made no text`, { option });
  return source;
}

function rawBody(body: BodyInit | undefined, contentType: string | undefined): Body {
  if (isFormData(body)) return makeMultipart(body, contentType);
  if (Object.prototype.toString.call(body) === "[object URLSearchParams]") {
    return new SourceBody(memory(String(body), "body"), FORM_TYPE);
  }
  const source = byteSource(body, "body");
  if (source !== undefined) return new SourceBody(source, source.type);
  throw new OptionsError(
    `body must be a string, bytes, a Blob, FormData, URLSearchParams, a stream, or a function that makes one, not ${kindOf(body)}`,
    { option: "body", hint: "data goes into json or form" },
  );
}

/** A source and what it is. */
class SourceBody implements Body {
  readonly contentType: string | undefined;
  readonly #source: ByteSource;

  constructor(source: ByteSource, contentType: string | undefined) {
    this.#source = source;
    this.contentType = contentType;
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  get replayable(): boolean {
    return this.#source.replayable;
  }

  get content(): string | Uint8Array | undefined {
    return this.#source.content;
  }

  asBlob(): Blob | undefined {
    return this.#source.asBlob?.();
  }

  open(taken?: () => boolean): AsyncIterable<Uint8Array> {
    return this.#source.open(taken);
  }
}
