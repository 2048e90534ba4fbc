import type { ExchangeTiming } from "./timing.ts";

/** How long the parts of an exchange took, in milliseconds. What did not happen, or is not known, is not there. */
export interface ExchangePhases {
  /** In line for a connection. */
  readonly queue?: number;
  /** To find the addresses of the name. */
  readonly dns?: number;
  /** To connect, a proxy's tunnel included. */
  readonly connect?: number;
  /** The handshake of TLS. */
  readonly tls?: number;
  /** From the first byte of the request until the headers of the response. */
  readonly firstByte?: number;
  /** From the headers until the end of the body. */
  readonly download?: number;
}

/** What can be told of an exchange by when things happened to it. */
export function phasesOf({
  startedAt,
  boardedAt,
  sentAt,
  headAt,
  endedAt,
  reused,
  connection,
}: ExchangeTiming): ExchangePhases {
  const phases: { -readonly [Phase in keyof ExchangePhases]: number } = {};
  const between = (phase: keyof ExchangePhases, from: number | undefined, to: number | undefined): void => {
    if (from !== undefined && from > 0 && to !== undefined && to >= from) phases[phase] = to - from;
  };
  if (boardedAt > 0) between("queue", startedAt, boardedAt);
  // What it took to make a connection belongs to the exchange that it was made for.
  if (connection !== undefined && reused !== true) {
    between("dns", connection.startedAt, connection.lookedUpAt);
    between("connect", connection.lookedUpAt ?? connection.startedAt, connection.connectedAt);
    between("tls", connection.connectedAt, connection.securedAt);
  }
  between("firstByte", sentAt, headAt);
  between("download", headAt, endedAt);
  return phases;
}
