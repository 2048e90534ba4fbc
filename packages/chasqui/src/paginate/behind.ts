import { askedBy, type Checkpoint, walkName } from "./checkpoint.ts";
import type { CameFrom, PageSource } from "./page-source.ts";
import type { Progress } from "./progress.ts";
import type { Onward, PageRequest, PageStyle } from "./style.ts";
import { type TallyNotes, tallyOf } from "./tally.ts";

/** Where a walk stands behind a page that it read whole. */
export interface Behind
  extends Pick<Checkpoint, "left" | "pages" | "rows" | "duplicates" | "firstCount" | "keys"> {
  readonly onward: Onward;
  readonly from: CameFrom;
  readonly tally: TallyNotes;
  /** How many pages had been seen. */
  readonly seen: number;
}

/** What does not change from page to page. */
interface Walking {
  readonly style: PageStyle | undefined;
  readonly progress: Progress;
  readonly source: PageSource;
}

/** The checkpoint of where a walk stands. It is made when it is read: most are not. */
export function checkpointOf({ onward, from, tally, seen, ...counts }: Behind, walking: Walking): Checkpoint {
  const { style, progress, source } = walking;
  const { finder } = progress;
  const portable = (asks: PageRequest): PageRequest => source.portable(asks, from);
  const beyond = onward.kind === "end" ? onward.beyond : undefined;
  // A first page that said nothing can be asked for again.
  const silent = onward.kind === "lost" && onward.silent === true;
  return {
    version: 1,
    walk: walkName(source.home.request),
    asked: askedBy(source.home),
    by: silent ? null : (style?.spec ?? (onward.kind === "end" ? "single" : null)),
    rowsAt: finder.path ?? null,
    next: silent ? {} : onward.kind === "next" ? portable(onward.request) : null,
    beyond: beyond === undefined ? null : portable(beyond),
    lost: silent ? null : lostIn(onward),
    ...counts,
    tally: tallyOf(tally),
    seen: progress.seen.lastOf(seen),
    columns: finder.columns ?? null,
  };
}

function lostIn(onward: Onward): Checkpoint["lost"] {
  if (onward.kind !== "lost") return null;
  const { why, message, hint } = onward;
  return { why, message, hint };
}
