import { Headers } from "../request/headers.ts";
import type { Head } from "./transport.ts";

/** Headers as undici gives them: by lower-case name, those that came more than once as a list. */
export type HeaderRecord = Record<string, string | string[] | undefined>;

/** The head of a response over HTTP/2, as undici gives it. */
export class UndiciHead implements Head {
  readonly status: number;
  readonly statusText: string;
  readonly #record: HeaderRecord;
  #headers: Headers | undefined;

  constructor(status: number, statusText: string, record: HeaderRecord) {
    this.status = status;
    this.statusText = statusText;
    this.#record = record;
  }

  header(name: string): string | undefined {
    // Once they were made, somebody may have changed them.
    if (this.#headers !== undefined) return this.#headers.get(name) ?? undefined;
    if (!Object.hasOwn(this.#record, name)) return undefined;
    const value = this.#record[name];
    if (value === undefined) return undefined;
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get headers(): Headers {
    if (this.#headers === undefined) {
      const flat: string[] = [];
      for (const name of Object.keys(this.#record)) {
        const value = this.#record[name];
        if (Array.isArray(value)) for (const line of value) flat.push(name, line);
        else if (value !== undefined) flat.push(name, value);
      }
      this.#headers = Headers.fromFlat(flat);
    }
    return this.#headers;
  }
}
