import type { CacheOption } from "./cache/cache-option.ts";
import type { Clock } from "./clock.ts";
import type { CookieStore } from "./cookies/cookie-jar.ts";
import type { CircuitOption } from "./load/circuit-options.ts";
import type { HedgeOption } from "./load/hedge-options.ts";
import type { JarHolder } from "./pipeline/call-context.ts";
import type { Closing } from "./pipeline/closing.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import type { RetryBudget } from "./pipeline/retry-budget.ts";
import type { Middleware } from "./pipeline/stage.ts";
import type { ConnectionLimits } from "./request/connection-init.ts";
import type { SharedOptions } from "./request/options.ts";
import type { ParamsInit } from "./request/params.ts";
import type { Settings } from "./request/settings.ts";
import type { Base } from "./request/url.ts";
import type { ThrottleOption } from "./throttle/throttle-options.ts";
import type { Mounts } from "./transport/mounted.ts";
import type { Transport } from "./transport/transport.ts";

/** The options of a client: what its calls share. */
export interface ClientOptions extends SharedOptions {
  /**
   * What relative URLs are appended to. Its origin is the one that the client's headers, credentials and params belong to:
   * a URL of another origin is refused unless `allowOrigins` names it, and gets none of them.
   */
  readonly baseUrl?: string | URL | undefined;
  /** Origins besides the base's that calls may go to, such as `"https://files.example.com"`. */
  readonly allowOrigins?: readonly string[] | undefined;
  /**
   * Whether cookies are kept from call to call (default true), or the jar to keep them in. In a browser the cookies are its
   * own: true takes them to other origins too, false leaves them out, and a jar is an `OptionsError`.
   */
  readonly cookies?: boolean | CookieStore | undefined;
  /**
   * Keeps responses and gives them again where their server allows it (RFC 9111, as a private cache): `true`, or `{ store, maxBytes,
   * maxEntry, mode, heuristic }`. A child shares its parent's; `false` is none. Default none.
   */
  readonly cache?: CacheOption | undefined;
  /** Middleware around each call, redirects and retries included; the first is the outermost. */
  readonly use?: readonly Middleware[] | undefined;
  /** Middleware around each exchange; the first is the outermost. */
  readonly wire?: readonly Middleware[] | undefined;
  /**
   * What carries the requests, or several by the prefix of the URL that each is for (`{ "https://files.example.com": … }`; the
   * longest that fits wins, and what none fits goes the default way). Default: sockets on Node, fetch elsewhere.
   * They are closed with the client.
   */
  readonly transport?: Transport | Mounts | undefined;
  /**
   * How many connections are kept: a number per origin (default 128), or `{ perOrigin, idle, idleTimeout }`. A child shares its
   * parent's. Needs Node.
   */
  readonly connections?: number | ConnectionLimits | undefined;
  /**
   * When an origin at which calls fail is left alone: true, or `{ share, minimum, window, cooldown, probes, statuses }`. While it is, calls
   * end at once in a `CircuitOpenError`. Default false.
   */
  readonly circuit?: CircuitOption | undefined;
  /**
   * When a second request is sent beside one that is slow to be answered: true, or `{ percentile, delay, share }`. Only GET, HEAD,
   * OPTIONS and TRACE that are not streamed; the first good answer is taken. Default false.
   */
  readonly hedge?: HedgeOption | undefined;
  /**
   * Limits of requests, for each origin and credential: a rate (`"10/s"`), `{ rate, concurrency, … }`, or true for what the server
   * tells of its own alone. Who is beyond them waits; a 429 pauses all. Default false.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010", throttle: { rate: "50/s", concurrency: 4 } });
   * await Promise.all([1, 2, 3, 4, 5, 6].map((id) => client.get(`/posts/${id}`)));
   * ```
   */
  readonly throttle?: ThrottleOption | undefined;
  /** The time. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Draws from 0 up to 1, for the jitter of retries. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The connections of a client and of its children. */
interface Pool {
  transport: Transport | undefined;
  /** Whether it was given, and what answers may be a recording. */
  readonly given: boolean;
  readonly closing: Closing;
  /** How many retries all of its calls may make. */
  readonly budget: RetryBudget;
}

/** All that a client is, but for its headers. */
export interface ClientState {
  readonly settings: Settings;
  readonly params: ParamsInit | undefined;
  readonly base: Base | undefined;
  readonly allowOrigins: readonly string[] | undefined;
  /** Undefined where no cookies are kept: each call then has a jar of its own. */
  readonly jar: JarHolder | undefined;
  readonly use: readonly Middleware[];
  readonly wire: readonly Middleware[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly pool: Pool;
  /** False for a child, which shares its parent's. */
  readonly ownsPool: boolean;
  readonly pipeline: Pipeline;
}
