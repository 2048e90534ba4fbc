import type { ClientState } from "../client-options.ts";
import { attachCall, type CallFacts, ChasquiError } from "../errors/chasqui-error.ts";
import type { PreparedCall } from "../prepared-call.ts";
import { serializeParams } from "../request/params.ts";
import { withMissing } from "../request/target-query.ts";
import type { Response } from "../response/response.ts";
import { nextRequest, type WalkStart } from "./next-request.ts";
import type { PageCall, PageSource } from "./page-source.ts";

/** What a walk asks of the client that it belongs to. */
export interface WalkClient {
  readonly client: ClientState;
  /** Makes the call of the first page. */
  prepare(): PreparedCall;
  /** Sends the call of a page. */
  run(page: PreparedCall): Promise<Response>;
  readonly site: CallFacts["site"];
}

/** Where one walk gets its pages: all are made from the call of the first, whose credentials stay at its origin. */
export function walkSource({ client, prepare, run, site }: WalkClient): PageSource {
  const { base, params, clock } = client;
  const startedAt = clock.now();
  let home: { readonly call: PreparedCall; readonly start: WalkStart } | undefined;
  let left = false;
  const page = (call: PreparedCall, withheld: readonly string[]): PageCall => ({
    request: call.request,
    withheld,
    // A copy: what middleware does to the request of one page is not for the next.
    send: () => run({ ...call, request: call.request.with({}) }),
  });
  return {
    first: (defaults) => {
      const call = prepare();
      const request = call.request.with({ target: withMissing(call.request.target, defaults) });
      const own = base === undefined || base.origin === request.origin;
      const { paramsStyle, redirect } = call.settings;
      const clientQuery = own ? `${base?.query ?? ""}&${serializeParams(params, paramsStyle)}` : "";
      const clientParams = new Set(new URLSearchParams(clientQuery).keys());
      home = { call: { ...call, request }, start: { request, clientParams, policy: redirect } };
      return page(home.call, []);
    },
    next: (asks, from) => {
      if (home === undefined) throw new TypeError("the first page comes first");
      const next = nextRequest(home.start, asks, from, left);
      if ("refused" in next) return next;
      const { request, foreign, withheld } = next;
      left ||= foreign;
      if (!foreign) return page({ ...home.call, request }, withheld);
      const { settings } = home.call;
      // The cookies of a call belong to its origin; the jar knows by itself which of its own go where.
      const cookies = settings.cookies === false ? false : undefined;
      const connection = settings.connection?.abroad;
      return page({ request, settings: { ...settings, cookies, connection }, auth: undefined }, withheld);
    },
    adopt: (error, request) => {
      if (error instanceof ChasquiError) {
        attachCall(error, {
          request: request?.toJSON(),
          attempts: 0,
          elapsed: clock.now() - startedAt,
          site,
        });
      }
      return error;
    },
  };
}
