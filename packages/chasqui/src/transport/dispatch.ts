import type { AsyncResource } from "node:async_hooks";
import type { Connection } from "./connection.ts";
import type { Exchange } from "./transport.ts";
import { inPieces, Upload } from "./upload.ts";

/** A request, as a connection takes it: an object that nothing is lent to by `Object.prototype` (S55). */
export interface DispatchOptions {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
}

/** What steers a response that is on its way. */
export interface DispatchController {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** What a connection is told of the request of an exchange. */
export class Dispatch implements DispatchOptions {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: DispatchOptions["body"];

  static {
    // undici reads more than these (`query`, `upgrade`, `servername` …), and must find none that Object.prototype lends
    // (S55). Not `{ __proto__: null, … }`, which is a dictionary to V8, and slow to read.
    Object.setPrototypeOf(Dispatch.prototype, null);
  }

  constructor(exchange: Exchange, caller: AsyncResource | undefined, carrier: Connection) {
    const { body, connection } = exchange;
    const whole = body?.content;
    const inParts = whole !== undefined && connection?.settings.http2 === true;
    this.path = exchange.target;
    this.method = exchange.method;
    this.headers = exchange.headers;
    if (body === undefined) this.body = null;
    else if (inParts) this.body = inPieces(whole);
    else this.body = whole ?? new Upload(body, caller, () => carrier.hasWritten);
  }
}
