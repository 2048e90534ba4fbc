import { OptionsError } from "../errors/options-error.ts";
import { queryOf } from "../request/target-query.ts";
import { atPath } from "./body-path.ts";
import { plainFields } from "./json-fields.ts";
import type { PageStyle } from "./style.ts";

/**
 * What the first page is asked with: its query, the plain fields of a posted body, and the number that pages or rows are counted with,
 * which may stand deeper in the body, at a dotted path.
 *
 * @param target - Of the request that is sent.
 * @param json - The caller's JSON body.
 * @throws {OptionsError} where the number that is counted with is none.
 */
export function askedWith(target: string, json: unknown, style: PageStyle | undefined): URLSearchParams {
  const asked = queryOf(target);
  for (const [name, value] of plainFields(json)) asked.set(name, value);
  const counts = style?.counts;
  if (counts === undefined) return asked;
  const start = style?.first.body?.[counts];
  if (start !== undefined) asked.set(counts, String(atPath(json, counts) ?? start));
  if (/^\d{1,15}$/.test(asked.get(counts) ?? "")) return asked;
  throw new OptionsError(
    `The param ${JSON.stringify(counts)} is no whole number, and pages are counted by it`,
    { option: start === undefined ? "params" : "json", hint: "Leave it out to begin with the first page." },
  );
}
