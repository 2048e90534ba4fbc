import { DecodeError } from "../errors/decode-error.ts";
import { EmptyBodyError } from "../errors/empty-body-error.ts";
import { redactUrl } from "../request/redact.ts";
import type { Response } from "./response.ts";
import type { ResponseOwner } from "./response-parts.ts";
import { decodeJson } from "./text.ts";

/**
 * The data of a body that is JSON, or should be.
 *
 * @param bytes - The whole body.
 * @param response - Whose body it is, for what is said when it is none.
 * @throws {EmptyBodyError} when it is empty.
 * @throws {DecodeError} when it is not JSON.
 * @throws {BodyTooLargeError} when its text is longer than a string can be.
 */
export function parsedJson(bytes: Uint8Array, response: Response, owner: ResponseOwner): unknown {
  if (bytes.length === 0) throw owner.adopt(emptyBody(response));
  const parse = owner.parseJson ?? JSON.parse;
  let text: string;
  try {
    text = decodeJson(bytes);
  } catch (error) {
    throw owner.adopt(error);
  }
  try {
    return parse(text);
  } catch (error) {
    // V8's message quotes the document, which may hold what must not be logged (#115).
    const type = response.headers.get("content-type") ?? "no content type";
    const html = /^text\/html\b/i.test(type);
    throw owner.adopt(
      new DecodeError(
        `The body of the ${response.status} response is not JSON (${type}, ${bytes.length} bytes)`,
        {
          cause: error instanceof SyntaxError ? undefined : error,
          text,
          ...hintOf(
            notFollowed(response) ??
              (html ? "The server sent a web page: look at response.url and the status." : undefined),
          ),
        },
      ),
    );
  }
}

function emptyBody(response: Response): EmptyBodyError {
  const { status, request } = response;
  return new EmptyBodyError(`JSON was asked, but the body of the ${status} response is empty`, {
    hint:
      request.method === "HEAD"
        ? "The answer to a HEAD has no body, only headers: GET has it."
        : (notFollowed(response) ?? "Use jsonOrUndefined() where an empty body is to be expected."),
  });
}

function hintOf(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}

/** A redirect has no data, but says where they are. */
function notFollowed({ location }: Response): string | undefined {
  if (location === undefined) return undefined;
  return `It is a redirect to ${redactUrl(location)}, which \`redirect: "manual"\` does not follow: await the call for response.next.`;
}
