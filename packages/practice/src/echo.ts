import { createHash } from "node:crypto";
import { type Answer, json } from "./answer/answer.ts";
import { gather, mediaType, parseMultipart, readBytes } from "./answer/body.ts";
import { isTooDeep } from "./answer/depth.ts";
import type { Ask, Route } from "./route.ts";

/** The most bytes that are echoed; uploads are among them. */
const LONGEST = 64 * 1024 * 1024;
/** The most bytes of a body whose text is echoed; of a longer one the length and the hash are. */
const LONGEST_TEXT = 1024 * 1024;

/** `/echo` answers what it received, by any method. */
export const echoRoutes: readonly Route[] = ["/echo", "/echo/:rest{.+}"].map((path) => ({
  methods: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  path,
  topic: "Echo",
  summary: "What was received: method, url, query, headers, body, json, form, files",
  handle: echo,
}));

async function echo(ask: Ask): Promise<Answer> {
  const request = ask.req.raw;
  const url = new URL(request.url);
  const bytes = await readBytes(request, LONGEST, bodyOf(ask));
  return json({
    method: request.method,
    url: url.href,
    path: url.pathname,
    query: gather(url.searchParams),
    headers: Object.fromEntries(request.headers),
    length: bytes.length,
    sha256: bytes.length === 0 ? null : hash(bytes),
    ...(await readBody(request, bytes)),
  });
}

/** A Request of Fetch has no body with GET and HEAD, but HTTP has: on a port it is read from Node's own request. */
function bodyOf(ask: Ask): AsyncIterable<Uint8Array> | null {
  const { incoming } = ask.env;
  if (incoming === undefined || !["GET", "HEAD"].includes(ask.req.raw.method)) return ask.req.raw.body;
  // Left open when it is too long, for the answer that says so goes over the same socket.
  return incoming.iterator({ destroyOnReturn: false });
}

async function readBody(request: Request, bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, unknown>> {
  const none = { body: null, json: null, form: null, files: null };
  const type = mediaType(request);
  if (bytes.length === 0) return none;
  if (type === "multipart/form-data") {
    const form = await parseMultipart(request, bytes);
    return { ...none, form: gather(form), files: await readFiles(form) };
  }
  if (bytes.length > LONGEST_TEXT) return none;
  const body = decode(bytes);
  if (body === undefined) return { ...none, base64: Buffer.from(bytes).toString("base64") };
  if (type === "application/x-www-form-urlencoded")
    return { ...none, body, form: gather(new URLSearchParams(body)) };
  return { ...none, body, json: parse(body) };
}

async function readFiles(form: FormData): Promise<unknown[]> {
  const files = [...form].filter((entry): entry is [string, File] => typeof entry[1] !== "string");
  return Promise.all(
    files.map(async ([field, file]) => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const text = bytes.length > LONGEST_TEXT ? undefined : decode(bytes);
      return {
        field,
        name: file.name,
        type: file.type,
        size: file.size,
        sha256: hash(bytes),
        text: text ?? null,
      };
    }),
  );
}

/** The text of the bytes, or undefined where they are not UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value of a JSON text; null where it is none, or could not be written again. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(value) ? null : value;
  } catch {
    return null;
  }
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
