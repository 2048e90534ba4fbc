import { afterNumbered } from "./numbered.ts";
import { type PageStyle, withNext } from "./style.ts";

/**
 * `?offset=0`, `?offset=20` … from the offset that the request has, and on by the rows that really came: a server that gives
 * fewer than it is asked for leaves no gap.
 */
export function byOffset(param: string, limitParam: string, size: number | undefined): PageStyle {
  return {
    first: { [param]: "0", ...(size === undefined ? {} : { [limitParam]: String(size) }) },
    counts: param,
    next(page) {
      const rows = Number(page.asked.get(param)) + page.rows;
      const place = { rows, sure: true, page: undefined };
      return afterNumbered(page, place, () => withNext({ [param]: String(rows) }));
    },
  };
}
