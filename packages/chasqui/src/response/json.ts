import { DecodeError } from "../errors/decode-error.ts";
import { EmptyBodyError } from "../errors/empty-body-error.ts";
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
          ...(html ? { hint: "The server sent a web page: look at response.url and the status." } : {}),
        },
      ),
    );
  }
}

function emptyBody({ status, request }: Response): EmptyBodyError {
  return new EmptyBodyError(`JSON was asked, but the body of the ${status} response is empty`, {
    hint:
      request.method === "HEAD"
        ? "The answer to a HEAD has no body, only headers: GET has it."
        : "Use jsonOrUndefined() where an empty body is to be expected.",
  });
}
