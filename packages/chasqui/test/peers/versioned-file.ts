import { type Answer, type HttpServer, serve } from "./http-server.ts";

/** A file on a server, that ranges can be had of. */
export interface VersionedFile extends HttpServer {
  /** What it answers; may be changed between requests. */
  state: FileState;
}

/** What the server has, and how it sends it. */
export interface FileState {
  body: Uint8Array;
  headers: Record<string, string>;
  /** Answers are cut off after so many bytes, one each time, until the list is empty. */
  cuts: number[];
  /** `no`: it knows nothing of ranges. */
  ranges: "yes" | "no";
  /** Changes the answer to a range: `Content-Range`, or the tag. */
  bend: Record<string, string>;
}

/** Bytes that show where they are from. */
export function numbered(size: number, seed = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) + seed) % 251);
}

/** Serves one file, with a strong tag. */
export async function serveFile(body: Uint8Array, changes: Partial<FileState> = {}): Promise<VersionedFile> {
  const state: FileState = {
    body,
    headers: { etag: '"one"' },
    cuts: [],
    ranges: "yes",
    bend: {},
    ...changes,
  };
  const answer: Answer = (response, { headers }) => {
    const first = /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1];
    const same = [undefined, state.headers.etag, state.headers["last-modified"]].includes(
      headers["if-range"],
    );
    const from = first === undefined || !same || state.ranges === "no" ? undefined : Number(first);
    const { length } = state.body;
    if (from !== undefined && from >= length) {
      response.writeHead(416, { ...state.headers, "content-range": `bytes */${length}` }).end();
      return;
    }
    const sent = state.body.subarray(from ?? 0);
    const range =
      from === undefined ? {} : { "content-range": `bytes ${from}-${length - 1}/${length}`, ...state.bend };
    response.writeHead(from === undefined ? 200 : 206, {
      "content-length": sent.length,
      ...state.headers,
      ...range,
    });
    const cut = state.cuts.shift();
    if (cut === undefined) response.end(sent);
    // In good order, and not a reset: what was sent is to arrive.
    else response.write(sent.subarray(0, cut), () => response.socket?.end());
  };
  const server = await serve(answer);
  return Object.assign(server, { state });
}
