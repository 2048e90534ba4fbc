/** What a quota counts, where a server says it: requests, those under way at once, bytes, or something of its own. */
export type RateLimitUnit = "requests" | "concurrent-requests" | "content-bytes" | "other";

/** One quota, as an answer tells of it. What the server does not say is undefined. */
export interface RateLimit {
  /** The policy's name, or that of the group of headers; empty where there is none. */
  readonly name: string;
  readonly unit: RateLimitUnit;
  /** How much there is in a window. */
  readonly limit?: number | undefined;
  /** The window, in milliseconds. */
  readonly window?: number | undefined;
  /** How much of it is left. */
  readonly remaining?: number | undefined;
  /** In how many milliseconds it is restored. */
  readonly reset?: number | undefined;
}
