import type { Response } from "../response/response.ts";
import { atPath, isObject } from "./body-path.ts";
import type { RowsOption } from "./options.ts";

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
  | { readonly problem: string; readonly hint: string };

const HINT = 'Say where they are with `rows`, such as "data.items", or a function of the body.';

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
  return empty === undefined ? none() : { rows: [], path: empty };
}

function none(): Found {
  return { problem: "There is no list of rows in the body", hint: HINT };
}

function inObject(data: Readonly<Record<string, unknown>>, prefix: string): Found | undefined {
  const lists = Object.keys(data).filter((key) => Array.isArray(data[key]) && !NOT_ROWS.has(key));
  const named = lists.filter((key) => NAMES.includes(key));
  const [key, ...others] = named.length > 0 ? named : lists;
  if (key === undefined) return undefined;
  if (others.length > 0) {
    const all = [key, ...others].map((name) => `\`${prefix}${name}\``).join(", ");
    return { problem: `There are several lists, and any may be the rows: ${all}`, hint: HINT };
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

  constructor(option: RowsOption | undefined) {
    this.#option = option;
    if (typeof option === "string") this.#path = option;
  }

  find(data: unknown, response: Response): Found {
    if (typeof this.#option === "function") return list(this.#option(data, response), "what `rows` gives");
    if (this.#path !== undefined) return list(atPath(data, this.#path), `\`${this.#path}\``, this.#path);
    if (this.#bare) return list(data, "the body");
    const found = findRows(data);
    if ("rows" in found) {
      this.#path = found.path;
      this.#bare = found.path === undefined;
    }
    return found;
  }
}

function list(found: unknown, where: string, path?: string): Found {
  if (Array.isArray(found)) return { rows: found, path };
  if (found === null) return { rows: [], path };
  if (found === undefined) {
    const hint = `${HINT} Where an empty page leaves them out: (body) => body.items ?? [].`;
    return { problem: `There is no list of rows: ${where} is not there`, hint };
  }
  return {
    problem: `There is no list of rows: ${where} is ${isObject(found) ? "an object" : `a ${typeof found}`}`,
    hint: HINT,
  };
}
