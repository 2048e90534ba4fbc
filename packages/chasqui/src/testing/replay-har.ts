import { CallerError } from "../errors/caller-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { redactUrl } from "../request/redact.ts";
import { ownOptions, wrongValue } from "../request/wrong-option.ts";
import type { Exchange, RawResponse, Transport } from "../transport/transport.ts";
import { answered } from "./answered.ts";
import { bytesOf, type Recorded } from "./cassette-file.ts";
import { Player } from "./player.ts";

/** What `replayHAR()` may be told. */
export interface ReplayHAROptions {
  /** Whether an answer may be played more than once. Default true: an archive of a browser has most things once. */
  readonly repeat?: boolean | undefined;
}

/**
 * A transport that answers out of an HTTP Archive (HAR 1.2), such as the developer tools of a browser save. A request is found by its
 * method and URL; one that is not there, or whose answer had a body that the archive does not have, ends in a `CallerError`. Nothing is sent.
 *
 * @param har - The path of the file, which needs a disk, or what is in it.
 * @throws {OptionsError} when an option does not exist or has a bad value.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * import { replayHAR } from "chasqui/testing";
 * const request = { method: "GET", url: "https://api.example.com/a" };
 * const response = { status: 200, statusText: "OK", headers: [], content: { text: '{"a":1}' } };
 * await using client = new Client({ transport: replayHAR({ log: { entries: [{ request, response }] } }) });
 * console.log(await client.get("https://api.example.com/a").json()); // { a: 1 }
 * ```
 */
export function replayHAR(har: string | object, options: ReplayHAROptions = {}): Transport {
  const { repeat = true } = ownOptions("replayHAR()", options, ["repeat"]);
  if (typeof repeat !== "boolean") throw wrongValue("repeat", repeat, "true or false");
  if (typeof har !== "string" && (typeof har !== "object" || har === null)) {
    throw new OptionsError(`replayHAR() takes a path or an archive, not ${kindOf(har)}`, { option: "har" });
  }
  return new HarTransport(har, repeat);
}

class HarTransport implements Transport {
  readonly #har: string | object;
  readonly #repeat: boolean;
  /** Those whose answer had a body that the archive does not have. */
  readonly #lost = new Set<Recorded>();
  #opened: Promise<Player> | undefined;

  constructor(har: string | object, repeat: boolean) {
    this.#har = har;
    this.#repeat = repeat;
  }

  async send(exchange: Exchange): Promise<RawResponse> {
    this.#opened ??= this.#open();
    const player = await this.#opened;
    const { method, origin, target } = exchange;
    const asked = { method, url: redactUrl(origin + target, exchange.delegated?.secretParams) };
    const found = player.next(asked);
    if (found === undefined) throw player.missing(asked);
    if (this.#lost.has(found)) {
      throw new CallerError(`${this.#name} has no body for ${asked.method} ${asked.url}`, {
        hint: "har() writes no bodies. A browser saves them where it is told to (“with content”), and cassette() does.",
      });
    }
    exchange.onWrite();
    const { status, statusText, headers, body } = found.response;
    return answered(exchange, { status, statusText, headers: headers.flat(), body: bytesOf(body) }, () =>
      performance.now(),
    );
  }

  async close(): Promise<void> {}

  async #open(): Promise<Player> {
    const name = this.#name;
    const har = typeof this.#har === "string" ? await readArchive(this.#har, name) : this.#har;
    const archived = exchangesOf(har, name);
    for (const { exchange, lost } of archived) if (lost) this.#lost.add(exchange);
    const exchanges = archived.map(({ exchange }) => exchange);
    return new Player(exchanges, this.#repeat, name);
  }

  get #name(): string {
    return typeof this.#har === "string" ? `The archive ${JSON.stringify(this.#har)}` : "The archive";
  }
}

async function readArchive(path: string, name: string): Promise<unknown> {
  const { readFile } = await import("node:fs/promises");
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new CallerError(`${name} cannot be read`, { cause });
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Archived {
  readonly exchange: Recorded;
  /** Whether the answer had a body that the archive does not have. */
  readonly lost: boolean;
}

function exchangesOf(har: unknown, name: string): Archived[] {
  const log = isFields(har) ? har.log : undefined;
  const entries = isFields(log) ? log.entries : undefined;
  if (!Array.isArray(entries)) {
    throw new CallerError(`${name} is no HTTP Archive`, { hint: "It has a list `log.entries`." });
  }
  // What a browser was not answered (it was blocked, or taken from its cache without a body) has status 0.
  return entries
    .map((entry: unknown, at) => exchangeOf(entry, `${name}: entry ${at + 1}`))
    .filter(({ exchange }) => exchange.response.status > 0);
}

function exchangeOf(entry: unknown, name: string): Archived {
  const { request, response } = isFields(entry) ? entry : {};
  if (!isFields(request) || !isFields(response)) throw new CallerError(`${name} has no request and response`);
  const { method, url } = request;
  const { status, statusText, headers, content } = response;
  if (typeof method !== "string" || typeof url !== "string" || typeof status !== "number") {
    throw new CallerError(`${name} has no method, URL and status`);
  }
  const pairs = pairsOf(headers).filter(
    ([header]) => !CODED.has(header.toLowerCase()) && !header.startsWith(":"),
  );
  const body = bodyOf(content);
  const exchange: Recorded = {
    request: { method: method.toUpperCase(), url: redactUrl(withoutFragment(url)), headers: [] },
    response: {
      status,
      statusText: typeof statusText === "string" ? statusText : "",
      headers: pairs,
      ...(body === undefined ? {} : { body }),
    },
  };
  const lost = body === undefined && mayHaveBody(exchange) && hadBody(content, response.bodySize);
  return { exchange, lost };
}

/** Whether the answer can have had a body that matters: that of a redirect is thrown away by browsers too. */
function mayHaveBody({ request, response: { status } }: Recorded): boolean {
  return request.method !== "HEAD" && status !== 204 && (status < 300 || status > 399);
}

/** The size on the wire counts only where that of the content is not known: nothing at all, compressed, has a size there. */
function hadBody(content: unknown, bodySize: unknown): boolean {
  const size = isFields(content) ? content.size : undefined;
  const known = typeof size === "number" && size >= 0 ? size : bodySize;
  return typeof known === "number" && known > 0;
}

/** The content of an archive is decoded, and as long as it is. */
const CODED: ReadonlySet<string> = new Set(["content-encoding", "content-length", "transfer-encoding"]);

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, "");
}

function pairsOf(headers: unknown): [string, string][] {
  if (!Array.isArray(headers)) return [];
  return headers.flatMap((pair: unknown): [string, string][] =>
    isFields(pair) && typeof pair.name === "string" && typeof pair.value === "string"
      ? [[pair.name, pair.value]]
      : [],
  );
}

function bodyOf(content: unknown): Recorded["response"]["body"] {
  if (!isFields(content) || typeof content.text !== "string" || content.text === "") return undefined;
  return content.encoding === "base64" ? { base64: content.text } : { text: content.text };
}
