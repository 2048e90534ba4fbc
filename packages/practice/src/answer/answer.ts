/** What a handler answers, before it is fitted to the request (see finish.ts). */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
}

type HeadersLike = ConstructorParameters<typeof Headers>[0];

/** An answer in JSON, indented by two spaces as json-server's is. */
export function json(value: unknown, status = 200, headers: HeadersLike = {}): Answer {
  return text(JSON.stringify(value, null, 2), "application/json; charset=utf-8", status, headers);
}

/** An answer of text of some media type. */
export function text(body: string, type: string, status = 200, headers: HeadersLike = {}): Answer {
  const all = new Headers(headers);
  all.set("Content-Type", type);
  return { status, headers: all, body };
}

/** An answer without a body. */
export function empty(status: number, headers: HeadersLike = {}): Answer {
  return { status, headers: new Headers(headers), body: null };
}

/** An answer that says what is wrong, as `{ "error": reason }`. */
export function problem(status: number, reason: string, headers: HeadersLike = {}): Answer {
  return json({ error: reason }, status, headers);
}
