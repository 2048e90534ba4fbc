import { Refusal } from "../refusal.ts";
import { isRow, type Row } from "../rows/row.ts";
import { isTooDeep } from "./depth.ts";

/** The most bytes of a body that is read into a row. */
const LONGEST_BODY = 10 * 1024 * 1024;

/**
 * The bytes of a request's body, or of what brings it instead.
 *
 * @throws {Refusal} 413 beyond `limit` bytes.
 */
export async function readBytes(
  request: Request,
  limit: number = LONGEST_BODY,
  source: AsyncIterable<Uint8Array> | null = request.body,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLong = () => new Refusal(413, `a body may have at most ${limit.toLocaleString("en")} bytes`);
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLong();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLong();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The media type of a body, in lower case and without parameters. */
export function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/**
 * The fields that a body brings: a JSON object, a form, or the text fields of a multipart form. A body of another type has
 * none, as in the original.
 *
 * @throws {Refusal} 400 for JSON that is malformed or not an object, 413 for too much of it.
 */
export async function readFields(request: Request): Promise<Row> {
  const bytes = await readBytes(request);
  const type = mediaType(request);
  if (bytes.length === 0) return {};
  if (type === "application/json" || type.endsWith("+json"))
    return parseObject(new TextDecoder().decode(bytes));
  if (type === "application/x-www-form-urlencoded")
    return gather(new URLSearchParams(new TextDecoder().decode(bytes)));
  if (type === "multipart/form-data") return gather(await parseMultipart(request, bytes));
  return {};
}

function parseObject(text: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRow(value)) throw new Refusal(400, "the body must be a JSON object");
  if (isTooDeep(value)) throw new Refusal(400, "the body is nested too deeply");
  return value;
}

/**
 * Reads the parts of a multipart body.
 *
 * @throws {Refusal} 400 when it is malformed.
 */
export async function parseMultipart(request: Request, bytes: Uint8Array<ArrayBuffer>): Promise<FormData> {
  try {
    return await new Response(bytes, {
      headers: { "Content-Type": request.headers.get("content-type") ?? "" },
    }).formData();
  } catch {
    throw new Refusal(400, "the body is not the multipart form that its Content-Type says");
  }
}

/** The most fields of one form: each costs many times its two bytes, and the loop that gathers them waits for nobody. */
const MOST_FIELDS = 10_000;

/**
 * The text fields of a form; one that is repeated is a list. Files are left out.
 *
 * @throws {Refusal} 413 beyond 10,000 fields.
 */
export function gather(entries: Iterable<[string, unknown]>): Row {
  const fields = new Map<string, string | string[]>();
  let count = 0;
  for (const [name, value] of entries) {
    if (++count > MOST_FIELDS) {
      throw new Refusal(413, `a form may have at most ${MOST_FIELDS.toLocaleString("en")} fields`);
    }
    if (typeof value !== "string") continue;
    const before = fields.get(name);
    if (before === undefined) fields.set(name, value);
    else if (typeof before === "string") fields.set(name, [before, value]);
    else before.push(value);
  }
  return Object.fromEntries(fields);
}
