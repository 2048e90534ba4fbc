import { atPath } from "./body-path.ts";
import { afterCursor, isCursor } from "./cursor-value.ts";
import { inBody } from "./page-number.ts";
import { afterMissing } from "./pointed.ts";
import { END, type PageStyle, type Place } from "./style.ts";

/** `?starting_after=42`, with the id of the last row of the page before; a flag such as `has_more`, or an empty page, ends it. */
export function byLastId(key: string, param: string, place: Place): PageStyle {
  return {
    name: "last-id",
    spec: { lastId: key, param, ...inBody(place) },
    first: {},
    next(page) {
      const { signs, list, totals, rows } = page;
      if (list.length === 0) return afterMissing(page, "rows");
      // Without a flag and a total only the empty page is the end.
      if (signs.flag === undefined && signs.more === undefined) {
        if (signs.end !== undefined) return END;
        if (totals.rows !== undefined && rows === totals.rows) return END;
      }
      const id = atPath(list.at(-1), key);
      if (isCursor(id) || id === 0) {
        return afterCursor(page, id, { place, param, what: `The last row's \`${key}\`` });
      }
      return {
        kind: "lost",
        why: "undetected",
        message: `The last row of page ${page.pages} has no \`${key}\` to go on from`,
        hint: 'Name the field that the next page begins behind, such as { lastId: "uid", param: "starting_after" }.',
      };
    },
  };
}
