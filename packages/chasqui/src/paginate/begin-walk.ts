import type { ClientState } from "../client-options.ts";
import { attachCall, type CallFacts, ChasquiError } from "../errors/chasqui-error.ts";
import type { PreparedCall } from "../prepared-call.ts";
import type { RequestOptions } from "../request/options.ts";
import type { Response } from "../response/response.ts";
import type { PaginateOptions } from "./options.ts";
import { PageWalk } from "./page-walk.ts";
import { readWalk } from "./walk.ts";
import { walkSource } from "./walk-source.ts";

/** What a walk needs of the client that it was asked of. */
export interface WalkOwner {
  readonly client: ClientState;
  prepare(call: RequestOptions): PreparedCall;
  run(page: PreparedCall): Promise<Response>;
  readonly site: CallFacts["site"];
}

/**
 * Begins a walk.
 *
 * @throws {OptionsError} when an option is bad.
 */
export function beginWalk<T>(options: PaginateOptions, owner: WalkOwner): PageWalk<T> {
  const { client, run, site } = owner;
  try {
    const { walk, call } = readWalk(options);
    const prepare = (): PreparedCall => owner.prepare(call);
    return new PageWalk<T>(walk, walkSource({ client, prepare, run, site }));
  } catch (error) {
    if (error instanceof ChasquiError) {
      attachCall(error, { request: undefined, attempts: 0, elapsed: 0, site });
    }
    throw error;
  }
}
