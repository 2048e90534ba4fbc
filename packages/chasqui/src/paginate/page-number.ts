import type { PageStyle } from "./style.ts";
import { totalPages, totalRows } from "./total.ts";

/** `?page=1`, `?page=2` … until an empty page, or until the total that the server names has been read. */
export function byPageNumber(param: string, first: number): PageStyle {
  return {
    first: { params: { [param]: first } },
    next(page) {
      if (page.count === 0) return undefined;
      const rows = totalRows(page);
      if (rows !== undefined && page.rows >= rows) return undefined;
      const pages = totalPages(page);
      if (pages !== undefined && page.pages >= pages) return undefined;
      return { params: { [param]: first + page.pages } };
    },
  };
}
