import { askedSize } from "./page-size.ts";
import { END, type Onward, type PageSeen } from "./style.ts";

/** Where a page stands in the whole list, as far as it is known. */
export interface Place {
  /** Rows from the start of the list to the end of this page. */
  readonly rows: number;
  /** Whether `rows` is surely that: false where the walk began on a page of which only the number is known. */
  readonly sure: boolean;
  /** The number of this page, counted from 1; undefined where pages have none. */
  readonly page: number | undefined;
}

/**
 * What comes after a page of a style in which the client counts. The server may say that there is more, or that this was
 * all, or how many there are; where it says nothing, the empty page is the end. An honest server never gives more rows
 * than it says there are, so a number that the walk has passed is not the one that it was taken for, and is not believed.
 */
export function afterNumbered(page: PageSeen, place: Place, next: () => Onward): Onward {
  const { signs, totals, count } = page;
  // An empty page is the end whatever it links to, but for a flag: an API that filters a page after cutting it has one.
  if ((count === 0 ? signs.flag : signs.more) !== undefined) return next();
  const told = toldBy(totals.pages, place.page) ?? toldBy(totals.rows, place.rows);
  if (told === "last") {
    // A last page without a row, and rows that the server says there are, cannot both be right.
    const missing = count === 0 && place.sure && page.pages > 1 && (totals.rows ?? 0) > place.rows;
    return missing
      ? shortOf({ ...page, totals: { ...totals, pages: undefined } }, `Page ${page.pages} is empty`)
      : endBy(page, next);
  }
  if (told === "more") {
    if (count > 0) return next();
    // What was counted is rows that are gone, hidden, or of another selection; or the pages stop short of them.
    if (signs.end !== undefined || (!place.sure && totals.pages === undefined)) return END;
    return shortOf(page, `Page ${page.pages} is empty`);
  }
  if (signs.end !== undefined || page.response.status === 204) return END;
  if (count > 0) return next();
  // Where nothing but the empty page says so, one that was filtered empty looks the same: the page behind it tells.
  const onward = place.page !== undefined && page.pages > 1 ? next() : END;
  return onward.kind === "next" ? { kind: "end", beyond: onward.request } : END;
}

/**
 * The end, because a number says so. Some servers count no further than 10,000 rows, whatever there are (Elasticsearch's
 * `track_total_hits`), and some call the rows of the page the total: where the last page is full, or the first is as long as
 * the number says and nobody asked for more, nothing shows it but the page behind it.
 */
export function endBy(page: PageSeen, next: () => Onward): Onward {
  const { signs, count, firstCount, pages, asked } = page;
  const full = count >= (pages === 1 ? (askedSize(asked)?.size ?? 0) : firstCount);
  const onward = full && count > 0 && signs.end === undefined ? next() : END;
  return onward.kind === "next" ? { kind: "end", beyond: onward.request } : END;
}

function toldBy(total: number | undefined, at: number | undefined): "last" | "more" | undefined {
  if (total === undefined || at === undefined || at > total) return undefined;
  return at === total ? "last" : "more";
}

/** The server has stopped short of the number that it gave. */
export function shortOf({ totals, rows }: PageSeen, what: string): Onward {
  const all = totals.pages === undefined ? `${totals.rows} rows` : `${totals.pages} pages`;
  return {
    kind: "lost",
    why: "truncated",
    message: `${what}, but the server says that there are ${all}, and ${rows} rows have been read`,
    hint: "Some APIs give no more than so many rows of a list: ask for less of it at a time. If the number means something else, `total: false` leaves it out of account.",
  };
}
