import type { AsyncResource } from "node:async_hooks";
import type { Connection } from "./connection.ts";
import type { Exchange } from "./transport.ts";
import type { DispatchOptions } from "./undici-client.ts";
import { inPieces, Upload } from "./upload.ts";

/** What undici is told of a request. */
export class Dispatch implements DispatchOptions {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: DispatchOptions["body"];
  readonly reset: boolean | undefined;

  static {
    // undici reads more than these (`query`, `upgrade`, `servername` …), and must find none that Object.prototype lends
    // (S55). Not `{ __proto__: null, … }`, which is a dictionary to V8: undici's twenty reads of it cost 1 µs more.
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
    // undici closes the connection after a HEAD unless told otherwise.
    this.reset = exchange.method === "HEAD" ? false : undefined;
  }
}
