import { ledTo } from "./pointed.ts";
import { asking, type Onward, type PageSeen, type Place } from "./style.ts";

/** Whether a value can be sent as a cursor. 0 cannot: it is where a list begins, and some APIs end with it. */
export function isCursor(value: unknown): value is string | number | bigint {
  if (typeof value === "number") return Number.isFinite(value) && value !== 0;
  return (typeof value === "string" && value !== "") || typeof value === "bigint";
}

/** What says that a cursor has come to its end. */
export function isNoCursor(value: unknown): boolean {
  return value === null || value === "" || value === false || value === 0;
}

/** Where lists begin: some APIs name that behind the last page. */
const BEGINNINGS: ReadonlySet<unknown> = new Set(["0", "-1", -1]);

/** How it goes on behind a page that gives a cursor, or the id of a row in the place of one. */
export function afterCursor(
  page: PageSeen,
  cursor: string | number | bigint,
  { place, param, what }: { readonly place: Place; readonly param: string; readonly what: string },
): Onward {
  if (isInexact(cursor)) {
    return {
      kind: "lost",
      why: "undetected",
      message: `${what} of page ${page.pages} is a number of more digits than JavaScript keeps, so that it cannot be sent as it was`,
      hint: "Name a field that has it as text, or give a `parseJson` that reads such numbers as text or bigint.",
    };
  }
  if (typeof cursor === "string" && !cursor.isWellFormed() && place === "query") {
    return {
      kind: "lost",
      why: "undetected",
      message: `${what} of page ${page.pages} has half of a surrogate pair in it, which no URL can have`,
      hint: "The server has cut a text in the middle of a character: ask those who run it.",
    };
  }
  // In a body a number stays one; what JSON has no number for goes as its digits.
  const sent = typeof cursor === "number" && place === "body" ? cursor : String(cursor);
  const request = asking(place, param, sent);
  return BEGINNINGS.has(cursor) ? { kind: "end", beyond: request } : ledTo(page, request);
}

/** Whether digits of a number were lost when it was read: those beyond 2^53 are not all there. */
export function isInexact(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
}
