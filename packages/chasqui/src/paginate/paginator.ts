import { OptionsError } from "../errors/options-error.ts";
import { PaginationError, type PaginationErrorKind } from "../errors/pagination-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { RequestOptions } from "../request/options.ts";
import { redactUrl } from "../request/redact.ts";
import type { Response } from "../response/response.ts";
import { validate } from "../response/schema.ts";
import { atPath } from "./body-path.ts";
import { byCursor } from "./cursor.ts";
import { detect, paramStyle } from "./detect.ts";
import { byLink } from "./link.ts";
import { byNextUrl } from "./next-url.ts";
import { byOffset } from "./offset.ts";
import type { Page, PageStyleOption, PaginateOptions } from "./options.ts";
import { byPageNumber } from "./page-number.ts";
import { findRows } from "./rows.ts";
import type { PageRequest, PageSeen, PageStyle } from "./style.ts";

/** Fetches one page; `from` is the page before, whose origin a URL of the server's own is held against. */
export type FetchPage = (request: PageRequest, from: Response | undefined) => Promise<Response>;

const MAX_PAGES = 1000;
const STYLES = ["auto", "page", "offset", "cursor", "next", "link"];

/** The options of a walk, apart from those of its calls. */
export interface Walk {
  readonly by: PageStyleOption;
  readonly rows: PaginateOptions["rows"];
  readonly schema: PaginateOptions["schema"];
  readonly maxPages: number;
  readonly allowRepeats: boolean;
  readonly params: RequestOptions["params"];
}

/** Takes the options of a walk apart from those of its calls. */
export function readWalk(options: PaginateOptions): { walk: Walk; call: RequestOptions } {
  const { by = "auto", rows, schema, maxPages = MAX_PAGES, allowRepeats = false, ...call } = { ...options };
  if (!Number.isInteger(maxPages) || maxPages < 1) {
    throw new OptionsError(`\`maxPages\` is ${kindOf(maxPages)}; it takes a whole number from 1`, {
      option: "maxPages",
    });
  }
  if (rows !== undefined && typeof rows !== "string" && typeof rows !== "function") {
    throw new OptionsError(`\`rows\` is ${kindOf(rows)}; it takes a dotted path or a function`, {
      option: "rows",
    });
  }
  return { walk: { by, rows, schema, maxPages, allowRepeats, params: call.params }, call };
}

function styleOf(by: PageStyleOption, params: RequestOptions["params"]): PageStyle | "auto" {
  if (by === "auto") {
    const named = paramStyle(params);
    if (named === "offset" || named === "_start") return byOffset(named, "limit", undefined);
    return "auto";
  }
  if (by === "page") return byPageNumber("page", 1);
  if (by === "offset") return byOffset("offset", "limit", undefined);
  if (by === "cursor") return byCursor("next_cursor", "cursor");
  if (by === "next") return byNextUrl("next");
  if (by === "link") return byLink;
  if (typeof by === "object" && by !== null) {
    if ("page" in by && typeof by.page === "string") return byPageNumber(by.page, by.first ?? 1);
    if ("offset" in by && typeof by.offset === "string")
      return byOffset(by.offset, by.limit ?? "limit", by.size);
    if ("cursor" in by && typeof by.cursor === "string") return byCursor(by.cursor, by.param ?? "cursor");
    if ("next" in by && typeof by.next === "string") return byNextUrl(by.next);
  }
  throw new OptionsError(
    `\`by\` is ${kindOf(by)}; it takes ${STYLES.join(", ")}, or an object that names the params`,
    {
      option: "by",
    },
  );
}

/**
 * A walk over the pages of an API, to its end: loop over the rows, or over the `pages()`, or take `all()` of them.
 *
 * It ends where the server says that there is no more: an empty page, no cursor, no next URL, the total reached. Anything
 * else that stops it is an error, never a silent end.
 *
 * @throws {PaginationError} (from the loop) when there are more than `maxPages`, when a page, cursor or URL comes twice, when
 * rows cannot be found, or when the first page shows neither a way on nor an end.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010" });
 * const posts = client.paginate<{ id: number }>("/posts", { params: { _page: 1, _limit: 10 } });
 * for await (const post of posts) if (post.id === 3) break;
 * console.log((await posts.all()).length); // 100
 * ```
 */
export class Paginator<T> implements AsyncIterable<T> {
  readonly #walk: Walk;
  readonly #fetcher: () => FetchPage;

  constructor(walk: Walk, fetcher: () => FetchPage) {
    this.#walk = walk;
    this.#fetcher = fetcher;
  }

  /** The rows, one by one. Each loop is a walk of its own, from the first page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.rows;
  }

  /** The pages that have rows. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    const progress = new Progress(this.#walk);
    const fetch = this.#fetcher();
    let style = styleOf(this.#walk.by, this.#walk.params);
    let request: PageRequest | undefined = style === "auto" ? { params: {} } : style.first;
    let response: Response | undefined;
    while (request !== undefined) {
      progress.begin(request);
      response = await fetch(request, response);
      response.raiseForStatus();
      const data = await response.json();
      const rows = await progress.take<T>(data, response);
      if (rows.length > 0) yield { number: progress.pages, rows, data, response };
      const seen: PageSeen = {
        data,
        response,
        count: rows.length,
        rows: progress.rows,
        pages: progress.pages,
      };
      if (style === "auto") {
        const found = detect(seen);
        if (found.kind === "complete") return;
        if (found.kind === "unknown") {
          style = this.#byOwnParam(progress);
        } else style = found.style;
      }
      request = style.next(seen);
    }
  }

  /** All rows, in one list. */
  async all(): Promise<T[]> {
    const rows: T[] = [];
    for await (const page of this.pages()) for (const row of page.rows) rows.push(row);
    return rows;
  }

  /** The first `count` rows; pages beyond them are not asked for. */
  async take(count: number): Promise<T[]> {
    const rows: T[] = [];
    if (count <= 0) return rows;
    for await (const row of this) {
      rows.push(row);
      if (rows.length >= count) break;
    }
    return rows;
  }

  #byOwnParam(progress: Progress): PageStyle {
    const named = paramStyle(this.#walk.params);
    if (named === "page" || named === "_page") return byPageNumber(named, 1);
    throw progress.error(
      "undetected",
      "The first page shows neither a way to the next page nor that it is the last",
      {
        hint: 'Say how with `by`: "page", "offset", "cursor", "next" or "link", or an object that names the params.',
      },
    );
  }
}

/** How far a walk has come, and what it has seen, so that it can tell when it goes in circles. */
class Progress {
  readonly #walk: Walk;
  readonly #requests = new Set<string>();
  readonly #prints = new Set<string>();
  pages = 0;
  rows = 0;

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  /** Before a page is asked for: not too many, and not the same question twice. */
  begin(request: PageRequest): void {
    const { maxPages } = this.#walk;
    if (this.pages >= maxPages) {
      throw this.error("max-pages", `There are more than ${maxPages} pages`, {
        hint: "Raise `maxPages` if that is what you expect.",
      });
    }
    const token = "url" in request ? request.url : JSON.stringify(request.params);
    if (this.#requests.has(token)) {
      const what = "url" in request ? `URL ${redactUrl(token)}` : "cursor or page";
      throw this.error("repeated", `The server gave the same ${what} a second time`, {
        hint: "Going on would never end. The pages before it have been read.",
      });
    }
    this.#requests.add(token);
  }

  /** After a page came: its rows, and that it is not one that was there before. */
  async take<T>(data: unknown, response: Response): Promise<readonly T[]> {
    this.pages++;
    const found = this.#rowsOf(data, response);
    if (found.length > 0 && !this.#walk.allowRepeats) {
      const print = fingerprint(found);
      if (this.#prints.has(print)) {
        throw this.error("repeated", `Page ${this.pages} is the same as an earlier one`, {
          hint: "Does the server know the param that asks for a page? `allowRepeats: true` lets equal pages be.",
        });
      }
      this.#prints.add(print);
    }
    this.rows += found.length;
    const { schema } = this.#walk;
    if (schema === undefined) return found as readonly T[];
    const checked: T[] = [];
    for (const row of found) checked.push((await validate(schema, row)) as T);
    return checked;
  }

  error(kind: PaginationErrorKind, message: string, details: { hint: string }): PaginationError {
    const { pages, rows } = this;
    return new PaginationError(kind, `${message} (${pages} pages, ${rows} rows read)`, {
      ...details,
      pages,
      rows,
    });
  }

  #rowsOf(data: unknown, response: Response): readonly unknown[] {
    const { rows } = this.#walk;
    const found =
      typeof rows === "function"
        ? rows(data, response)
        : rows === undefined
          ? findRows(data)
          : atPath(data, rows);
    if (Array.isArray(found)) return found;
    const where = typeof rows === "string" ? `at \`${rows}\`` : "in the body";
    throw this.error("rows", `There is no list of rows ${where} of page ${this.pages}`, {
      hint: 'Say where they are with `rows`, such as "data.items", or a function of the body.',
    });
  }
}

/**
 * FNV-1a over the JSON of the rows, twice with different offsets, and its length: enough that two different pages of one
 * walk do not look alike. Not for security.
 */
function fingerprint(rows: readonly unknown[]): string {
  const text = JSON.stringify(rows);
  let first = 0x811c9dc5;
  let second = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x85ebca6b);
  }
  return `${first >>> 0}.${second >>> 0}.${text.length}`;
}
