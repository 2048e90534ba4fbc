import type { ClientState } from "../client-options.ts";
import { attachCall, type CallFacts, ChasquiError } from "../errors/chasqui-error.ts";
import { withoutRepeatedSecrets } from "../pipeline/repeated-secrets.ts";
import type { PreparedCall } from "../prepared-call.ts";
import { stringifyJson } from "../request/json.ts";
import { serializeParams } from "../request/params.ts";
import type { Request } from "../request/request.ts";
import { withMissing, withoutPairs } from "../request/target-query.ts";
import type { Response } from "../response/response.ts";
import { hasField, withFields } from "./json-fields.ts";
import { changed, nextRequest, type WalkStart } from "./next-request.ts";
import type { AskedFor, PageCall, PageSource } from "./page-source.ts";
import type { PageChanges } from "./style.ts";

/** What a walk asks of the client that it belongs to. */
export interface WalkClient {
  readonly client: ClientState;
  /** Makes the call of the first page. */
  prepare(): PreparedCall;
  /** The JSON body of the first page; undefined where it has none. */
  readonly json: unknown;
  /** Sends the call of a page. */
  run(page: PreparedCall, streamed: boolean): Promise<Response>;
  readonly site: CallFacts["site"];
}

/** Where one walk gets its pages: all are made from the call of the first, whose credentials stay at its origin. */
export function walkSource({ client, prepare, json, run, site }: WalkClient): PageSource {
  const { base, params, clock } = client;
  const startedAt = clock.now();
  let home: { readonly call: PreparedCall; readonly start: WalkStart; readonly asked: AskedFor } | undefined;
  const page = (
    call: PreparedCall,
    left: boolean,
    withheld: readonly string[],
    headers: PageChanges["headers"] = {},
  ): PageCall => {
    const send = (streamed: boolean, signal: AbortSignal | undefined): Promise<Response> => {
      const settings =
        signal === undefined
          ? call.settings
          : { ...call.settings, signal: either(call.settings.signal, signal) };
      // A copy: what middleware does to the request of one page is not for the next.
      return run({ ...call, settings, request: call.request.with({}) }, streamed);
    };
    return {
      request: call.request,
      question: questionOf(call.request, headers),
      left,
      withheld,
      send: (signal) => send(false, signal),
      stream: (signal) => send(true, signal),
    };
  };
  return {
    get home() {
      if (home === undefined) throw new TypeError("the first page comes first");
      return home.asked;
    },
    first: (changes) => {
      const call = readable(prepare());
      const { paramsStyle, redirect, stringifyJson: stringify = stringifyJson } = call.settings;
      const own = base === undefined || base.origin === call.request.origin;
      const clientQuery = own ? `${base?.query ?? ""}&${serializeParams(params, paramsStyle)}` : "";
      const start: WalkStart = {
        request: call.request,
        clientParams: new Set(new URLSearchParams(clientQuery).keys()),
        policy: redirect,
        withFields: json === undefined ? undefined : (fields) => stringify(withFields(json, fields)),
      };
      const request = changed(start, missing(call, json, changes));
      const asked = { request: call.request, json };
      home = { call: { ...call, request }, start: { ...start, request }, asked };
      return page(home.call, false, []);
    },
    next: (asks, from, left) => {
      if (home === undefined) throw new TypeError("the first page comes first");
      const next = nextRequest(home.start, asks, from, left);
      if ("refused" in next) return next;
      const { request, foreign, withheld } = next;
      if (!foreign) return page({ ...home.call, request }, left, withheld, "url" in asks ? {} : asks.headers);
      const { settings } = home.call;
      // The cookies of a call belong to its origin; the jar knows by itself which of its own go where.
      const cookies = settings.cookies === false ? false : undefined;
      return page({ request, settings: { ...settings, cookies }, auth: undefined }, true, withheld);
    },
    portable: (asks, from) => {
      if (!("url" in asks) || home === undefined) return asks;
      const url = URL.parse(asks.url, from.url);
      if (url === null) return asks;
      const { request, clientParams } = home.start;
      const target = withoutRepeatedSecrets(url.pathname + url.search, from.request, true);
      const kept = withoutPairs(
        target,
        (name) => clientParams.has(name) || request.secretParams.has(name.toLowerCase()),
      );
      return { url: url.origin + kept };
    },
    elapsed: () => clock.now() - startedAt,
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

function questionOf(
  { method, origin, target, body }: Request,
  headers: Readonly<Record<string, string>>,
): string {
  return `${method} ${origin}${target} ${Object.values(headers).join()} ${String(body?.content ?? "")}`;
}

/** What the caller says, by params, headers or fields of the body, stands. */
function missing({ request }: PreparedCall, json: unknown, changes: PageChanges): PageChanges {
  const { params = {}, headers = {}, body = {} } = changes;
  const target = withMissing(request.target, params);
  const added = new URLSearchParams(target.slice(request.target.length));
  return {
    ...(added.size > 0
      ? { params: Object.fromEntries(Object.entries(params).filter(([name]) => added.has(name))) }
      : {}),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !request.headers.has(name))),
    ...(json === undefined
      ? {}
      : { body: Object.fromEntries(Object.entries(body).filter(([path]) => !hasField(json, path))) }),
  };
}

/** A page is read, whatever the method that asks for it: a search that is posted may be sent again. */
function readable(call: PreparedCall): PreparedCall {
  const { retry } = call.settings;
  const { method } = call.request;
  if (retry === undefined || retry.methods === null || retry.methods.includes(method)) return call;
  const settings = { ...call.settings, retry: { ...retry, methods: [...retry.methods, method] } };
  return { ...call, settings };
}

function either(own: AbortSignal | undefined, walk: AbortSignal): AbortSignal {
  return own === undefined ? walk : AbortSignal.any([own, walk]);
}
