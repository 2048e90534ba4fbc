import { fieldOf } from "../response/response.ts";
import { atPath } from "./body-path.ts";
import { afterCursor, isCursor, isNoCursor } from "./cursor-value.ts";
import { inBody } from "./page-number.ts";
import { afterMissing, notUnderstood } from "./pointed.ts";
import { END, type PageStyle, type Place } from "./style.ts";

/** `?cursor=abc`, with what the body of the last page gave; its absence, null, false, 0 or an empty string is the end. */
export function byCursor(path: string, param: string, place: Place): PageStyle {
  return {
    name: "cursor",
    spec: { cursor: path, param, ...inBody(place) },
    first: {},
    next(page) {
      const cursor = atPath(page.data, path);
      if (isCursor(cursor)) return afterCursor(page, cursor, { place, param, what: `\`${path}\`` });
      if (cursor === undefined) return afterMissing(page, `\`${path}\``);
      return isNoCursor(cursor) ? END : notUnderstood(page, path, cursor, "a cursor");
    },
  };
}

/** `?cursor=abc`, with what a header of the last page gave; its absence is the end. */
export function byHeader(header: string, param: string, place: Place): PageStyle {
  return {
    name: "cursor",
    spec: { header, param, ...inBody(place) },
    first: {},
    next(page) {
      const cursor = fieldOf(page.response, header.toLowerCase())?.trim() ?? "";
      if (cursor === "") return afterMissing(page, `\`${header}\` header`);
      return afterCursor(page, cursor, { place, param, what: `The header \`${header}\`` });
    },
  };
}
