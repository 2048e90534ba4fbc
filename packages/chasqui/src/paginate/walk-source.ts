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
      const page = { ...home.call, request: request.with({}) };
      return new Asking(run, page, questionOf(request, NO_HEADERS), false, NONE);
    },
    next: (asks, from, left) => {
      if (home === undefined) throw new TypeError("the first page comes first");
      const next = nextRequest(home.start, asks, from, left);
      if ("refused" in next) return next;
      const { foreign, withheld } = next;
      // One of its own: what middleware does to the request of one page is not for the others.
      const request = next.request === home.start.request ? next.request.with({}) : next.request;
      const { call } = home;
      const { headers = NO_HEADERS } = "url" in asks ? {} : asks;
      const question = questionOf(request, headers);
      if (!foreign) return new Asking(run, { ...call, request }, question, left, withheld);
      // The cookies of a call belong to its origin; the jar knows by itself which of its own go where.
      const cookies = call.settings.cookies === false ? false : undefined;
      const abroad: PreparedCall = { request, settings: { ...call.settings, cookies }, auth: undefined };
      return new Asking(run, abroad, question, true, withheld);
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

const NONE: readonly never[] = [];
const NO_HEADERS: Readonly<Record<string, string>> = {};

/** A page that is ready to be asked for, by the call that asks for it. */
class Asking implements PageCall {
  readonly question: string;
  readonly left: boolean;
  readonly withheld: readonly string[];
  readonly #run: WalkClient["run"];
  readonly #call: PreparedCall;

  constructor(
    run: WalkClient["run"],
    call: PreparedCall,
    question: string,
    left: boolean,
    withheld: readonly string[],
  ) {
    this.#run = run;
    this.#call = call;
    this.question = question;
    this.left = left;
    this.withheld = withheld;
  }

  get request(): Request {
    return this.#call.request;
  }

  send(signal?: AbortSignal): Promise<Response> {
    return this.#send(false, signal);
  }

  stream(signal?: AbortSignal): Promise<Response> {
    return this.#send(true, signal);
  }

  #send(streamed: boolean, signal: AbortSignal | undefined): Promise<Response> {
    const call = this.#call;
    if (signal === undefined) return this.#run(call, streamed);
    const settings = { ...call.settings, signal: either(call.settings.signal, signal) };
    return this.#run({ ...call, settings }, streamed);
  }
}

function questionOf(
  { method, origin, target, body }: Request,
  headers: Readonly<Record<string, string>>,
): string {
  const question = `${method} ${origin}${target}`;
  const said = headers === NO_HEADERS ? "" : Object.values(headers).join();
  return said === "" && body === undefined ? question : `${question} ${said} ${String(body?.content ?? "")}`;
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
