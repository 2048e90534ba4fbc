import type { StandardSchemaV1 } from "@standard-schema/spec";
import { OptionsError } from "../errors/options-error.ts";
import type { Request } from "../request/request.ts";
import { queryOf } from "../request/target-query.ts";
import type { Response } from "../response/response.ts";
import type { Page } from "./options.ts";
import { onPage } from "./page-error.ts";
import type { PageCall, PageSource } from "./page-source.ts";
import { Progress } from "./progress.ts";
import { checkedRows } from "./row-schema.ts";
import { readSigns } from "./signs.ts";
import type { Onward, PageRequest, PageStyle } from "./style.ts";
import { readTotals } from "./total.ts";
import type { Walk } from "./walk.ts";

/** One walk over the pages, from the first. */
export class PageWalk<T> {
  readonly #walk: Walk;
  readonly #source: PageSource;
  readonly #style: PageStyle;
  readonly #progress: Progress;
  /** The query that the first page is asked with. */
  #asked: URLSearchParams | undefined;
  #last: { readonly response: Response; readonly onward: Onward } | undefined;
  #request: Request | undefined;

  constructor(walk: Walk, source: PageSource) {
    this.#walk = walk;
    this.#source = source;
    this.#style = walk.style();
    this.#progress = new Progress(walk);
  }

  /** The next page, whether or not it has rows; undefined behind the last. */
  async next(): Promise<Page<T> | undefined> {
    try {
      const asks = this.#asks();
      return asks === "end" ? undefined : await this.#read(asks);
    } catch (error) {
      throw this.#source.adopt(error, this.#request);
    }
  }

  /** What the next page is asked with: undefined for the first. */
  #asks(): PageRequest | "end" | undefined {
    if (this.#last === undefined) return undefined;
    const { onward } = this.#last;
    if (onward.kind === "lost") throw this.#progress.error(onward.why, onward.message, { hint: onward.hint });
    return onward.kind === "end" ? "end" : onward.request;
  }

  async #read(asks: PageRequest | undefined): Promise<Page<T>> {
    const call = this.#prepare(asks);
    this.#progress.begin(call, asks);
    this.#request = call.request;
    const { response, data } = await this.#fetch(call);
    const found = this.#progress.take(data, response);
    // Before the caller has the page: what it does to the rows or the body must not decide where the walk goes.
    const onward = this.#onward(data, response, found.length);
    this.#last = { response, onward };
    const { schema } = this.#walk;
    const rows = schema === undefined ? found : await this.#checked(found, schema, call);
    // Without a schema the type is what the caller says of the API.
    return { number: this.#progress.pages, rows: rows as readonly T[], data, response };
  }

  #prepare(asks: PageRequest | undefined): PageCall {
    if (asks === undefined || this.#last === undefined) {
      const call = this.#source.first(this.#style.first);
      this.#asked = queryOf(call.request.target);
      const { counts } = this.#style;
      if (counts !== undefined && !/^\d{1,15}$/.test(this.#asked.get(counts) ?? "")) {
        throw new OptionsError(
          `The param ${JSON.stringify(counts)} is no whole number, and pages are counted by it`,
          {
            option: "params",
          },
        );
      }
      return call;
    }
    const call = this.#source.next(asks, this.#last.response);
    if (!("refused" in call)) return call;
    throw this.#progress.error("refused", `The next URL was not followed: ${call.refused}`);
  }

  async #fetch(call: PageCall): Promise<{ response: Response; data: unknown }> {
    try {
      const response = await call.send();
      // Whatever is no success is no page, and never the end of them.
      if (!response.ok) throw response.statusError();
      // RFC 9110 15.3.5: a 204 has no body. Some APIs answer so where there are no more rows.
      return { response, data: response.status === 204 ? undefined : await response.json() };
    } catch (error) {
      throw onPage(error, this.#progress.pages + 1, call);
    }
  }

  async #checked(
    rows: readonly unknown[],
    schema: StandardSchemaV1,
    call: PageCall,
  ): Promise<readonly unknown[]> {
    try {
      return await checkedRows(rows, schema);
    } catch (error) {
      throw onPage(error, this.#progress.pages, call);
    }
  }

  #onward(data: unknown, response: Response, count: number): Onward {
    const { pages, rows, firstCount } = this.#progress;
    return this.#style.next({
      ...{ data, response, count, pages, rows, firstCount },
      signs: readSigns(data, response),
      totals: readTotals(data, response, this.#walk.total),
      asked: this.#asked ?? new URLSearchParams(),
    });
  }
}
