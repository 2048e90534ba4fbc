import { milliseconds } from "../duration.ts";
import { OptionsError } from "../errors/options-error.ts";
import type { RequestOptions } from "../request/options.ts";
import { SETTING_NAMES } from "../request/read-setting.ts";
import { refuseUnknown } from "../request/unknown-option.ts";
import { checkPosted, isPosted } from "./check-posted.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { isPagingParam } from "./detect.ts";
import { bad, text, wholeFrom } from "./option-value.ts";
import type { PaginateOptions } from "./options.ts";
import type { PageStyle } from "./style.ts";
import { styleOf } from "./style-option.ts";

const MAX_PAGES = 1000;

/** The options of a walk, checked. */
export interface Walk {
  /** Makes the style, one for each loop; undefined where the first page is to show it. */
  readonly style: (() => PageStyle) | undefined;
  /** Whether the response is JSON Lines, read as they come. */
  readonly lines: boolean;
  readonly method: string;
  readonly json: unknown;
  readonly rows: PaginateOptions["rows"];
  readonly total: PaginateOptions["total"];
  readonly schema: PaginateOptions["schema"];
  readonly maxPages: number;
  readonly maxRows: number;
  /** Milliseconds. */
  readonly maxDuration: number;
  readonly allowRepeats: boolean;
  readonly primaryKey: string | undefined;
  readonly strict: boolean;
  readonly prefetch: boolean;
  readonly concurrency: number;
  readonly from: Checkpoint | undefined;
}

/** A page is read whole, and one with a bad status is an error always. */
const NOT_HERE: ReadonlySet<string> = new Set(["stream", "form", "multipart", "body", "raise"]);
const CALL_OPTIONS: readonly string[] = [
  ...SETTING_NAMES.filter((name) => !NOT_HERE.has(name)),
  ...["params", "headers", "path", "json"],
];
const WALK_OPTIONS = [
  ...["by", "method", "rows", "total", "schema", "maxPages", "maxRows", "maxDuration", "allowRepeats"],
  ...["primaryKey", "single", "strict", "prefetch", "concurrency", "from"],
];

/** Methods that change something, or have no body to read. */
const NO_READ: ReadonlySet<string> = new Set(["DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"]);
/** What says nothing of lines: they are one page, read where it stands. */
const NOT_OF_LINES = [
  "rows",
  "total",
  "maxPages",
  "allowRepeats",
  "strict",
  "prefetch",
  "concurrency",
  "from",
] as const;

/**
 * Takes the options of a walk apart from those of its calls.
 *
 * @throws {OptionsError} when one of the walk's has a bad value, or is none.
 */
export function readWalk(options: PaginateOptions): { readonly walk: Walk; readonly call: RequestOptions } {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw bad("options", options, "an object");
  }
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || CALL_OPTIONS.includes(option) || WALK_OPTIONS.includes(option)) continue;
    if (isPagingParam(option)) {
      throw new OptionsError(`\`${option}\` is no option here`, {
        option,
        hint: `What the API takes goes into \`params\`, such as { params: { ${option}: … } }; how its pages are asked for is said with \`by\`.`,
      });
    }
    if (!NOT_HERE.has(option)) refuseUnknown(option, [...WALK_OPTIONS, ...CALL_OPTIONS]);
    throw new OptionsError(
      `\`${option}\` is no option of paginate(), which reads each page whole, sends no body but \`json\`, and raises on each bad status`,
      {
        option,
      },
    );
  }
  // A spread copies own properties alone: a polluted prototype says nothing here (S55).
  const {
    by = "auto",
    method,
    rows,
    total,
    schema,
    maxPages = MAX_PAGES,
    maxRows = Number.POSITIVE_INFINITY,
    maxDuration,
    allowRepeats = false,
    primaryKey,
    single = false,
    strict = false,
    prefetch = false,
    concurrency = 1,
    from,
    ...call
  } = { ...options };
  if (maxPages !== Number.POSITIVE_INFINITY) wholeFrom(1, maxPages, "maxPages");
  if (maxRows !== Number.POSITIVE_INFINITY) wholeFrom(1, maxRows, "maxRows");
  if (concurrency !== 1) wholeFrom(1, concurrency, "concurrency");
  if (method !== undefined) text(method, "method", "a method");
  if (method !== undefined && NO_READ.has(method.toUpperCase())) {
    throw new OptionsError(`\`method\` is ${method}: pages are read, and asked for again where they fail`, {
      option: "method",
      hint: "It takes a method that reads, such as GET, POST for a search, or QUERY.",
    });
  }
  if (primaryKey !== undefined) text(primaryKey, "primaryKey", "a dotted path");
  if (total !== undefined && total !== false) text(total, "total", "a dotted path, or false");
  for (const [option, value] of Object.entries({ allowRepeats, single, strict, prefetch })) {
    if (typeof value !== "boolean") throw bad(option, value, "true or false");
  }
  if (schema !== undefined && !isStandardSchema(schema)) {
    throw bad("schema", schema, "a Standard Schema, such as zod, valibot and arktype make");
  }
  if (single && by !== "auto" && by !== "single") {
    throw new OptionsError("`single` says that there is one page, and `by` how others are asked for", {
      option: "single",
    });
  }
  checkRows(rows);
  if (by === "lines") refuseBesideLines(options);
  const checkpoint = from === undefined ? undefined : readCheckpoint(from);
  const style = styleOf(single ? "single" : by === "auto" ? (checkpoint?.by ?? "auto") : by);
  if (isPosted(style?.().spec)) checkPosted(call.json, "`by`");
  const walk: Walk = {
    style,
    lines: by === "lines",
    method: method ?? (call.json === undefined ? "GET" : "POST"),
    json: call.json,
    ...{ rows, total, schema, maxPages, maxRows, allowRepeats, primaryKey, strict, prefetch, concurrency },
    maxDuration:
      maxDuration === undefined ? Number.POSITIVE_INFINITY : milliseconds(maxDuration, "maxDuration"),
    from: checkpoint,
  };
  return { walk, call };
}

function refuseBesideLines(options: PaginateOptions): void {
  const option = NOT_OF_LINES.find((name) => options[name] !== undefined);
  if (option === undefined) return;
  throw new OptionsError(`\`${option}\` says nothing beside by: "lines", which are read as they come`, {
    option,
  });
}

function checkRows(rows: unknown): void {
  if (rows === undefined || typeof rows === "function") return;
  const allowed = "a dotted path, { map }, { table } or a function";
  if (typeof rows !== "object" || rows === null) {
    text(rows, "rows", allowed);
    return;
  }
  const { map, table, columns, ...others }: { map?: unknown; table?: unknown; columns?: unknown } = {
    ...rows,
  };
  const where = map ?? table;
  const listed =
    columns === undefined || (Array.isArray(columns) && columns.every((name) => typeof name === "string"));
  const known = Object.keys(others).length === 0 && (columns === undefined || table !== undefined);
  if (typeof where === "string" && (map === undefined || table === undefined) && listed && known) return;
  throw bad("rows", rows, allowed);
}

function isStandardSchema(value: unknown): boolean {
  // Arktype's is a function.
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return (
    typeof standard === "object" &&
    standard !== null &&
    typeof Reflect.get(standard, "validate") === "function"
  );
}
