import type { Clock } from "../clock.ts";
import { FetchTransport } from "../transport/fetch.ts";
import type { PoolLimits } from "../transport/pool-limits.ts";
import type { Transport } from "../transport/transport.ts";

export { decodeBody } from "../transport/web-decoding.ts";

/**
 * The transport of a client that was given none. Apart from `web.ts`: what else a runtime has is small, and an `Auth` that
 * asks for it must not bring Fetch along.
 */
export function defaultTransport(clock: Clock, _limits: PoolLimits | undefined): Transport {
  return new FetchTransport(clock);
}
