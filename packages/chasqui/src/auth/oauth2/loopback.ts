/** What the browser brought back. */
export interface Callback {
  readonly params: URLSearchParams;
  /** Shows whoever sits before the browser whether it went well. */
  answer(well: boolean): void;
}

/** A port of the loopback that a browser comes back to. */
export interface Loopback extends AsyncDisposable {
  /** Where to, with the port. */
  readonly redirectUri: string;
  /** The first answer that comes. */
  readonly callback: Promise<Callback>;
}
