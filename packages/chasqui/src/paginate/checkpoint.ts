import { OptionsError } from "../errors/options-error.ts";
import type { Request } from "../request/request.ts";
import { isObject } from "./body-path.ts";
import type { PageSpec } from "./options.ts";
import type { PageRequest } from "./style.ts";

/**
 * Where a walk stands after a page: plain data that `JSON.stringify` writes, to go on from with `from`. It has no credentials and
 * no secret params; what of the server's own next URL the caller's secrets would be is left out.
 */
export interface Checkpoint {
  readonly version: 1;
  /** The method, origin and path of the first request. */
  readonly walk: string;
  /** The style, as it was given or found; null for a function, which is to be given again. */
  readonly by: PageSpec | null;
  /** Where the rows were found; null where the option `rows` says it. */
  readonly rowsAt: string | null;
  /** What the next page is asked with; null at the end. */
  readonly next: PageRequest | null;
  /** Pages read. */
  readonly pages: number;
  /** Rows read. */
  readonly rows: number;
  /** Rows of the first page. */
  readonly firstCount: number;
  /** How many rows the server last said there are; null where it did not. */
  readonly total: number | null;
  /** Whether a next URL has left the origin of the first page. */
  readonly left: boolean;
  /** Fingerprints of the last pages, so that a circle is known. */
  readonly seen: readonly string[];
  /** The names of the columns, of a table. */
  readonly columns: readonly string[] | null;
}

/** The walk that a checkpoint belongs to. */
export function walkName({ method, origin, target }: Request): string {
  const mark = target.indexOf("?");
  return `${method} ${origin}${mark < 0 ? target : target.slice(0, mark)}`;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (!isObject(value) || Array.isArray(value)) return false;
  const whole = (name: string): boolean => Number.isSafeInteger(value[name]) && Number(value[name]) >= 0;
  return (
    value.version === 1 &&
    typeof value.walk === "string" &&
    whole("pages") &&
    whole("rows") &&
    whole("firstCount") &&
    Array.isArray(value.seen) &&
    (value.next === null || isObject(value.next))
  );
}

/**
 * Checks what was given as a checkpoint: it may have lain in a file.
 *
 * @throws {OptionsError} when it is none.
 */
export function readCheckpoint(value: unknown): Checkpoint {
  if (isCheckpoint(value)) return value;
  const later = isObject(value) && typeof value.version === "number" && value.version > 1;
  throw new OptionsError(
    later
      ? "`from` was written by a later version of Chasqui"
      : "`from` is no checkpoint: it takes what `paginator.checkpoint` was",
    { option: "from" },
  );
}

/** @throws {OptionsError} when a checkpoint belongs to another walk. */
export function refuseOther(checkpoint: Checkpoint, request: Request): void {
  if (checkpoint.walk === walkName(request)) return;
  throw new OptionsError(`\`from\` belongs to a walk of ${checkpoint.walk}, not of ${walkName(request)}`, {
    option: "from",
    hint: "A checkpoint goes on with the request that it was made of.",
  });
}
