import type { ClientState } from "../client-options.ts";
import { attachCall, type CallFacts, ChasquiError } from "../errors/chasqui-error.ts";
import type { PreparedCall } from "../prepared-call.ts";
import type { RequestOptions } from "../request/options.ts";
import type { Response } from "../response/response.ts";
import { LinesWalk } from "./lines-walk.ts";
import type { PaginateOptions } from "./options.ts";
import { PageWalk } from "./page-walk.ts";
import type { AnyWalk } from "./pages.ts";
import { readWalk } from "./walk.ts";
import { walkSource } from "./walk-source.ts";

/** What a walk needs of the client that it was asked of. */
export interface WalkOwner {
  readonly client: ClientState;
  prepare(method: string, call: RequestOptions): PreparedCall;
  run(page: PreparedCall, streamed: boolean): Promise<Response>;
  readonly site: CallFacts["site"];
}

/**
 * Begins a walk.
 *
 * @throws {OptionsError} when an option is bad.
 */
export function beginWalk<T>(options: PaginateOptions, owner: WalkOwner): AnyWalk<T> {
  const { client, run, site } = owner;
  try {
    const { walk, call } = readWalk(options);
    const prepare = (): PreparedCall => owner.prepare(walk.method, call);
    const source = walkSource({ client, prepare, json: walk.json, run, site });
    return walk.lines ? new LinesWalk<T>(walk, source) : new PageWalk<T>(walk, source);
  } catch (error) {
    if (error instanceof ChasquiError) {
      attachCall(error, { request: undefined, attempts: 0, elapsed: 0, site });
    }
    throw error;
  }
}
