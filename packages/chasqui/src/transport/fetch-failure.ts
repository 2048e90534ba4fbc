import { ChasquiError } from "../errors/chasqui-error.ts";
import { DecodeError } from "../errors/decode-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { networkFailure, placeOf } from "./network-failure.ts";

/** Chrome, Firefox, Safari, workers, Deno. */
const OF_A_NETWORK =
  /failed to fetch|fetch failed|network|load failed|connect|offline|server with the specified hostname|sending request|body stream|body from connection|terminated/i;

/** The codes of zlib under Node, and the names that Bun gives what cannot be decoded. */
const UNDECODABLE =
  /^(?:Z_|ERR_BROTLI|ERR__ERROR_FORMAT|ZSTD_|ZlibError|BrotliDecompressionError|ZstdDecompressionError)/;

/** What Deno says of a body whose coding is damaged; it gives neither code nor cause. */
const DAMAGED = /unexpected end of file|(?:deflate|gzip|brotli|zstd|decompress)/i;

/** Deno tells what happened in words alone. */
const WORDS: readonly (readonly [words: RegExp, code: string])[] = [
  [/connection refused/i, "ECONNREFUSED"],
  [/dns error|failed to lookup/i, "ENOTFOUND"],
  [/certificate|UnknownIssuer|tls|handshake/i, "ERR_TLS_HANDSHAKE"],
  [/connection reset|broken pipe/i, "ECONNRESET"],
  [/unreachable/i, "EHOSTUNREACH"],
];

/** Fetch says "fetch failed" or "terminated", and hides the reason in `cause` (P10). */
export function fetchFailure(error: unknown, origin: string): unknown {
  if (error instanceof ChasquiError || !(error instanceof TypeError)) return error;
  const { cause } = error;
  const code = codeOf(cause) ?? codeOf(error);
  const inBody = error.message === "terminated";
  if (code !== undefined && UNDECODABLE.test(code)) {
    return new DecodeError("The response body cannot be decoded", { cause: error });
  }
  if (cause === undefined && code !== undefined) return networkFailure(error, origin, false);
  if (cause !== undefined) {
    const told = cause instanceof Error && code === undefined ? cause.message : "";
    const known = WORDS.find(([words]) => words.test(told));
    if (known === undefined) return networkFailure(cause, origin, false, inBody);
    return networkFailure(Object.assign(new Error(told, { cause }), { code: known[1] }), origin, false);
  }
  if (DAMAGED.test(error.message)) {
    return new DecodeError("The response body cannot be decoded", { cause: error });
  }
  const place = placeOf(origin);
  // Browsers give no cause, and each has words of its own for a network that fails. What has none of them is a slip of
  // somebody's, and the same the next time.
  const kind = OF_A_NETWORK.test(error.message) ? "closed" : "protocol";
  return new NetworkError(kind, `${place.host} cannot be spoken to: ${error.message}`, {
    cause: error,
    ...place,
    hint: "A browser does not say why. Is the server there, and does it allow this page's origin, method and headers (CORS)?",
  });
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && error.code !== "" ? error.code : undefined;
}
