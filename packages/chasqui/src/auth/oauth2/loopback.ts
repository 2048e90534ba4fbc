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
  /** The first answer to the very question that had the state. */
  readonly callback: Promise<Callback>;
  /** How many came with another state, or with none: whoever sent them was told that they are not believed, and nothing more came of it. */
  readonly strangers: number;
}
