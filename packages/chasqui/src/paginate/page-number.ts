import { afterNumbered } from "./numbered.ts";
import { asking, onwardWith, type PageSeen, type PageStyle, type Place } from "./style.ts";

/**
 * `?page=1`, `?page=2` … from the number that the request has, until an empty page, or until the total that the server
 * names has been read.
 *
 * @param base - The number of the API's first page. Default 1; 0 where the request begins with 0.
 */
export function byPageNumber(param: string, base: number | undefined, place: Place): PageStyle {
  const startOf = ({ asked }: Pick<PageSeen, "asked">): number => Number(asked.get(param));
  const firstOf = (page: Pick<PageSeen, "asked">): number => base ?? Math.min(startOf(page), 1);
  const numberOf = (page: PageSeen): number => startOf(page) + page.pages - 1;
  return {
    name: "page",
    spec: { page: param, ...(base === undefined ? {} : { first: base }), ...inBody(place) },
    first: asking(place, param, base ?? 1),
    counts: param,
    skipped: (asked) => (startOf({ asked }) === firstOf({ asked }) ? 0 : undefined),
    next(page) {
      const [start, first, number] = [startOf(page), firstOf(page), numberOf(page)];
      const before = (start - first) * page.firstCount;
      const at = { rows: before + page.rows, sure: start === first, page: number - first + 1 };
      return afterNumbered(page, at, () => onwardWith(asking(place, param, number + 1)));
    },
    ahead(page, by) {
      const { totals, firstCount } = page;
      const all = totals.pages ?? (totals.rows === undefined ? 0 : Math.ceil(totals.rows / firstCount));
      const number = numberOf(page) + 1 + by;
      return number - firstOf(page) + 1 <= all ? asking(place, param, number) : undefined;
    },
  };
}

/** As an option, a place is said only where it is not the usual one. */
export function inBody(place: Place): { in?: "body" } {
  return place === "body" ? { in: "body" } : {};
}
