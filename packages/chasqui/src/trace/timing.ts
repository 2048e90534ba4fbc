/** How a connection was made, in milliseconds of the client's clock; what has not happened is undefined. */
export interface ConnectionTiming {
  readonly startedAt: number;
  /** When the addresses of the name were known. */
  lookedUpAt: number | undefined;
  /** When the way to the server was there, through a proxy where there is one, before any TLS with the server. */
  connectedAt: number | undefined;
  securedAt: number | undefined;
  /** The address that answered: of a proxy, where there is one. */
  remoteAddress: string | undefined;
  /** `http/1.1` or `h2`. */
  protocol: string | undefined;
}

/**
 * When things happened to one exchange, in milliseconds of the client's clock; 0 is not, or not known. The transport fills in what
 * it knows of, as it happens, and nothing is made of it before somebody reads a trace.
 */
export class ExchangeTiming {
  readonly startedAt: number;
  /** Whether it stands in line for a connection, or never came further than that, or than to wait for room on one that is shared. */
  inLine = false;
  /** When it was given a connection, where it had to wait in line for one. */
  boardedAt = 0;
  /** When its first byte was about to be written. */
  sentAt = 0;
  headAt = 0;
  endedAt = 0;
  /** Bytes of the body as they came; decoded ones where the runtime decodes. */
  bytes = 0;
  /** Whether the connection had carried another exchange before. */
  reused: boolean | undefined;
  connection: ConnectionTiming | undefined;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }
}
