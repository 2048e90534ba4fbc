import { Headers } from "../../request/headers.ts";
import type { Head } from "../transport.ts";
import { MalformedResponse } from "./fault.ts";
import { checkCharacters, checkStatusLine, copied, readFields } from "./field-line.ts";

/** Where the status begins, behind the version, and where it ends. */
const STATUS = 9;
const STATUS_END = 12;

/** What a status line may call itself: the last two are not kept, and read as the others are. */
const VERSIONS: ReadonlySet<string> = new Set(["HTTP/1.1 ", "HTTP/1.0 ", "HTTP/0.9 ", "HTTP/2.0 "]);

/** The head of a response of HTTP/1, as it was read. */
export class ResponseHead implements Head {
  readonly status: number;
  readonly statusText: string;
  /** Whether it is of HTTP/1.1, which keeps its connections. */
  readonly isCurrent: boolean;
  /** Name, value, name, value …, the names in lower case. */
  readonly #fields: string[];
  #headers: Headers | undefined;

  private constructor(status: number, statusText: string, isCurrent: boolean, fields: string[]) {
    this.status = status;
    this.statusText = statusText;
    this.isCurrent = isCurrent;
    this.#fields = fields;
  }

  /**
   * Reads a head (RFC 9112 2.1, 4, 5).
   *
   * @param head - Without the line break of its last line.
   * @throws {MalformedResponse} where it is none.
   */
  static read(head: string): ResponseHead {
    const version = head.slice(0, STATUS);
    if (!VERSIONS.has(version)) throw new MalformedResponse("no status line of HTTP/1.1");
    let lineEnd = head.indexOf("\r\n");
    if (lineEnd < 0) lineEnd = head.length;
    checkStatusLine(head.slice(0, lineEnd));
    checkCharacters(head.slice(lineEnd));
    const status = digit(head, STATUS) * 100 + digit(head, STATUS + 1) * 10 + digit(head, STATUS + 2);
    const isSpaced = lineEnd === STATUS_END || head.charCodeAt(STATUS_END) === 0x20;
    // The three are three digits: what is none, a line break among them, makes it no number.
    if (!(status >= 100) || !isSpaced) {
      throw new MalformedResponse("a status that is not three digits from 100 on");
    }
    const fields = readFields(head, lineEnd + 2);
    const reason = reasonOf(head.slice(STATUS_END + 1, lineEnd));
    return new ResponseHead(status, reason, version === "HTTP/1.1 ", fields);
  }

  header(name: string): string | undefined {
    // Once they were made, somebody may have changed them.
    if (this.#headers !== undefined) return this.#headers.get(name) ?? undefined;
    return this.#received(name);
  }

  #received(name: string): string | undefined {
    const fields = this.#fields;
    let value: string | undefined;
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] !== name) continue;
      const next = fields[i + 1] ?? "";
      value = value === undefined ? next : `${value}, ${next}`;
    }
    return value;
  }

  get headers(): Headers {
    // Copies: a part of a text keeps all of it, and who keeps an ETag must not keep the cookies beside it.
    this.#headers ??= Headers.fromFlat(this.#fields.map(copied));
    return this.#headers;
  }
}

/** Servers write it in UTF-8, where they write it in more than ASCII. */
function reasonOf(text: string): string {
  return /[\x80-\xff]/.test(text) ? Buffer.from(text, "latin1").toString() : text;
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 0x30;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
