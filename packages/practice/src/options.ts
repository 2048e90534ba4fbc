/**
 * What a practice API is made of. Every option may be left out.
 *
 * @example
 * ```ts
 * const options: PracticeOptions = { data: { notes: [{ id: 1, text: "first" }] }, keep: true };
 * const practice = createPractice(options);
 * ```
 */
export interface PracticeOptions {
  /** Number of posts; the other resources grow with it. Rows are made on demand, so that a million cost no memory. Default 100. */
  posts?: number;
  /** Own content instead of the generated rows: an object of arrays (resources) and objects, as in json-server's `db.json`. */
  data?: Readonly<Record<string, unknown>>;
  /** Keeps what is written: `true` for the life of the server, a string in that SQLite file, which nobody else may have open. Default false: writes are faked. */
  keep?: boolean | string;
  /** Milliseconds that every answer waits. Default 0, at most 60,000. */
  latency?: number;
  /** The seed of the generated rows. Default 1. */
  seed?: number;
  /** Whether pages of other origins may read, with credentials. Default: true for generated rows, false for own `data`. */
  cors?: boolean;
  /** The time in milliseconds, for tests of what expires. Default `Date.now`. */
  now?: () => number;
}

/** The options with every default filled in. */
export interface Settings {
  readonly posts: number;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly keep: boolean | string;
  readonly latency: number;
  readonly seed: number;
  readonly cors: boolean;
  readonly now: () => number;
}

/** The longest that an answer is delayed, in milliseconds. */
export const LONGEST_DELAY = 60_000;
/** Row numbers have to stay exact, and comments' ids are five times as many. */
const MOST_POSTS = 1_000_000_000;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {RangeError} for a number outside its range.
 * @throws {TypeError} for an option that does not exist, or own data that is not an object.
 */
export function settle(options: PracticeOptions): Settings {
  const {
    posts = 100,
    data,
    keep = false,
    latency = 0,
    seed = 1,
    cors = data === undefined,
    now = Date.now,
    ...unknown
  } = options;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw new TypeError(`${stranger} is not an option of the practice API`);
  if (data !== undefined && (typeof data !== "object" || data === null || Array.isArray(data))) {
    throw new TypeError("data must be an object whose keys are the resources");
  }
  return {
    posts: within("posts", posts, 0, MOST_POSTS),
    data,
    keep: keep === "" ? true : keep,
    latency: within("latency", latency, 0, LONGEST_DELAY),
    seed: within("seed", seed, 0, 0xffffffff),
    cors,
    now,
  };
}

function within(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(`${name} must be a whole number from ${low} to ${high}, not ${String(value)}`);
}
