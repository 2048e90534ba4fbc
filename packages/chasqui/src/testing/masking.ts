import type { Headers } from "../request/headers.ts";
import { redactUrl } from "../request/redact.ts";
import { isSensitiveHeader, sensitiveParam } from "../request/sensitive-headers.ts";
import { queryOf } from "../request/target-query.ts";

const MASK = "***";
/** Names that are secrets in a query, and in data most often are not: the key of an issue, the code of an error. */
const ORDINARY: ReadonlySet<string> = new Set(["key", "code", "pin"]);
/** What is shorter would be found in any word. */
const SHORTEST = 6;

/** What is not to stand in a recording: by name, and what went out as a credential wherever it comes back. */
export class Masking {
  readonly #params: ReadonlySet<string> | undefined;
  readonly #values: readonly string[];

  /**
   * @param headers - Those that were sent.
   * @param target - Path and query that were sent.
   * @param params - Lower-case names of parameters that are secrets besides.
   * @param sent - The body that was sent.
   */
  constructor(headers: Headers, target: string, params: ReadonlySet<string> | undefined, sent: Uint8Array) {
    this.#params = params;
    const values = new Set<string>();
    for (const [name, value] of headers) {
      if (!isSensitiveHeader(name) && headers.secretNames?.has(name.toLowerCase()) !== true) continue;
      for (const part of [value, ...value.split(/[\s;,]+/)]) {
        values.add(part);
        // A cookie is a name and a value.
        values.add(part.slice(part.indexOf("=") + 1));
      }
      values.add(passwordOf(value));
    }
    for (const [name, value] of queryOf(target)) if (this.#names(name)) values.add(value);
    for (const value of this.#secretsOf(new TextDecoder().decode(sent), headers.get("content-type") ?? "")) {
      values.add(value);
    }
    const long = [...values].filter(({ length }) => length >= SHORTEST);
    // The longest first: one may be part of another.
    this.#values = [...new Set(long.flatMap(spellings))].sort((a, b) => b.length - a.length);
  }

  /** The values of what is a secret by its name in a body of a form or of JSON. */
  #secretsOf(text: string, contentType: string): string[] {
    if (/^application\/x-www-form-urlencoded/i.test(contentType)) {
      return [...new URLSearchParams(text)].filter(([name]) => this.#names(name)).map(([, value]) => value);
    }
    try {
      const data: unknown = JSON.parse(text);
      return this.#secretsIn(data, false);
    } catch {
      return [];
    }
  }

  #secretsIn(data: unknown, within: boolean): string[] {
    if (typeof data === "string" || typeof data === "number") return within ? [String(data)] : [];
    if (typeof data !== "object" || data === null) return [];
    if (Array.isArray(data)) return data.flatMap((item: unknown) => this.#secretsIn(item, within));
    return Object.entries(data).flatMap(([name, value]) =>
      isCount(name, value) ? [] : this.#secretsIn(value, within || this.#isSecret(name, value)),
    );
  }

  /** A text, line by line: JSON Lines and the data of events are masked as JSON is. */
  text(text: string): string {
    const lines = text.replace(/^((?:data:[ \t]?)?)([[{].*)$/gm, (whole, before: string, line: string) => {
      const masked = this.#line(line);
      return masked === undefined ? whole : before + masked;
    });
    return this.#withoutValues(lines);
  }

  #line(line: string): string | undefined {
    try {
      const data: unknown = JSON.parse(line);
      const masked = this.json(data);
      return masked === data ? undefined : JSON.stringify(masked);
    } catch {
      return undefined;
    }
  }

  /** A body of a form. */
  form(text: string): string {
    const masked = text.replace(/([^=&]+)=([^&]*)/g, (whole, name: string) => {
      let decoded = name;
      try {
        decoded = decodeURIComponent(name.replaceAll("+", " "));
      } catch {
        // What is ASCII in it is enough to know a secret's name by.
      }
      return this.#names(decoded) ? `${name}=${MASK}` : whole;
    });
    return this.#withoutValues(masked);
  }

  /** Data of JSON; the same value where nothing of it is a secret. */
  json(data: unknown, within = false): unknown {
    if (typeof data === "string") return within ? MASK : this.#string(data);
    if (typeof data !== "object" || data === null) return data;
    if (Array.isArray(data)) {
      const items = data.map((item) => this.json(item, within));
      return items.some((item, at) => item !== data[at]) ? items : data;
    }
    let changed = false;
    const entries = Object.entries(data).map(([name, value]): [string, unknown] => {
      const secret = this.#isSecret(name, value);
      const isNumber = secret && typeof value === "number" && !isCount(name, value);
      const masked = isNumber ? MASK : this.json(value, within || secret);
      changed ||= masked !== value;
      return [name, masked];
    });
    return changed ? Object.fromEntries(entries) : data;
  }

  #string(text: string): string {
    const isUrl = /^(?:https?:\/\/|\/)\S*[?#@]/i.test(text);
    return this.#withoutValues(isUrl ? redactUrl(text, this.#params) : text);
  }

  /** Whether a field of JSON is a secret. */
  #isSecret(name: string, value: unknown): boolean {
    return this.#names(name) && !(ORDINARY.has(name.toLowerCase()) && isOrdinary(value));
  }

  #names(name: string): boolean {
    return sensitiveParam(name, this.#params) || isSensitiveHeader(name);
  }

  #withoutValues(text: string): string {
    return this.#values.reduce((shown, value) => shown.replaceAll(value, MASK), text);
  }
}

/** `prompt_tokens: 12` counts them. */
function isCount(name: string, value: unknown): boolean {
  return typeof value === "number" && /tokens$/i.test(name);
}

/** A value as it may stand in a text: as it is, in JSON, in a URL, in a form. */
function spellings(value: string): string[] {
  const form = new URLSearchParams([["", value]]).toString().slice(1);
  // What is no whole Unicode cannot be in a URL.
  const url = value.isWellFormed() ? encodeURIComponent(value) : value;
  return [value, JSON.stringify(value).slice(1, -1), url, form];
}

/** Whether a value is too short, or too much of a word, to open anything. */
function isOrdinary(value: unknown): boolean {
  return typeof value !== "string" || value.length < 16 || !/\d/.test(value);
}

/** The password of Basic credentials, which an echo may show decoded. */
function passwordOf(value: string): string {
  const [, coded] = /^basic\s+(\S+)$/i.exec(value) ?? [];
  if (coded === undefined) return "";
  try {
    const pair = atob(coded);
    return pair.slice(pair.indexOf(":") + 1);
  } catch {
    return "";
  }
}
