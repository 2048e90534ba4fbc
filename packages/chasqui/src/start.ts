import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ClientState } from "./client-options.ts";
import type { Transfer } from "./pipeline/transfer.ts";
import type { PreparedCall } from "./prepared-call.ts";
import type { RaiseOption } from "./request/options.ts";
import type { Request } from "./request/request.ts";
import type { StreamOptions } from "./response/equal-pieces.ts";
import type { Response } from "./response/response.ts";

/** Makes another call of one that is ready, for a reader that asks in a way of its own. */
export type ChangeCall = (call: PreparedCall, client: ClientState) => PreparedCall;

/**
 * How a body is going to be read: whole, as it comes, as a transfer asks for it, or by a reader that changes the call first, or was
 * given what is to be looked at first: a schema that is none, or the options of `stream()`. Undefined leaves it to the option `stream`.
 */
export type Reading =
  | boolean
  | { readonly transfer: Promise<Transfer> }
  | { readonly schema: StandardSchemaV1 }
  | { readonly stream: StreamOptions }
  | Promise<ChangeCall>
  | undefined;

/** Starts a call in a microtask; from then on `reading` knows how its body is going to be read. */
export type StartCall = (reading: () => Reading) => Promise<Response>;

/** What a `Call` is made of. */
export interface Startable {
  readonly start: StartCall;
  /** The request as it was made ready, for a call that is printed; undefined where there is none, and in browsers, which print in their own way. */
  readonly request?: Request | undefined;
  /** When a bad status raises; known at the latest when the response is there. */
  readonly raise: RaiseOption | undefined;
}
