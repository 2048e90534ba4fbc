import { OptionsError } from "../errors/options-error.ts";
import type { Request } from "../request/request.ts";
import { sensitiveParam } from "../request/sensitive-headers.ts";
import { queryOf } from "../request/target-query.ts";
import { isObject } from "./body-path.ts";
import { hash, jsonOf } from "./fingerprint.ts";
import type { PageSpec } from "./options.ts";
import type { AskedFor } from "./page-source.ts";
import type { PageRequest } from "./style.ts";
import { isTally, type TallyState } from "./tally.ts";

/**
 * Where a walk stands after a page: plain data that `JSON.stringify` writes, to go on from with `from`. It has no credentials and
 * no secret params; what of the server's own next URL the caller's secrets would be is left out.
 */
export interface Checkpoint {
  readonly version: 1;
  /** The method, origin and path of the first request. */
  readonly walk: string;
  /** A print of its params and its body, without secrets: another selection is another list. */
  readonly asked: string;
  /** The style, as it was given or found; null for a function, which is to be given again. */
  readonly by: PageSpec | null;
  /** Where the rows were found; null where the option `rows` says it. */
  readonly rowsAt: string | null;
  /**
   * What the next page is asked with; null at the end. Empty where the first page did not show it: that page is then asked for
   * again, left out, and the way on searched for.
   */
  readonly next: PageRequest | null;
  /** At an end that a number alone says: what asks for the page behind it. Null elsewhere. */
  readonly beyond: PageRequest | null;
  /** What is wrong with the last page, where it shows no way on and is not the end: a walk that goes on from here says so again. */
  readonly lost: LostWay | null;
  /** Pages read. */
  readonly pages: number;
  /** Rows read. */
  readonly rows: number;
  /** Rows of the first page. */
  readonly firstCount: number;
  /** Rows that were left out because they had come before. */
  readonly duplicates: number;
  /** What the server has said of how much there is, and what speaks against that this was all. */
  readonly tally: TallyState;
  /** Whether a next URL has left the origin of the first page. */
  readonly left: boolean;
  /** Fingerprints of the last pages, so that a circle is known. */
  readonly seen: readonly string[];
  /** Keys of the last page's rows, where `primaryKey` is given. */
  readonly keys: readonly (string | number)[];
  /** The names of the columns, of a table. */
  readonly columns: readonly string[] | null;
}

/** Why there is no way on. */
export interface LostWay {
  readonly why: "undetected" | "truncated";
  readonly message: string;
  readonly hint: string;
}

/** The walk that a checkpoint belongs to. */
export function walkName({ method, origin, target }: Request): string {
  const mark = target.indexOf("?");
  return `${method} ${origin}${mark < 0 ? target : target.slice(0, mark)}`;
}

/** A print of what a walk asks for, but for how it asks for pages; secrets, which may have been renewed, are left out. */
export function askedBy({ request, json }: AskedFor): string {
  const pairs = [...queryOf(request.target)]
    .filter(([name]) => !sensitiveParam(name, request.secretParams))
    .map((pair) => formPair(pair))
    .sort();
  return hash(`${pairs.join("&")}\n${json === undefined ? "" : jsonOf(json)}`);
}

function formPair(pair: readonly [string, string]): string {
  return new URLSearchParams([[...pair]]).toString();
}

/** Whether a checkpoint was made after a first page that showed no way on. */
export function isFirst({ by, next }: Checkpoint): boolean {
  return by === null && next !== null && Object.keys(next).length === 0;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (!isObject(value) || Array.isArray(value)) return false;
  const whole = (name: string): boolean => Number.isSafeInteger(value[name]) && Number(value[name]) >= 0;
  return (
    value.version === 1 &&
    typeof value.walk === "string" &&
    typeof value.asked === "string" &&
    whole("pages") &&
    whole("rows") &&
    whole("firstCount") &&
    Array.isArray(value.seen) &&
    value.seen.every(isText) &&
    Array.isArray(value.keys) &&
    value.keys.every(isField) &&
    whole("duplicates") &&
    isTally(value.tally) &&
    typeof value.left === "boolean" &&
    (value.next === null || isPageRequest(value.next)) &&
    (value.beyond === null || isPageRequest(value.beyond)) &&
    (value.lost === null || isLost(value.lost))
  );
}

function isLost(value: unknown): value is LostWay {
  if (!isObject(value)) return false;
  return (
    (value.why === "undetected" || value.why === "truncated") && isText(value.message) && isText(value.hint)
  );
}

/** What asks for a page. Of headers a range alone: a file that somebody wrote to does not say what else is sent. */
function isPageRequest(value: unknown): value is PageRequest {
  if (!isObject(value) || Array.isArray(value)) return false;
  if (Object.hasOwn(value, "url")) return typeof value.url === "string" && /^https?:/i.test(value.url);
  const known = { params: isText, headers: isText, body: isField };
  return Object.entries(value).every(([part, fields]) => {
    if (fields === undefined) return true;
    if (!isObject(fields) || Array.isArray(fields)) return false;
    if (part === "headers" && Object.keys(fields).some((name) => name.toLowerCase() !== "range"))
      return false;
    const holds = Object.entries(known).find(([name]) => name === part)?.[1];
    return holds !== undefined && Object.values(fields).every(holds);
  });
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isField(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
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
export function refuseOther(checkpoint: Checkpoint, asked: AskedFor): void {
  const { request } = asked;
  if (checkpoint.walk === walkName(request)) {
    if (checkpoint.asked === askedBy(asked)) return;
    throw new OptionsError(
      `\`from\` belongs to a walk with other ${asked.json === undefined ? "params" : "params or another body"}`,
      {
        option: "from",
        hint: "Other params may be another list: give those that the walk began with, or begin anew.",
      },
    );
  }
  throw new OptionsError(`\`from\` belongs to a walk of ${checkpoint.walk}, not of ${walkName(request)}`, {
    option: "from",
    hint: "A checkpoint goes on with the request that it was made of.",
  });
}
