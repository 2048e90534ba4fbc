import { afterNumbered } from "./numbered.ts";
import { type PageStyle, withNext } from "./style.ts";

/**
 * `?page=1`, `?page=2` … from the number that the request has, until an empty page, or until the total that the server
 * names has been read.
 *
 * @param base - The number of the API's first page. Default 1; 0 where the request begins with 0.
 */
export function byPageNumber(param: string, base: number | undefined): PageStyle {
  return {
    first: { [param]: String(base ?? 1) },
    counts: param,
    next(page) {
      const start = Number(page.asked.get(param));
      const first = base ?? Math.min(start, 1);
      const number = start + page.pages - 1;
      const before = (start - first) * page.firstCount;
      const place = { rows: before + page.rows, sure: start === first, page: number - first + 1 };
      return afterNumbered(page, place, () => withNext({ [param]: String(number + 1) }));
    },
  };
}
