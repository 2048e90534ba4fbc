import { DecodeError } from "../errors/decode-error.ts";
import { fieldOf, type Response } from "../response/response.ts";

const TYPES = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|jsonlines|json-lines|stream\+json)\b/i;

/** Whether a response is JSON Lines. */
export function isJsonLines(response: Response): boolean {
  const type = fieldOf(response, "content-type") ?? "";
  // What nearly all pages are, known without an expression.
  return type !== "application/json" && !type.startsWith("application/json;") && TYPES.test(type);
}

/**
 * The values of a body of JSON Lines; blank lines are none.
 *
 * @throws {DecodeError} that names the line, and does not quote it.
 */
export function jsonLines(response: Response): unknown[] {
  const values: unknown[] = [];
  let number = 0;
  for (const line of response.bufferedText().split("\n")) {
    number++;
    if (line.trim() !== "") values.push(parsedLine(line, number));
  }
  return values;
}

/** @throws {DecodeError} that names the line, and does not quote it. */
export function parsedLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new DecodeError(`Line ${number} of the response is not JSON`, { line: number, text: line });
  }
}
