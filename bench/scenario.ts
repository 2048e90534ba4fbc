/** What the benches measure, and what a client has to do for it. */

/** Rows of a page of S6. */
export const PAGE_SIZE = 100;

/** Where the work is done. */
export interface Place {
  readonly origin: string;
  /** The origin that takes uploads. */
  readonly uploads: string;
  /** A folder for files that are downloaded or uploaded. */
  readonly folder: string;
}

export interface Row {
  readonly id: number;
}

/**
 * How a client does each piece of work, as its documentation advises; what it does not do is left out. Each call is given
 * fresh options, as in a program.
 */
export interface BenchClient {
  /** A GET that gives the data of its JSON. */
  getJson?(url: string, turn: number): Promise<unknown>;
  /** A POST of JSON that gives the data of the JSON that comes back. */
  postJson?(url: string, turn: number, data: object): Promise<unknown>;
  /** Streams a body to a file. */
  download?(url: string, path: string): Promise<unknown>;
  /** Walks the pages from a first one on, by their `Link` header; gives the sum of the ids of all rows. */
  sumOfIds?(url: string): Promise<number>;
  /** The same by page numbers, with a total in `X-Total-Count`. */
  sumOfCounted?(url: string): Promise<number>;
  /** Sends a form with a field `note` and a file `file`, which is not held in memory; gives the answer's data. */
  upload?(url: string, path: string): Promise<unknown>;
}

/** A file in `clients/` is this: a client, ready to talk to a server. */
export type Connect = (origin: string) => BenchClient | Promise<BenchClient>;

/** What a round took: milliseconds for all of its units, and the most memory that the process has had, in MB. */
export interface Round {
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
}

/** What the issue of the wire asks for. */
export type Target =
  /** What `over` takes for a unit, divided by what `client` takes. */
  | { readonly client: string; readonly over: string; readonly atLeast: number }
  /** The peak of the client's memory, in MB. */
  | { readonly client: string; readonly peakBelow: number };

/** What is compared, round by round. */
export interface Comparison {
  readonly name: string;
  readonly title: string;
  /** What one of its units is. */
  readonly unit: string;
  /** Units a round. */
  readonly units: number;
  readonly rounds: number;
  /** Rounds before those that count. */
  readonly warmUp: number;
  /** How long the client works at least before rounds count, in milliseconds: V8 is not done with a fast one after few. Default 0. */
  readonly warmFor?: number;
  /** Files of `clients/`, without their ending. */
  readonly clients: readonly string[];
  /** What ratios are made of. */
  readonly by: "cpu" | "wall";
  readonly targets: readonly Target[];
  /** Whether the table says how much memory a client took. */
  readonly memory?: boolean;
}

/** Work that is done over and over by a client in a process of its own. */
export interface Scenario extends Comparison {
  /** Once, before the clients. */
  prepare?(place: Place, units: number): Promise<void>;
  /** The work of a round; throws where what comes back is not what it should be. */
  work(client: BenchClient, place: Place, units: number): Promise<void>;
}

/** A program that is started anew for each round. */
export interface StartScenario extends Comparison {
  /** The path of the URL that it is given. */
  readonly path: string;
  /** The text of the module; it prints its CPU time and its peak of memory as a line, as soon as it has its data. */
  program(client: string): string;
}

/** The client that all others are compared to. */
export const REFERENCE = "undici.request";

/** The method of a client that a scenario needs. */
export function needed<K extends keyof BenchClient>(
  client: BenchClient,
  method: K,
): NonNullable<BenchClient[K]> {
  const own = client[method];
  if (own === undefined) throw new Error(`the client has no ${method}()`);
  return own;
}
