import type { Selection } from "../query/select.ts";
import { Refusal } from "../refusal.ts";

/** Rows that are looked through for one by its id where their ids do not rise. */
const MOST = 100_000;

/**
 * The cursor of a place in a list. It has the id of the row before, and stays behind that row when others come or go; and the
 * index, where there is no such row. It says nothing to whoever looks at it, and is not to be computed.
 */
export function cursorTo(selection: Selection, from: number): string {
  const [row] = from > 0 ? selection.slice(from - 1, from) : [];
  const id = row?.id;
  const place =
    typeof id === "number" || typeof id === "string" ? `after:${JSON.stringify(id)}` : `row:${from}`;
  return Buffer.from(place).toString("base64url");
}

/**
 * The index that a cursor stands at.
 *
 * @throws {Refusal} 400 where it is none of ours, 410 where its row is gone and nothing says where it stood.
 */
export function placeOf(selection: Selection, cursor: string): number {
  if (cursor === "") return 0;
  const { from, id } =
    /^(?:row:(?<from>\d{1,15})|after:(?<id>.+))$/s.exec(Buffer.from(cursor, "base64url").toString())
      ?.groups ?? {};
  if (from !== undefined) return Number(from);
  const read = id === undefined ? undefined : idIn(id);
  if (read === undefined) throw new Refusal(400, `${JSON.stringify(cursor)} is not a cursor of this list`);
  return placeAfter(selection, read);
}

/**
 * The index behind the row with an id, or behind where it stood if it is gone.
 *
 * @throws {Refusal} 410 where it is gone and the ids do not rise, so that nothing says where it stood.
 */
export function placeAfter(selection: Selection, id: number | string): number {
  const risen = typeof id === "number" ? afterRising(selection, id) : 0;
  const [before] = risen > 0 ? selection.slice(risen - 1, risen) : [];
  // Generated rows that are not sorted are many, and their ids rise.
  if (before?.id === id || selection.count > MOST) return risen;
  const rows = selection.slice(0, selection.count);
  const at = rows.findIndex((row) => row.id === id);
  if (at >= 0) return at + 1;
  const rises = rows.every((row, index) => index === 0 || Number(rows[index - 1]?.id) < Number(row.id));
  if (typeof id === "number" && rises) return risen;
  throw new Refusal(410, "the row that this list was to go on behind is gone; begin anew");
}

/** Where the first row with an id beyond this one stands, where the ids rise. */
function afterRising(selection: Selection, id: number): number {
  let [low, high] = [0, selection.count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [row] = selection.slice(middle, middle + 1);
    if (Number(row?.id) <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function idIn(text: string): number | string | undefined {
  try {
    const id: unknown = JSON.parse(text);
    return typeof id === "number" || typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}
