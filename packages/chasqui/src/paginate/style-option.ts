import { OptionsError } from "../errors/options-error.ts";
import { checkHeaderName, isToken } from "../request/field.ts";
import { kindOf } from "../request/kind-of.ts";
import { byFunction } from "./by-function.ts";
import { byCursor, byHeader } from "./cursor.ts";
import { byConnection } from "./graphql.ts";
import { byLastId } from "./last-id.ts";
import { byLink } from "./link.ts";
import { byNextUrl } from "./next-url.ts";
import { byOffset } from "./offset.ts";
import { bad, text, wholeFrom } from "./option-value.ts";
import type { PageStyleOption } from "./options.ts";
import { byPageNumber } from "./page-number.ts";
import { byRange } from "./range.ts";
import { END, type PageStyle, type Place } from "./style.ts";

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

/**
 * Makes the style that `by` says; undefined where the first page is to show it.
 *
 * @throws {OptionsError} where it is none.
 */
export function styleOf(by: PageStyleOption): (() => PageStyle) | undefined {
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
