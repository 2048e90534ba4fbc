import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { RequestOptions } from "../request/options.ts";
import { SETTING_NAMES } from "../request/settings.ts";
import { refuseUnknown } from "../request/unknown-option.ts";
import { byCursor } from "./cursor.ts";
import { byDetection } from "./detect.ts";
import { byLink } from "./link.ts";
import { byNextUrl } from "./next-url.ts";
import { byOffset } from "./offset.ts";
import type { PageStyleOption, PaginateOptions } from "./options.ts";
import { byPageNumber } from "./page-number.ts";
import type { PageStyle } from "./style.ts";

const MAX_PAGES = 1000;

/** The options of a walk, checked. */
export interface Walk {
  /** Makes the style; each loop has its own. */
  readonly style: () => PageStyle;
  readonly rows: PaginateOptions["rows"];
  readonly total: PaginateOptions["total"];
  readonly schema: PaginateOptions["schema"];
  readonly maxPages: number;
  readonly allowRepeats: boolean;
}

/** A page is asked for by GET and read whole, and one with a bad status is an error always. */
const NOT_HERE: ReadonlySet<string> = new Set([
  ...["stream", "json", "form", "multipart", "body"],
  ...["stringifyJson", "raise", "maxRecord"],
]);
const CALL_OPTIONS: readonly string[] = [
  ...SETTING_NAMES.filter((name) => !NOT_HERE.has(name)),
  ...["params", "headers", "path"],
];
const WALK_OPTIONS = ["by", "rows", "total", "schema", "maxPages", "allowRepeats"];

/**
 * Takes the options of a walk apart from those of its calls.
 *
 * @throws {OptionsError} when one of the walk's has a bad value, or is none.
 */
export function readWalk(options: PaginateOptions): { readonly walk: Walk; readonly call: RequestOptions } {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw bad("options", options, "an object");
  }
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || CALL_OPTIONS.includes(option) || WALK_OPTIONS.includes(option)) continue;
    if (!NOT_HERE.has(option)) refuseUnknown(option, [...WALK_OPTIONS, ...CALL_OPTIONS]);
    throw new OptionsError(
      `\`${option}\` is no option of paginate(), which sends GET, reads each page whole and raises on each bad status`,
      {
        option,
      },
    );
  }
  // A spread copies own properties alone: a polluted prototype says nothing here (S55).
  const {
    by = "auto",
    rows,
    total,
    schema,
    maxPages = MAX_PAGES,
    allowRepeats = false,
    ...call
  } = { ...options };
  if (maxPages !== Number.POSITIVE_INFINITY) wholeFrom(1, maxPages, "maxPages");
  if (rows !== undefined && typeof rows !== "function") text(rows, "rows", "a dotted path or a function");
  if (total !== undefined && total !== false) text(total, "total", "a dotted path, or false");
  if (typeof allowRepeats !== "boolean") throw bad("allowRepeats", allowRepeats, "true or false");
  if (schema !== undefined && !isStandardSchema(schema)) {
    throw bad("schema", schema, "a Standard Schema, such as zod, valibot and arktype make");
  }
  const style = styleOf(by);
  return { walk: { style, rows, total, schema, maxPages, allowRepeats }, call };
}

function isStandardSchema(value: unknown): boolean {
  // Arktype's is a function.
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return (
    typeof standard === "object" &&
    standard !== null &&
    typeof Reflect.get(standard, "validate") === "function"
  );
}

const NAMED: ReadonlyMap<unknown, () => PageStyle> = new Map<unknown, () => PageStyle>([
  ["auto", byDetection],
  ["page", () => byPageNumber("page", undefined)],
  ["offset", () => byOffset("offset", "limit", undefined)],
  ["cursor", () => byCursor("next_cursor", "cursor")],
  ["next", () => byNextUrl("next")],
  ["link", byLink],
]);

/** The fields of each style that is written as an object, by the one that names it. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["page", ["first"]],
  ["offset", ["limit", "size"]],
  ["cursor", ["param"]],
  ["next", []],
]);

function styleOf(by: PageStyleOption): () => PageStyle {
  const named = NAMED.get(by);
  if (named !== undefined) return named;
  const shown = typeof by === "string" ? JSON.stringify(by) : kindOf(by);
  const allowed = `${[...NAMED.keys()].map((name) => JSON.stringify(name)).join(", ")}, or an object with one of ${[...FIELDS.keys()].join(", ")}`;
  if (typeof by !== "object" || by === null) throw badBy(shown, allowed);
  const given = { ...by };
  const keys = Object.keys(given);
  const [style, ...others] = keys.filter((key) => FIELDS.has(key));
  const known = style === undefined ? undefined : FIELDS.get(style);
  const strange = keys.find((key) => key !== style && known?.includes(key) === false);
  if (known === undefined || others.length > 0) throw badBy(shown, allowed);
  if (strange !== undefined) {
    throw new OptionsError(`\`by.${strange}\` does not exist beside \`by.${style}\``, {
      option: `by.${strange}`,
      ...(known.length > 0 ? { hint: `There is ${known.join(", ")}.` } : {}),
    });
  }
  if ("page" in given) {
    const { page, first } = given;
    text(page, "by.page", "the name of a param");
    if (first !== undefined) wholeFrom(0, first, "by.first");
    return () => byPageNumber(page, first);
  }
  if ("offset" in given) {
    const { offset, limit = "limit", size } = given;
    text(offset, "by.offset", "the name of a param");
    text(limit, "by.limit", "the name of a param");
    if (size !== undefined) wholeFrom(1, size, "by.size");
    return () => byOffset(offset, limit, size);
  }
  if ("cursor" in given) {
    const { cursor, param = "cursor" } = given;
    text(cursor, "by.cursor", "a dotted path");
    text(param, "by.param", "the name of a param");
    return () => byCursor(cursor, param);
  }
  const { next } = given;
  text(next, "by.next", "a dotted path");
  return () => byNextUrl(next);
}

function badBy(shown: string, allowed: string): OptionsError {
  return new OptionsError(`\`by\` is ${shown}; it takes ${allowed}`, { option: "by" });
}

function bad(option: string, value: unknown, allowed: string): OptionsError {
  return new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes ${allowed}`, { option });
}

function text(value: unknown, option: string, allowed: string): asserts value is string {
  if (typeof value !== "string") throw bad(option, value, allowed);
  if (value === "") throw new OptionsError(`\`${option}\` is empty; it takes ${allowed}`, { option });
}

function wholeFrom(least: number, value: unknown, option: string): void {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return;
  throw bad(option, value, `a whole number from ${least}`);
}
