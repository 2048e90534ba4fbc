import type { PageStyle } from "./style.ts";
import { totalRows } from "./total.ts";

/** `?offset=0`, `?offset=20` … by the rows that really came, so that a short page leaves no gap. */
export function byOffset(param: string, limitParam: string, size: number | undefined): PageStyle {
  const limit = size === undefined ? {} : { [limitParam]: size };
  return {
    first: { params: { [param]: 0, ...limit } },
    next(page) {
      if (page.count === 0) return undefined;
      const total = totalRows(page);
      if (total !== undefined && page.rows >= total) return undefined;
      return { params: { [param]: page.rows, ...limit } };
    },
  };
}
