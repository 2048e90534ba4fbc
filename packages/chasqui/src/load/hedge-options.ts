import { type Duration, milliseconds } from "../duration.ts";
import { fieldsOf, shareOf } from "./fields.ts";
import { type HedgePolicy, Latencies } from "./latencies.ts";

/** When a second request is sent beside one that is slow to be answered. What is left out keeps its default. */
export interface HedgeOptions {
  /**
   * The share of requests, from 0 to 1, that are answered sooner than a second one is sent: 0.95 sends one beside the slowest
   * twentieth. It is known once 20 requests to the origin have been answered; until then none is sent. Default 0.95.
   */
  readonly percentile?: number | undefined;
  /** A wait of one's own, in place of the percentile. */
  readonly delay?: Duration | undefined;
  /** How many requests may be second ones, from 0 to 1 of all to the origin: the load that this adds at most. Default 0.05. */
  readonly share?: number | undefined;
}

/** The option `hedge`: true for the defaults, parts of a policy, or false. */
export type HedgeOption = boolean | HedgeOptions;

/** A policy, and what its clients have seen. */
export interface Hedges {
  readonly policy: HedgePolicy;
  readonly latencies: Latencies;
}

const FIELDS = ["percentile", "delay", "share"] as const;

/**
 * Reads the option of a client.
 *
 * @throws {OptionsError} naming what is wrong with it.
 */
export function readHedge(value: unknown): Hedges | undefined {
  if (value === false) return undefined;
  const given = value === true ? {} : fieldsOf(value, FIELDS, "hedge");
  const policy: HedgePolicy = {
    percentile: given.percentile === undefined ? 0.95 : shareOf(given.percentile, "hedge.percentile"),
    delay: given.delay === undefined ? undefined : milliseconds(given.delay, "hedge.delay"),
    share: given.share === undefined ? 0.05 : shareOf(given.share, "hedge.share"),
  };
  return { policy, latencies: new Latencies(policy) };
}
