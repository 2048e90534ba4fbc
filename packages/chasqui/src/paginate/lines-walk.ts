import { tellWalk } from "../errors/chasqui-error.ts";
import type { Request } from "../request/request.ts";
import { Records } from "../response/records.ts";
import type { Response } from "../response/response.ts";
import type { Explanation } from "./explanation.ts";
import { parsedLine } from "./json-lines.ts";
import type { Page } from "./options.ts";
import { onPage } from "./page-error.ts";
import type { PageSource } from "./page-source.ts";
import { Progress } from "./progress.ts";
import { checkedRows } from "./row-schema.ts";
import type { Walk } from "./walk.ts";

/** The most rows that are handed on together. */
const BATCH = 100;

/**
 * A walk over JSON Lines, read as they come: its pages are the lines that are there, and no line waits for others. It cannot be gone
 * on with: a line has no name.
 */
export class LinesWalk<T> {
  readonly checkpoint = undefined;
  readonly before = undefined;
  readonly #walk: Walk;
  readonly #source: PageSource;
  readonly #progress: Progress;
  readonly #abort = new AbortController();
  #response: Response | undefined;
  #lines: AsyncIterator<string> | undefined;
  /** What went wrong behind lines that are handed on first. */
  #failed: { readonly error: unknown } | undefined;
  #number = 0;
  #request: Request | undefined;
  #ended = false;

  constructor(walk: Walk, source: PageSource) {
    this.#walk = walk;
    this.#source = source;
    this.#progress = new Progress(walk, () => undefined);
  }

  explain(): Explanation {
    const { pages, rows: rowsRead, duplicates } = this.#progress;
    return {
      ...{
        style: "lines",
        by: "lines",
        reason: "`by` says so",
        rows: undefined,
        total: undefined,
        probes: [],
      },
      confidence: this.#ended ? "proven" : "given",
      ...{ ended: this.#ended, pages, rowsRead, duplicates },
    };
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#response?.close();
  }

  async next(): Promise<Page<T> | undefined> {
    try {
      return await this.#next();
    } catch (error) {
      const { pages, rows } = this.#progress;
      tellWalk(error, { pages, rows, partial: [] }, () => undefined);
      throw this.#source.adopt(error, this.#request);
    }
  }

  async #next(): Promise<Page<T> | undefined> {
    const response = this.#response ?? (await this.#open());
    while (!this.#ended) {
      if (this.#failed !== undefined) throw this.#failed.error;
      const values = await this.#read();
      if (values.length === 0) continue;
      this.#progress.limit(this.#source);
      const fresh = this.#progress.addLines(values);
      const { schema } = this.#walk;
      const rows = schema === undefined ? fresh : await checkedRows(fresh, schema);
      const duplicates = values.length - fresh.length;
      // Without a schema the type is what the caller says of the API.
      return { number: this.#progress.pages, rows: rows as readonly T[], duplicates, data: values, response };
    }
    return undefined;
  }

  /** The values of the lines that are there, once there is one. */
  async #read(): Promise<readonly unknown[]> {
    const lines = this.#lines;
    const values: unknown[] = [];
    try {
      do {
        const line = await lines?.next();
        if (line === undefined || line.done === true) {
          this.#ended = values.length === 0;
          break;
        }
        this.#number++;
        if (line.value.trim() !== "") values.push(parsedLine(line.value, this.#number));
      } while (values.length < BATCH && lines instanceof Records && lines.ready > 0);
    } catch (error) {
      if (values.length === 0) throw error;
      this.#failed = { error };
    }
    return values;
  }

  async #open(): Promise<Response> {
    const call = this.#source.first({});
    this.#request = call.request;
    try {
      const response = await call.stream(this.#abort.signal);
      if (!response.ok) throw response.statusError();
      this.#response = response;
      this.#lines = response.lines()[Symbol.asyncIterator]();
      return response;
    } catch (error) {
      throw onPage(error, 1, call);
    }
  }
}
