import { afterNumbered } from "./numbered.ts";
import { inBody } from "./page-number.ts";
import { asking, onwardWith, type PageSeen, type PageStyle, type Place } from "./style.ts";

/**
 * `?offset=0`, `?offset=20` … from the offset that the request has, and on by the rows that really came: a server that gives
 * fewer than it is asked for leaves no gap.
 */
export function byOffset(
  param: string,
  limitParam: string,
  size: number | undefined,
  place: Place,
): PageStyle {
  const afterPage = (page: PageSeen): number => Number(page.asked.get(param)) + page.rows;
  const first = asking(place, param, 0);
  const limit = size === undefined ? {} : asking(place, limitParam, size);
  return {
    name: "offset",
    spec: {
      offset: param,
      ...(limitParam === "limit" ? {} : { limit: limitParam }),
      ...(size === undefined ? {} : { size }),
      ...inBody(place),
    },
    first: {
      params: { ...first.params, ...limit.params },
      body: { ...first.body, ...limit.body },
    },
    counts: param,
    skipped: (asked) => Number(asked.get(param)),
    next(page) {
      const rows = afterPage(page);
      const at = { rows, sure: true, page: undefined };
      return afterNumbered(page, at, () => onwardWith(asking(place, param, rows)));
    },
    ahead(page, by) {
      // Only where pages have come full so far is it known where those behind the next begin.
      if (page.count !== page.firstCount || page.rows !== page.pages * page.firstCount) return undefined;
      const from = afterPage(page) + by * page.firstCount;
      return from < (page.totals.rows ?? 0) ? asking(place, param, from) : undefined;
    },
  };
}
