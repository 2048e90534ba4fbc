import { kindOf } from "../request/kind-of.ts";
import type { Response } from "../response/response.ts";
import { atPath, isObject } from "./body-path.ts";
import { failureIn, partialIn } from "./failure.ts";
import { connectionIn, connectionRows } from "./graphql.ts";
import type { MapRows, RowsOption, TableRows } from "./options.ts";
import { whereRowsMayBe } from "./where-rows.ts";

/** Where APIs put their rows. */
const NAMES: readonly string[] = [
  ...["data", "items", "results", "entries", "records", "rows", "values", "value", "content", "objects"],
  ...["elements", "list", "docs", "nodes", "hits", "member", "hydra:member"],
];

/** Where APIs put what has the rows in it. */
const AROUND: readonly string[] = [
  "data",
  "_embedded",
  "result",
  "results",
  "response",
  "payload",
  "hits",
  "d",
];

/** Lists that stand alone where something went wrong, or beside rows that are not there. */
const NOT_ROWS: ReadonlySet<string> = new Set([
  ...[
    "errors",
    "error",
    "warnings",
    "messages",
    "links",
    "_links",
    "link",
    "included",
    "meta",
    "facets",
    "columns",
  ],
]);

/** The rows of a page, or why they cannot be told. */
export type Found =
  | { readonly rows: readonly unknown[]; readonly path: string | undefined }
  | {
      readonly problem: string;
      readonly hint: string;
      /** Whether the body itself says that something went wrong. */
      readonly failed?: boolean;
    };

const HINT = 'Say where they are with `rows`, such as "data.items", or a function of the body.';

const FAILED =
  "What the server says is in `error.response`. Where it is no failure, say which the rows are with a function: `rows: (body) => …`.";

/**
 * The rows of a body: the body itself, or the one list that it holds, by its name or because there is no other; one level
 * down too (`{ data: { items: [] } }`). Null in the place of a list is an empty one, as Go writes it.
 */
export function findRows(data: unknown): Found {
  if (Array.isArray(data)) return { rows: data, path: undefined };
  if (!isObject(data)) return none();
  const here = inObject(data, "");
  if (here !== undefined) return here;
  for (const name of AROUND) {
    const inner = Object.hasOwn(data, name) ? data[name] : undefined;
    const found = isObject(inner) && !Array.isArray(inner) ? inObject(inner, `${name}.`) : undefined;
    if (found !== undefined) return found;
  }
  const empty = NAMES.find((name) => Object.hasOwn(data, name) && data[name] === null);
  return empty === undefined ? none(data) : { rows: [], path: empty };
}

/** Names alone: what the body says may be a secret. */
function none(data?: unknown): Found {
  const keys = isObject(data) && !Array.isArray(data) ? Object.keys(data).slice(0, 6) : [];
  const has = keys.length === 0 ? "" : `, which has ${keys.map((key) => `\`${key}\``).join(", ")}`;
  return { problem: `There is no list of rows in the body${has}`, hint: whereRowsMayBe(data) };
}

function inObject(data: Readonly<Record<string, unknown>>, prefix: string): Found | undefined {
  const lists = Object.keys(data).filter((key) => Array.isArray(data[key]) && !NOT_ROWS.has(key));
  const named = lists.filter((key) => NAMES.includes(key));
  const [key, ...others] = named.length > 0 ? named : lists;
  if (key === undefined) return undefined;
  if (others.length > 0) {
    const all = [key, ...others].map((name) => `\`${prefix}${name}\``).join(", ");
    const first = `rows: ${JSON.stringify(prefix + key)}`;
    return {
      problem: `There are several lists, and any may be the rows: ${all}`,
      hint: `Say which one: ${first}, or a function of the body.`,
    };
  }
  const rows = data[key];
  return Array.isArray(rows) ? { rows, path: prefix + key } : undefined;
}

/**
 * Finds the rows of each page of one walk. Where they were found on the first, there they are on all: a later body of
 * another shape, such as an error that came with a 200, is not searched for some other list.
 */
export class RowFinder {
  readonly #option: RowsOption | undefined;
  #path: string | undefined;
  #bare = false;
  #columns: readonly string[] | undefined;

  constructor(option: RowsOption | undefined) {
    this.#option = option;
    if (typeof option === "string") this.#path = option;
    if (typeof option === "object" && "table" in option) this.#columns = option.columns;
  }

  /** Where the rows were found, as a dotted path; empty for the body, undefined where that is not for this to say. */
  get path(): string | undefined {
    if (this.#option !== undefined) return undefined;
    return this.#bare ? "" : this.#path;
  }

  /** The names of the columns of a table, once they are known. */
  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  /** Goes on where another finder has found them. */
  resume(path: string | null, columns: readonly string[] | null): void {
    if (path === "") this.#bare = true;
    else if (path !== null) this.#path = path;
    if (columns !== null) this.#columns = columns;
  }

  find(data: unknown, response: Response): Found {
    const option = this.#option;
    // Who looks for the rows with code of one's own judges what stands beside them, too.
    if (typeof option === "function") return given(option(data, response));
    const found = this.#find(data, option);
    const failure =
      "rows" in found && found.rows.length > 0 ? partialIn(data) : (failureIn(data) ?? partialIn(data));
    return failure === undefined ? found : { problem: `The answer ${failure}`, hint: FAILED, failed: true };
  }

  #find(data: unknown, option: string | MapRows | TableRows | undefined): Found {
    if (typeof option === "object")
      return "map" in option ? mapAt(data, option.map) : this.#table(data, option.table);
    if (this.#path !== undefined) {
      const found = atPath(data, this.#path);
      return found === undefined ? notThere(this.#path, data) : list(found, `\`${this.#path}\``, this.#path);
    }
    if (this.#bare) return list(data, "the body");
    const connection = connectionIn(data);
    const found = connection === undefined ? findRows(data) : connectionAt(data, connection);
    if ("rows" in found && connection === undefined) {
      this.#path = found.path;
      this.#bare = found.path === undefined;
    }
    return found;
  }

  #table(data: unknown, path: string): Found {
    const where = path === "" ? "the body" : `\`${path}\``;
    const found = list(path === "" ? data : atPath(data, path), where, path);
    if (!("rows" in found)) return found;
    const odd = found.rows.findIndex((row) => !Array.isArray(row));
    if (odd >= 0)
      return { problem: `Row ${odd + 1} of the table at ${where} is no list of cells`, hint: HINT };
    const [first, ...others] = found.rows;
    const rows = this.#columns === undefined ? others : found.rows;
    this.#columns ??= Array.isArray(first) ? first.map(String) : undefined;
    const columns = this.#columns ?? [];
    // A cell at the end that is empty is left out by some; one that has no column has no name.
    return { rows: rows.map((row) => record(columns, row)), path };
  }
}

function record(columns: readonly string[], cells: unknown): Readonly<Record<string, unknown>> {
  const values: readonly unknown[] = Array.isArray(cells) ? cells : [];
  return Object.fromEntries(columns.map((name, at) => [name, values[at] ?? null]));
}

function mapAt(data: unknown, path: string): Found {
  const found = path === "" ? data : atPath(data, path);
  const where = path === "" ? "the body" : `\`${path}\``;
  if (!isObject(found) || Array.isArray(found)) {
    return { problem: `There is no map of rows: ${where} is ${kindOf(found)}`, hint: HINT };
  }
  const rows = Object.entries(found).map(([key, value]) =>
    isObject(value) && !Array.isArray(value) ? { key, ...value } : { key, value },
  );
  return { rows, path };
}

function connectionAt(data: unknown, path: string): Found {
  const rows = connectionRows(path === "" ? data : atPath(data, path));
  return rows === undefined
    ? {
        problem: `The connection \`${path}\` has neither nodes nor edges`,
        hint: "Ask for them in the query: nodes { … }.",
      }
    : { rows, path };
}

/** What a function of the caller's gives. */
function given(rows: unknown): Found {
  const found = list(rows, "what `rows` gives");
  if ("rows" in found) return found;
  const isLater = isObject(rows) && "then" in rows;
  return {
    problem: `There is no list of rows: what \`rows\` gives is ${kindOf(rows)}`,
    hint: isLater
      ? "`rows` says which they are from the body that it is given, at once."
      : "`rows` gives an array: all rows of the page, or none.",
  };
}

function notThere(path: string, data: unknown): Found {
  const problem = `There is no list of rows: \`${path}\` is not there`;
  return {
    problem,
    hint: `${whereRowsMayBe(data)} Where an empty page leaves them out: (body) => body.items ?? [].`,
  };
}

function list(found: unknown, where: string, path?: string): Found {
  if (Array.isArray(found)) return { rows: found, path };
  if (found === null) return { rows: [], path };
  if (found === undefined) return { problem: `There is no list of rows: ${where} is not there`, hint: HINT };
  return {
    problem: `There is no list of rows: ${where} is ${isObject(found) ? "an object" : `a ${typeof found}`}`,
    hint:
      isObject(found) && path !== undefined
        ? `${HINT} If its entries are the rows: { map: ${JSON.stringify(path)} }.`
        : HINT,
  };
}
