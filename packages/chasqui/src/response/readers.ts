/**
 * Readers of a body that give it as it comes, in pieces of one size, lines, values or events. They are given the pieces of a body
 * that has been taken; what a plain call does not need is loaded here.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { notLoaded } from "../errors/not-loaded.ts";
import type { StreamOptions } from "./equal-pieces.ts";
import type { ServerSentEvent } from "./events.ts";
import { LateReader } from "./late-reader.ts";
import { lines } from "./lines.ts";
import type { ResponseOwner } from "./response-parts.ts";
import { charsetOf, newDecoder } from "./text.ts";

type Chunks = AsyncIterableIterator<Uint8Array, undefined>;

/** The body in pieces of one size. */
export function equalPiecesOf(
  chunks: Chunks,
  options: StreamOptions,
  owner: ResponseOwner,
): AsyncIterableIterator<Uint8Array, undefined> {
  const adopt = adopting(owner);
  return readBy(chunks, import("./equal-pieces.ts"), ({ equalPieces }) =>
    equalPieces(chunks, options, adopt),
  );
}

/** The lines of a body, in the charset that its text is read in. */
export function linesOf(
  chunks: Chunks,
  contentType: string | undefined,
  owner: ResponseOwner,
): AsyncIterableIterator<string, undefined> & AsyncDisposable {
  const { maxRecord, encoding } = owner;
  const charset = charsetOf(contentType);
  // A name that nobody knows is as good as none (#113).
  const known = charset === undefined || newDecoder(charset) === undefined ? undefined : charset;
  return lines(chunks, { maxRecord, encoding: encoding ?? known, adopt: adopting(owner) });
}

/** The values of JSON Lines, checked where there is a schema. */
export function valuesOf(
  chunks: Chunks,
  schema: StandardSchemaV1 | undefined,
  owner: ResponseOwner,
): AsyncIterableIterator<unknown, undefined> {
  const { maxRecord, encoding, parseJson } = owner;
  const options = { maxRecord, encoding, parseJson, schema, adopt: adopting(owner) };
  return readBy(chunks, import("./ndjson.ts").catch(notLoaded), ({ ndjson }) => ndjson(chunks, options));
}

/** The server-sent events of a body. */
export function eventsOf(
  chunks: Chunks,
  status: number,
  contentType: string | undefined,
  owner: ResponseOwner,
): AsyncIterableIterator<ServerSentEvent, undefined> {
  const { maxRecord, parseJson } = owner;
  const reading = { maxRecord, parseJson, status, contentType, adopt: adopting(owner) };
  return readBy(chunks, import("./events.ts").catch(notLoaded), ({ events }) => events(chunks, reading));
}

/** Reads by a module that has yet to come. */
function readBy<T, M>(
  chunks: Chunks,
  module: Promise<M>,
  read: (module: M) => AsyncIterableIterator<T, undefined>,
): AsyncIterableIterator<T, undefined> {
  return new LateReader(module, read, () => chunks.return?.() ?? Promise.resolve());
}

function adopting(owner: ResponseOwner): <E>(error: E) => E {
  return (error) => owner.adopt(error);
}
