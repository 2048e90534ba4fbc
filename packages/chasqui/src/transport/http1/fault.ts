/**
 * How a connection of HTTP/1 fails of itself; what a socket fails with is told of as it is.
 *
 * @module
 */

/** What a server sent that is no HTTP/1.1 (RFC 9112), said as the end of a sentence that begins with who sent it. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
  /** Whether it is an alert of TLS: the server was spoken to in plain text, and speaks none. */
  readonly isTls: boolean;

  constructor(fault: string, { isTls = false }: { readonly isTls?: boolean } = {}) {
    super(fault);
    this.isTls = isTls;
  }
}

/** A head, or the trailers behind a body, with more bytes than there may be (S29). */
export class HeadTooLarge extends Error {
  override readonly name = "HeadTooLarge";
}

/** The server closed the connection before its response was complete. */
export class ConnectionEnded extends Error {
  override readonly name = "ConnectionEnded";

  constructor() {
    super("the other side closed the connection");
  }
}

/** A body was longer or shorter than the request announced it. */
export class LengthMismatch extends Error {
  override readonly name = "LengthMismatch";
}
