import { defaultTransport } from "#platform";
import { systemClock } from "../clock.ts";
import { OptionsError } from "../errors/options-error.ts";
import { collected } from "../joined.ts";
import { Headers } from "../request/headers.ts";
import { kindOf } from "../request/kind-of.ts";
import { redactHeaders, redactUrl } from "../request/redact.ts";
import { ownOptions, wrongValue } from "../request/wrong-option.ts";
import type { BodyPlan, Exchange, Head, RawResponse, Transport } from "../transport/transport.ts";
import { answered } from "./answered.ts";
import {
  bytesOf,
  type Recorded,
  type RecordedBody,
  readCassette,
  recordBody,
  writeCassette,
} from "./cassette-file.ts";
import { Masking } from "./masking.ts";
import { type Asked, Player } from "./player.ts";

/**
 * What is recorded and what is played back: `"once"` records where there is no cassette yet, and plays back otherwise; `"none"` only plays
 * back; `"new"` plays back what is there and records what is not; `"all"` records everything anew.
 */
export type CassetteMode = "once" | "none" | "new" | "all";

/** What `cassette()` may be told. */
export interface CassetteOptions {
  /** Default `"once"`. */
  readonly mode?: CassetteMode | undefined;
  /** Whether an answer may be played more than once. Default false: in the order in which they were recorded, each once. */
  readonly repeat?: boolean | undefined;
  /** What carries the requests that are recorded. Default: sockets on Node, fetch elsewhere. */
  readonly transport?: Transport | undefined;
  /**
   * Has the last word on what is written: it gets each exchange, redacted by the one list already, and gives it back as it may be kept.
   */
  readonly redact?: ((exchange: Recorded) => Recorded) | undefined;
}

const MODES: readonly CassetteMode[] = ["once", "none", "new", "all"];
const OPTIONS: readonly (keyof CassetteOptions)[] = ["mode", "repeat", "transport", "redact"];

/**
 * A transport that records what a server answers into a file, and plays it back from there: a test that ran against the real server once
 * needs it no more. The file is JSON that people read and review: secrets are masked by the one list, in URLs, headers, JSON and
 * forms. Network errors are not recorded. Needs a disk.
 *
 * A request is found by its method, its redacted URL and its body. In mode `"none"`, and of a cassette that is there in mode `"once"`, one
 * that is not found ends in a `CallerError`.
 *
 * @param path - Of the file; its folder is made where it is not there.
 * @throws {OptionsError} when an option does not exist or has a bad value.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * import { cassette } from "chasqui/testing";
 * await using client = new Client({
 *   baseUrl: "http://localhost:4010",
 *   transport: cassette("/tmp/chasqui-posts.json", { mode: "all" }),
 * });
 * console.log((await client.get("/posts/1")).status); // 200
 * ```
 */
export function cassette(path: string, options: CassetteOptions = {}): Transport {
  const own = ownOptions("cassette()", options, OPTIONS);
  const { mode = "once", repeat = false, redact } = own;
  if (!MODES.includes(mode)) {
    const allowed = MODES.map((known) => `"${known}"`).join(", ");
    throw new OptionsError(`\`mode\` is ${kindOf(mode)}; it takes ${allowed}`, { option: "mode" });
  }
  if (typeof repeat !== "boolean") throw wrongValue("repeat", repeat, "true or false");
  if (redact !== undefined && typeof redact !== "function")
    throw wrongValue("redact", redact, "a function of the exchange");
  if (typeof path !== "string" || path === "") {
    throw new OptionsError(`The path of a cassette is ${kindOf(path)}, not a text`, { option: "path" });
  }
  return new Cassette(path, mode, own);
}

class Cassette implements Transport {
  readonly #path: string;
  readonly #mode: CassetteMode;
  readonly #repeat: boolean;
  readonly #redact: (exchange: Recorded) => Recorded;
  #inner: Transport | undefined;
  #opened: Promise<{ readonly player: Player; readonly records: boolean }> | undefined;
  readonly #recorded: Recorded[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, mode: CassetteMode, { repeat = false, transport, redact }: CassetteOptions) {
    this.#path = path;
    this.#mode = mode;
    this.#repeat = repeat;
    this.#inner = transport;
    this.#redact = redact ?? ((exchange) => exchange);
  }

  async send(exchange: Exchange): Promise<RawResponse> {
    this.#opened ??= this.#open();
    const { player, records } = await this.#opened;
    const sent = await bodyOf(exchange);
    const { headers: given, target, delegated } = exchange;
    const masking = new Masking(
      Headers.fromFlat([...given], delegated?.secretNames),
      target,
      delegated?.secretParams,
      sent,
    );
    const asked = askedOf(exchange, sent, masking);
    const found = player.next(asked);
    if (found !== undefined) {
      exchange.onWrite();
      const { status, statusText, headers, body } = found.response;
      return answered(exchange, { status, statusText, headers: headers.flat(), body: bytesOf(body) }, () =>
        performance.now(),
      );
    }
    if (!records) throw player.missing(asked);
    return this.#record(exchange, asked, masking);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#inner?.close();
  }

  async #open(): Promise<{ readonly player: Player; readonly records: boolean }> {
    const there = this.#mode === "all" ? undefined : await readCassette(this.#path);
    if (this.#mode === "new" && there !== undefined) this.#recorded.push(...there);
    const name = `The cassette ${JSON.stringify(this.#path)}${there === undefined && this.#mode === "none" ? " does not exist: it" : ""}`;
    const records =
      this.#mode === "all" || this.#mode === "new" || (this.#mode === "once" && there === undefined);
    const anew = this.#mode === "once" ? "delete the file to record everything" : '`mode: "all"` everything';
    const advice = `\`mode: "new"\` records what is missing, ${anew} anew.`;
    return { player: new Player(there ?? [], this.#repeat, name, advice), records };
  }

  async #record(exchange: Exchange, asked: Asked, masking: Masking): Promise<RawResponse> {
    this.#inner ??= defaultTransport(systemClock, undefined);
    const recorded = new RecordedExchange(exchange);
    const { head, body } = await this.#inner.send(recorded);
    // What the pipeline throws away is not worth a look: it is played back empty.
    const bytes =
      body === null ? new Uint8Array(0) : body instanceof Uint8Array ? body : await collected(body);
    const kept = this.#redact(recordOf(exchange, asked, head, bytes, masking));
    this.#recorded.push(kept);
    const all = [...this.#recorded];
    // One after the other, so that the last has all of them; what fails is told to whoever waits, and to the next.
    const writing = this.#writing.then(() => writeCassette(this.#path, all));
    this.#writing = writing.catch(() => {});
    await writing;
    if (body === null || recorded.plan?.mode !== "stream")
      return { head, body: body === null ? null : bytes };
    return { head, body: again(bytes) };
  }
}

/** An exchange whose body is read whole, however the pipeline wants it: what was recorded is what is played back. */
class RecordedExchange implements Exchange {
  readonly method: string;
  readonly origin: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: Exchange["body"];
  readonly timeouts: Exchange["timeouts"];
  readonly connection: Exchange["connection"];
  readonly proxy: Exchange["proxy"];
  readonly callsBack: boolean;
  readonly background: boolean | undefined;
  readonly progress: Exchange["progress"];
  readonly timing: Exchange["timing"];
  readonly #exchange: Exchange;
  plan: BodyPlan | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.method = exchange.method;
    this.origin = exchange.origin;
    this.target = exchange.target;
    this.headers = exchange.headers;
    this.body = exchange.body;
    this.timeouts = exchange.timeouts;
    this.connection = exchange.connection;
    this.proxy = exchange.proxy;
    this.callsBack = exchange.callsBack;
    this.background = exchange.background;
    this.progress = exchange.progress;
    this.timing = exchange.timing;
  }

  get delegated(): Exchange["delegated"] {
    return this.#exchange.delegated;
  }

  onHead(head: Head): BodyPlan {
    this.plan = this.#exchange.onHead(head);
    return this.plan.mode === "stream" ? { mode: "buffer", maxBytes: this.plan.maxBytes } : this.plan;
  }

  onCancel(listener: (reason: Error) => void): () => void {
    return this.#exchange.onCancel(listener);
  }

  onWrite(): void {
    this.#exchange.onWrite();
  }
}

async function bodyOf({ body }: Exchange): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array(0);
  if (typeof body.content === "string") return new TextEncoder().encode(body.content);
  if (body.content !== undefined) return body.content;
  // A stream that can be read once is left to be sent; it is looked for by its request alone.
  return body.replayable ? collected(body.open()) : new Uint8Array(0);
}

function askedOf(exchange: Exchange, sent: Uint8Array, masking: Masking): Asked {
  const { method, origin, target, headers, delegated } = exchange;
  const own = Headers.fromFlat([...headers]);
  const contentType = own.get("content-type") ?? "";
  // The boundary of a multipart body is another each time: what is in it cannot be compared.
  const body = /^multipart\//i.test(contentType) ? undefined : recordBody(sent, contentType, masking);
  const url = redactUrl(origin + target, delegated?.secretParams);
  return { method, url, ...(body === undefined ? {} : { body }) };
}

function recordOf(
  exchange: Exchange,
  asked: Asked,
  head: Head,
  bytes: Uint8Array,
  masking: Masking,
): Recorded {
  const given = Headers.fromFlat([...exchange.headers], exchange.delegated?.secretNames);
  const body: RecordedBody | undefined = recordBody(bytes, head.header("content-type") ?? "", masking);
  return {
    request: { ...asked, headers: Object.entries(redactHeaders(given)) },
    response: {
      status: head.status,
      statusText: head.statusText,
      headers: [...head.headers].flatMap(([name, value]) => answerHeader(name, value, masking)),
      ...(body === undefined ? {} : { body }),
    },
  };
}

/** A header of the answer, redacted: of a cookie its name and attributes stay, so that it is kept and sent as the real one is. */
function answerHeader(name: string, value: string, masking: Masking): [string, string][] {
  if (name.toLowerCase() === "set-cookie")
    return [[name, value.replace(/^(?:([^=;]*)=)?[^;]*/, "$1=redacted")]];
  const [shown] = Object.values(redactHeaders([[name, value]]));
  // A redirect is followed by it when it is played back: there only what is a secret by its name is masked.
  return [[name, name.toLowerCase() === "location" ? (shown ?? "") : masking.text(shown ?? "")]];
}

async function* again(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.length > 0) yield bytes;
}
