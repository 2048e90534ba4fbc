/**
 * What may stand in a header's name and value. Everything that is written into the head of a message or of a part
 * passes here (S54, S68).
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { isSecret } from "../secret.ts";
import { kindOf } from "./kind-of.ts";

/** RFC 9110 §5.6.2: the characters of a token. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 §5.5: visible ASCII, space, tab, and obs-text. All else would end the line, or cannot be written to it. */
const FIELD_VALUE = /^(?:[\x21-\x7e\x80-\xff][\t\x20-\x7e\x80-\xff]*)?$/;

/**
 * Whether a text is a token of RFC 9110 §5.6.2, as the names of headers and methods must be.
 *
 * @example
 * ```ts
 * isToken("x-api-key"); // true
 * isToken("x api key"); // false
 * ```
 */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * Checks the name of a header.
 *
 * @param name - What was given as the name.
 * @param option - The option that it was given in, for the message.
 * @throws OptionsError where it is no token: line breaks, spaces and separators (CVE-2019-9740 and its family).
 */
export function checkHeaderName(name: unknown, option: string = "headers"): asserts name is string {
  if (typeof name !== "string") {
    throw new OptionsError(`${option}: a header's name must be a string, not ${kindOf(name)}`, { option });
  }
  if (TOKEN.test(name)) return;
  if (name === "") throw new OptionsError(`${option}: a header's name is empty`, { option });
  const at = name.search(/[^!#$%&'*+\-.^_`|~0-9A-Za-z]/);
  throw new OptionsError(
    `${option}: the header name ${JSON.stringify(name.slice(0, 60))} has ${characterAt(name, at)}, allowed are letters, digits and !#$%&'*+-.^_\`|~`,
    { option },
  );
}

/**
 * Checks the value of a header and reveals a `Secret`.
 *
 * @param name - The header's name, for the message. The value is never printed.
 * @param value - What was given as the value.
 * @param option - The option that it was given in, for the message.
 * @throws OptionsError where it is no string, starts with white space, or has a control character or one beyond Latin-1.
 */
export function checkHeaderValue(name: string, value: unknown, option: string = "headers"): string {
  const text: unknown = isSecret(value) ? value.reveal() : value;
  if (typeof text !== "string") {
    throw new OptionsError(`${option}: the value of "${name}" must be a string, not ${kindOf(text)}`, {
      option,
      hint: "turn it into a string with String(value), or leave the header out with undefined",
    });
  }
  if (FIELD_VALUE.test(text)) return text;
  if (text.startsWith(" ") || text.startsWith("\t")) {
    throw new OptionsError(`${option}: the value of "${name}" starts with white space`, { option });
  }
  const at = text.search(/[^\t\x20-\x7e\x80-\xff]/);
  const breaks = endsInBreak(text);
  throw new OptionsError(
    `${option}: the value of "${name}" has ${characterAt(text, at)}`,
    breaks
      ? { option, hint: "it ends in a line break, as a secret read from a file does: trim it" }
      : text.charCodeAt(at) > 0xff
        ? {
            option,
            hint: "a header carries Latin-1 only: encode the value, with encodeURIComponent for example",
          }
        : { option },
  );
}

/** Whether the only line breaks are at the end. A regular expression would look for that end from each of them anew. */
function endsInBreak(text: string): boolean {
  const stem = text.trimEnd();
  return /[\r\n]/.test(text.slice(stem.length)) && !/[\r\n]/.test(stem);
}

/** Names the character at a place so that it can be seen: the ones that matter here are invisible. */
export function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  const hex = code.toString(16).toUpperCase().padStart(4, "0");
  const name =
    code === 13 ? "a carriage return" : code === 10 ? "a line feed" : code === 0 ? "a NUL" : "the character";
  return `${name} (U+${hex}) at position ${at}`;
}
