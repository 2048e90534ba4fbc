import { atPath } from "./body-path.ts";
import { afterMissing, notUnderstood } from "./pointed.ts";
import { isCursor, isNoCursor } from "./signs.ts";
import { END, type PageStyle, withNext } from "./style.ts";

/** `?cursor=abc`, with what the body of the last page gave; its absence, null, false, 0 or an empty string is the end. */
export function byCursor(path: string, param: string): PageStyle {
  return {
    first: {},
    next(page) {
      const cursor = atPath(page.data, path);
      if (isCursor(cursor)) return withNext({ [param]: String(cursor) });
      if (cursor === undefined) return afterMissing(page, `\`${path}\``);
      return isNoCursor(cursor) ? END : notUnderstood(page, path, cursor, "a cursor");
    },
  };
}
