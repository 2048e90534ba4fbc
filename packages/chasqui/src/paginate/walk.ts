import { milliseconds } from "../duration.ts";
import { OptionsError } from "../errors/options-error.ts";
import { checkHeaderName, isToken } from "../request/field.ts";
import { kindOf } from "../request/kind-of.ts";
import type { RequestOptions } from "../request/options.ts";
import { SETTING_NAMES } from "../request/settings.ts";
import { refuseUnknown } from "../request/unknown-option.ts";
import { byFunction } from "./by-function.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { byCursor, byHeader } from "./cursor.ts";
import { byConnection } from "./graphql.ts";
import { byLastId } from "./last-id.ts";
import { byLink } from "./link.ts";
import { byNextUrl } from "./next-url.ts";
import { byOffset } from "./offset.ts";
import type { PageStyleOption, PaginateOptions } from "./options.ts";
import { byPageNumber } from "./page-number.ts";
import { byRange } from "./range.ts";
import { END, type PageStyle, type Place } from "./style.ts";

const MAX_PAGES = 1000;

/** The options of a walk, checked. */
export interface Walk {
  /** Makes the style, one for each loop; undefined where the first page is to show it. */
  readonly style: (() => PageStyle) | undefined;
  /** Whether the response is JSON Lines, read as they come. */
  readonly lines: boolean;
  readonly method: string;
  readonly json: unknown;
  readonly rows: PaginateOptions["rows"];
  readonly total: PaginateOptions["total"];
  readonly schema: PaginateOptions["schema"];
  readonly maxPages: number;
  readonly maxRows: number;
  /** Milliseconds. */
  readonly maxDuration: number;
  readonly allowRepeats: boolean;
  readonly primaryKey: string | undefined;
  readonly strict: boolean;
  readonly prefetch: boolean;
  readonly concurrency: number;
  readonly from: Checkpoint | undefined;
}

/** A page is read whole, and one with a bad status is an error always. */
const NOT_HERE: ReadonlySet<string> = new Set(["stream", "form", "multipart", "body", "raise"]);
const CALL_OPTIONS: readonly string[] = [
  ...SETTING_NAMES.filter((name) => !NOT_HERE.has(name)),
  ...["params", "headers", "path", "json"],
];
const WALK_OPTIONS = [
  ...["by", "method", "rows", "total", "schema", "maxPages", "maxRows", "maxDuration", "allowRepeats"],
  ...["primaryKey", "single", "strict", "prefetch", "concurrency", "from"],
];

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
      `\`${option}\` is no option of paginate(), which reads each page whole, sends no body but \`json\`, and raises on each bad status`,
      {
        option,
      },
    );
  }
  // A spread copies own properties alone: a polluted prototype says nothing here (S55).
  const {
    by = "auto",
    method,
    rows,
    total,
    schema,
    maxPages = MAX_PAGES,
    maxRows = Number.POSITIVE_INFINITY,
    maxDuration,
    allowRepeats = false,
    primaryKey,
    single = false,
    strict = false,
    prefetch = false,
    concurrency = 1,
    from,
    ...call
  } = { ...options };
  if (maxPages !== Number.POSITIVE_INFINITY) wholeFrom(1, maxPages, "maxPages");
  if (maxRows !== Number.POSITIVE_INFINITY) wholeFrom(1, maxRows, "maxRows");
  if (concurrency !== 1) wholeFrom(1, concurrency, "concurrency");
  if (method !== undefined) text(method, "method", "a method");
  if (primaryKey !== undefined) text(primaryKey, "primaryKey", "a dotted path");
  if (total !== undefined && total !== false) text(total, "total", "a dotted path, or false");
  for (const [option, value] of Object.entries({ allowRepeats, single, strict, prefetch })) {
    if (typeof value !== "boolean") throw bad(option, value, "true or false");
  }
  if (schema !== undefined && !isStandardSchema(schema)) {
    throw bad("schema", schema, "a Standard Schema, such as zod, valibot and arktype make");
  }
  if (single && by !== "auto" && by !== "single") {
    throw new OptionsError("`single` says that there is one page, and `by` how others are asked for", {
      option: "single",
    });
  }
  checkRows(rows);
  const checkpoint = from === undefined ? undefined : readCheckpoint(from);
  const walk: Walk = {
    style: styleOf(single ? "single" : by === "auto" ? (checkpoint?.by ?? "auto") : by),
    lines: by === "lines",
    method: method ?? (call.json === undefined ? "GET" : "POST"),
    json: call.json,
    ...{ rows, total, schema, maxPages, maxRows, allowRepeats, primaryKey, strict, prefetch, concurrency },
    maxDuration:
      maxDuration === undefined ? Number.POSITIVE_INFINITY : milliseconds(maxDuration, "maxDuration"),
    from: checkpoint,
  };
  return { walk, call };
}

function checkRows(rows: unknown): void {
  if (rows === undefined || typeof rows === "function") return;
  const allowed = "a dotted path, { map }, { table } or a function";
  if (typeof rows !== "object" || rows === null) {
    text(rows, "rows", allowed);
    return;
  }
  const { map, table, columns, ...others }: { map?: unknown; table?: unknown; columns?: unknown } = {
    ...rows,
  };
  const where = map ?? table;
  const listed =
    columns === undefined || (Array.isArray(columns) && columns.every((name) => typeof name === "string"));
  const known = Object.keys(others).length === 0 && (columns === undefined || table !== undefined);
  if (typeof where === "string" && (map === undefined || table === undefined) && listed && known) return;
  throw bad("rows", rows, allowed);
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

const SINGLE: PageStyle = { name: "single", spec: "single", first: {}, next: () => END };
const LINES: PageStyle = { name: "lines", spec: "lines", first: {}, next: () => END };

const NAMED: ReadonlyMap<unknown, (() => PageStyle) | undefined> = new Map<
  unknown,
  (() => PageStyle) | undefined
>([
  ["auto", undefined],
  ["page", () => byPageNumber("page", undefined, "query")],
  ["offset", () => byOffset("offset", "limit", undefined, "query")],
  ["cursor", () => byCursor("next_cursor", "cursor", "query")],
  ["token", () => byCursor("nextPageToken", "pageToken", "query")],
  ["last-id", () => byLastId("id", "starting_after", "query")],
  ["next", () => byNextUrl("next")],
  ["link", byLink],
  ["range", () => byRange("items", undefined)],
  ["graphql", () => byConnection(undefined, "after")],
  ["lines", () => LINES],
  ["single", () => SINGLE],
]);

/** The fields of each style that is written as an object, by the one that names it. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["page", ["first", "in"]],
  ["offset", ["limit", "size", "in"]],
  ["cursor", ["param", "in"]],
  ["header", ["param", "in"]],
  ["lastId", ["param", "in"]],
  ["next", []],
  ["range", ["size"]],
  ["variable", ["connection"]],
]);

function styleOf(by: PageStyleOption): (() => PageStyle) | undefined {
  if (NAMED.has(by)) return NAMED.get(by);
  if (typeof by === "function") return () => byFunction(by);
  const shown = typeof by === "string" ? JSON.stringify(by) : kindOf(by);
  const allowed = `${[...NAMED.keys()].map((name) => JSON.stringify(name)).join(", ")}, a function, or an object with one of ${[...FIELDS.keys()].join(", ")}`;
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
  const place = placeOf(given);
  if ("page" in given) {
    const { page, first } = given;
    text(page, "by.page", "the name of a param");
    if (first !== undefined) wholeFrom(0, first, "by.first");
    return () => byPageNumber(page, first, place);
  }
  if ("offset" in given) {
    const { offset, limit = "limit", size } = given;
    text(offset, "by.offset", "the name of a param");
    text(limit, "by.limit", "the name of a param");
    if (size !== undefined) wholeFrom(1, size, "by.size");
    return () => byOffset(offset, limit, size, place);
  }
  if ("range" in given) {
    const { range, size } = given;
    if (!isToken(range)) throw bad("by.range", range, 'a unit such as "items"');
    if (size !== undefined) wholeFrom(1, size, "by.size");
    return () => byRange(range, size);
  }
  if ("variable" in given) {
    const { variable, connection } = given;
    text(variable, "by.variable", "the name of a variable of the query");
    if (connection !== undefined) text(connection, "by.connection", "a dotted path");
    return () => byConnection(connection, variable);
  }
  if ("next" in given) {
    const { next } = given;
    text(next, "by.next", "a dotted path");
    return () => byNextUrl(next);
  }
  const { param = "lastId" in given ? "starting_after" : "cursor" } = given;
  text(param, "by.param", "the name of a param");
  if ("lastId" in given) {
    const { lastId } = given;
    text(lastId, "by.lastId", "a dotted path");
    return () => byLastId(lastId, param, place);
  }
  if ("header" in given) {
    const { header } = given;
    checkHeaderName(header, "by.header");
    return () => byHeader(header, param, place);
  }
  const { cursor } = given;
  text(cursor, "by.cursor", "a dotted path");
  return () => byCursor(cursor, param, place);
}

function placeOf(given: object): Place {
  const place: unknown = "in" in given ? given.in : undefined;
  if (place === undefined || place === "query") return "query";
  if (place === "body") return "body";
  throw bad("by.in", place, '"query" or "body"');
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
