import { fieldOf } from "../response/response.ts";
import { endBy } from "./numbered.ts";
import { END, onwardWith, type PageStyle } from "./style.ts";

/** `Content-Range: items 0-24/100`; an asterisk where the total is not known (RFC 9110 14.4). */
const CONTENT_RANGE =
  /^\s*(?<unit>[\w-]+)[ =](?<first>\d{1,15})-(?<last>\d{1,15})\/(?<total>\d{1,15}|\*)\s*$/;

/** What a `Content-Range` of rows says; undefined where there is none, or one of bytes. */
export function rangeOf(
  header: string | undefined,
): { unit: string; first: number; last: number; total: number | undefined } | undefined {
  const found = header === undefined ? undefined : CONTENT_RANGE.exec(header)?.groups;
  if (found?.unit === undefined || found.unit === "bytes") return undefined;
  const [first, last] = [Number(found.first), Number(found.last)];
  if (last < first) return undefined;
  return { unit: found.unit, first, last, total: found.total === "*" ? undefined : Number(found.total) };
}

/**
 * `Range: items=0-24`, then `Range: items=25-49` …, in a unit of the server's own (RFC 9110 14.1 allows others than bytes), until
 * the total of `Content-Range`, a 416, or a page that is whole (200).
 */
export function byRange(unit: string, size: number | undefined): PageStyle {
  /** Where the first range of the walk began, by what the server said of it: the request may have had it in a header. */
  let begins: number | undefined;
  return {
    name: "range",
    spec: { range: unit, ...(size === undefined ? {} : { size }) },
    first: size === undefined ? {} : { headers: { range: `${unit}=0-${size - 1}` } },
    skipped: () => begins,
    next(page) {
      const { response, count, pages } = page;
      if (response.status === 416 || count === 0) return END;
      const said = rangeOf(fieldOf(response, "content-range"));
      // RFC 9110 14.2: a server that does not know the unit ignores the range, and answers with all.
      if (said === undefined && pages === 1 && response.status === 200) return END;
      if (said === undefined || said.last - said.first + 1 !== count) {
        return {
          kind: "lost",
          why: "undetected",
          message: `Page ${pages} has ${count} rows, and a Content-Range that does not say which`,
          hint: "The server does not page by ranges of rows: say with `by` how it does.",
        };
      }
      begins ??= said.first - (page.rows - count);
      const from = said.last + 1;
      const range = `${unit}=${from}-${from + (size ?? page.firstCount) - 1}`;
      const onward = onwardWith({ headers: { range } });
      return said.total !== undefined && from >= said.total ? endBy(page, () => onward) : onward;
    },
  };
}
