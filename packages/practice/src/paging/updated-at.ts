import type { Row } from "../rows/row.ts";

/** When the first row was written. */
const BEGINNING = Date.UTC(2025, 0, 1);
const SECOND = 1000;
const DAY = 86_400 * SECOND;
/** Rows that share a time. */
const TIED = 3;
/** At each tick every row of this many is written anew. */
const EVERY = 10;

/**
 * When a row was last written: three rows in a row at the same second, and at each tick, a day apart, a tenth of them anew and
 * at one time.
 */
function updatedAt(id: number, tick: number): string {
  const last = tick - ((((tick - id) % EVERY) + EVERY) % EVERY);
  const at = last >= 1 ? BEGINNING + last * DAY : BEGINNING + Math.floor((id - 1) / TIED) * SECOND;
  return new Date(at).toISOString();
}

/** A row with its `updated_at`. */
export function stamped(row: Row, tick: number): Row {
  return typeof row.id === "number" ? { ...row, updated_at: updatedAt(row.id, tick) } : row;
}
