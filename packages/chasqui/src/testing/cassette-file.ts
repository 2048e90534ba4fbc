import { CallerError } from "../errors/caller-error.ts";
import type { Masking } from "./masking.ts";

/** A body as it stands in a cassette: as data where it is JSON and is written the same way again, as text, or in Base64. */
export type RecordedBody =
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly base64: string };

/** One exchange of a cassette. */
export interface Recorded {
  readonly request: {
    readonly method: string;
    /** Redacted. */
    readonly url: string;
    /** Redacted. */
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body?: RecordedBody;
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body?: RecordedBody;
  };
}

/** A file of recorded exchanges, in the order in which they ended. */
export interface CassetteFile {
  readonly format: "chasqui-cassette";
  readonly version: 1;
  readonly exchanges: readonly Recorded[];
}

/**
 * A body for a cassette, without the secrets that are known by their names, in JSON at any depth, in lines of it and in forms, or
 * because they were sent.
 *
 * @param contentType - What it is, as its headers say.
 */
export function recordBody(
  bytes: Uint8Array,
  contentType: string,
  masking: Masking,
): RecordedBody | undefined {
  if (bytes.length === 0) return undefined;
  const text = textOf(bytes);
  if (text === undefined) return { base64: toBase64(bytes) };
  if (/^application\/x-www-form-urlencoded/i.test(contentType)) return { text: masking.form(text) };
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { text: masking.text(text) };
  }
  const masked = masking.json(data);
  // What would come back otherwise (numbers beyond a double, white space) stays text; but never with a secret in it.
  return masked !== data || JSON.stringify(data) === text ? { json: masked } : { text };
}

/** The bytes that a recorded body stands for. */
export function bytesOf(body: RecordedBody | undefined): Uint8Array {
  if (body === undefined) return new Uint8Array(0);
  if ("base64" in body) return fromBase64(body.base64);
  return new TextEncoder().encode("json" in body ? JSON.stringify(body.json) : body.text);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * Reads a cassette; undefined where there is none.
 *
 * @throws {CallerError} when the file is something else.
 */
export async function readCassette(path: string): Promise<readonly Recorded[] | undefined> {
  const { readFile } = await import("node:fs/promises");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new CallerError(`The cassette ${JSON.stringify(path)} cannot be read`, { cause });
  }
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new CallerError(`The cassette ${JSON.stringify(path)} is no JSON`, { cause });
  }
  if (isCassette(file)) return file.exchanges;
  throw new CallerError(`${JSON.stringify(path)} is no cassette of a version that this Chasqui knows`, {
    hint: 'It has `"format": "chasqui-cassette"` and `"version": 1`. Delete it to record anew.',
  });
}

function isCassette(file: unknown): file is CassetteFile {
  if (typeof file !== "object" || file === null) return false;
  const { format, version, exchanges }: Partial<Record<keyof CassetteFile, unknown>> = file;
  return (
    format === "chasqui-cassette" && version === 1 && Array.isArray(exchanges) && exchanges.every(isRecorded)
  );
}

function isRecorded(value: unknown): value is Recorded {
  if (typeof value !== "object" || value === null) return false;
  const { request, response }: { request?: unknown; response?: unknown } = value;
  return (
    has(request, "method", "string") && has(request, "url", "string") && has(response, "status", "number")
  );
}

function has(value: unknown, name: string, type: string): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, name) === type;
}

/** Writes a cassette, whole or not at all. */
export async function writeCassette(path: string, exchanges: readonly Recorded[]): Promise<void> {
  const { mkdir, rename, rm, writeFile } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const file: CassetteFile = { format: "chasqui-cassette", version: 1, exchanges };
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, `${JSON.stringify(file, undefined, 2)}\n`, { flag: "wx" });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new CallerError(`The cassette ${JSON.stringify(path)} cannot be written`, { cause });
  }
}
