import { DecodeError } from "../errors/decode-error.ts";
import { EmptyBodyError } from "../errors/empty-body-error.ts";
import { isWhole, type Response } from "../response/response.ts";
import { isJsonLines, jsonLines } from "./json-lines.ts";
import type { Lookahead } from "./lookahead.ts";
import { onPage } from "./page-error.ts";
import type { PageCall } from "./page-source.ts";
import type { Fetched } from "./probe.ts";

/** What is known of a page before it comes. */
export interface Awaited {
  readonly number: number;
  /** The param that pages or rows are counted with, if they are. */
  readonly counts: string | undefined;
  /** Whether it is only looked for: then a bad status, and what is no data, says that there is none. */
  readonly probing: boolean;
}

/**
 * Fetches a page, or takes one that was fetched ahead.
 *
 * @throws {ChasquiError} of the call, with the number of the page in its message.
 */
export async function fetchPage(
  call: PageCall,
  ahead: Lookahead | undefined,
  { number, counts, probing }: Awaited,
): Promise<Fetched> {
  try {
    const response = await (ahead?.take(call) ?? call.send());
    // Whatever is no success is no page, and never the end of them; but for ranges, where 416 says that there is no more.
    const behind = response.status === 416 && call.request.headers.has("range") && number > 1;
    if (!response.ok && !behind && !probing) throw response.statusError();
    if (!response.ok) return { response, data: undefined };
    // RFC 9110 15.3.5: a 204 has no body. Some APIs answer so where there are no more rows.
    if (response.status === 204) return { response, data: undefined };
    if (isJsonLines(response)) return { response, data: jsonLines(response) };
    if (probing) return { response, data: await lookedFor(response) };
    return { response, data: isWhole(response) ? response.bufferedJson() : await response.json() };
  } catch (error) {
    throw onPage(error, number, call, counts);
  }
}

/** A page for people, or none, in the place of data that are only looked for says that there are none, as a status does. */
async function lookedFor(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    const isBroken =
      error instanceof DecodeError && /\bjson\b/i.test(response.headers.get("content-type") ?? "");
    if (isBroken || !(error instanceof DecodeError || error instanceof EmptyBodyError)) throw error;
    return undefined;
  }
}
