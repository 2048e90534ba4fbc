import type { Request } from "../request/request.ts";
import { type ContentRange, parseContentRange } from "../response/content-range.ts";
import type { Response } from "../response/response.ts";
import { type StrongValidator, strongValidator } from "../response/validator.ts";

/** One version of a file on a server: bytes of it that came at different times belong together. */
export interface Version {
  readonly validator: StrongValidator;
  /** The length of the whole; undefined where the server did not say. */
  readonly total: number | undefined;
  /** Whether it came from there: a URL less its query, which may be signed anew each time. A tag says nothing elsewhere. */
  isFrom(place: string): boolean;
}

/**
 * The version that a whole response brings; undefined where it has no strong validator, or comes coded: what is saved are
 * decoded bytes, of which no server has a range.
 */
export function versionOf(response: Response, now: number): Version | undefined {
  const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
  if (response.status !== 200 || isCoded(response)) return undefined;
  const validator = strongValidator(header, now);
  if (validator === undefined) return undefined;
  const from = placeOf(response);
  return { validator, total: lengthOf(response), isFrom: (place) => place === from };
}

/** What a whole response announces of its length, where that is of the bytes that are read; undefined where it does not. */
export function lengthOf(response: Response): number | undefined {
  const length = response.headers.get("content-length");
  return length !== null && /^\d{1,16}$/.test(length) && !isCoded(response) ? Number(length) : undefined;
}

/** Whether a response's bytes are others than those that are read. */
export function isCoded(response: Response): boolean {
  const coding = response.headers.get("content-encoding");
  return coding !== null && coding.trim() !== "" && coding.trim().toLowerCase() !== "identity";
}

/** The same request for what follows after so many bytes (RFC 9110 14.2), or for everything if the file is another by now. */
export function rangeRequest(request: Request, version: Version, position: number): Request {
  const ranged = uncoded(request);
  ranged.headers.set("range", `bytes=${position}-`);
  ranged.headers.set("if-range", version.validator.value);
  return ranged;
}

/** The same request, for bytes that no coding has changed: of a coded file the ranges are others. */
export function uncoded(request: Request): Request {
  const asked = request.with({});
  asked.headers.set("accept-encoding", "identity");
  return asked;
}

/** Whether a 206 is what was asked for: the rest of this very version from this byte on (RFC 9110 15.3.7). */
export function isRestOf(response: Response, version: Version, position: number): boolean {
  const range = rangeOf(response);
  if (range?.first !== position || isCoded(response)) return false;
  // One that ends before the end would be an end in the middle.
  if (range.total === undefined || range.last !== range.total - 1) return false;
  if (version.total !== undefined && range.total !== version.total) return false;
  if (!version.isFrom(placeOf(response))) return false;
  const now = response.headers.get(version.validator.field);
  // A server may leave out what If-Range has settled already, except for the tag that it goes by.
  return now === null ? version.validator.field !== "etag" : now === version.validator.value;
}

/** What a 206 says that it has. */
export function rangeOf(response: Response): ContentRange | undefined {
  return parseContentRange(response.headers.get("content-range") ?? undefined);
}

/** The URL that answered, less its query. */
export function placeOf(response: Response): string {
  return response.url.replace(/[?#].*$/s, "");
}
