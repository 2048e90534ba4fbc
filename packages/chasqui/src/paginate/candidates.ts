import { sensitiveParam } from "../request/sensitive-headers.ts";
import { byCursor } from "./cursor.ts";
import { byOffset } from "./offset.ts";
import { byPageNumber } from "./page-number.ts";
import { sizeParam } from "./page-size.ts";
import { asking, type PageRequest, type PageSeen, type PageStyle } from "./style.ts";

/** A way in which a second page may be asked for, where the first shows none that is known. */
export interface Candidate {
  readonly style: PageStyle;
  /** What asks for the second page. */
  readonly request: PageRequest;
  /** Why it is taken, where it is. */
  readonly reason: string;
  /** The request, in words. */
  readonly shown: string;
  /** The param that takes the number or the cursor. */
  readonly param: string;
  /** What the number counts; undefined of a cursor. */
  readonly counts: "pages" | "rows" | undefined;
}

type Counting = "page" | "_page" | "pageNumber" | "offset" | "_start" | "$skip" | "skip";

/** The param that takes the number, by the one that the caller gives the size with. */
const DIALECTS: ReadonlyMap<string, readonly Counting[]> = new Map<string, readonly Counting[]>([
  ["_limit", ["_page", "_start"]],
  ["per_page", ["page"]],
  ["perPage", ["page"]],
  ["page_size", ["page"]],
  ["pageSize", ["page", "pageNumber"]],
  ["size", ["page"]],
  ["$top", ["$skip"]],
  ["top", ["skip"]],
  ["take", ["skip"]],
  ["limit", ["offset", "page", "skip"]],
  ["count", ["page", "offset"]],
]);
const USUAL: readonly Counting[] = ["page", "_page", "offset"];
const COUNTS_ROWS: ReadonlySet<string> = new Set(["offset", "_start", "$skip", "skip"]);

/** Cursors that are tried before numbers: more of them would be a guess. */
const MOST_CURSORS = 4;

/**
 * The ways in which a second page may be asked for where nothing says how: what stands beside the rows and looks like a cursor, in
 * a param of its own name; then numbers, in the dialect of the request's own params first.
 */
export function candidates(page: PageSeen): readonly Candidate[] {
  const { asked, count, signs, response } = page;
  const cursors = signs.maybe
    .flatMap((cursor) => paramsFor(cursor.key).map((param) => ({ ...cursor, param })))
    .filter(({ param }) => !sensitiveParam(param, response.request.secretParams))
    .slice(0, MOST_CURSORS)
    .map(({ path, param, value }) => ({
      style: byCursor(path, param, "query"),
      request: asking("query", param, value),
      reason: `\`${param}\` with what \`${path}\` has brought other rows`,
      shown: `${param}=(${path})`,
      ...{ param, counts: undefined },
    }));
  const size = sizeParam(asked);
  const names = (size === undefined ? undefined : DIALECTS.get(size)) ?? USUAL;
  const numbers = names
    .filter((name) => !asked.has(name))
    .map((name) => {
      const counts = COUNTS_ROWS.has(name) ? ("rows" as const) : ("pages" as const);
      const second = counts === "rows" ? count : 2;
      const style =
        counts === "rows"
          ? byOffset(name, size ?? "limit", undefined, "query")
          : byPageNumber(name, 1, "query");
      const shown = `${name}=${second}`;
      const reason = `\`${shown}\` brought other rows`;
      return { style, request: asking("query", name, second), reason, shown, param: name, counts };
    });
  return [...cursors, ...numbers];
}

/** The params that may take a cursor: of its own name, without the `next` that says which one it is. */
function paramsFor(key: string): readonly string[] {
  if (key === "next") return ["next", "cursor"];
  const bare = key.replace(/^next_?/i, "");
  const same = bare === key || bare === "";
  return same ? [key] : [bare.charAt(0).toLowerCase() + bare.slice(1), key];
}
