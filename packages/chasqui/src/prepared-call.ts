import type { Auth } from "./auth/auth.ts";
import { basicCredentials } from "./auth/basic.ts";
import { authBesideUrl, isLookup } from "./auth/lookup.ts";
import type { ClientState } from "./client-options.ts";
import { OptionsError } from "./errors/options-error.ts";
import { headersForNextHop } from "./pipeline/redirect-rules.ts";
import { type Body, makeBody } from "./request/body.ts";
import { Headers, mergeHeaders } from "./request/headers.ts";
import { methodOf } from "./request/method.ts";
import { contentTypeFor } from "./request/multipart.ts";
import type { RequestOptions } from "./request/options.ts";
import { appendParams, mergeParams, serializeParams } from "./request/params.ts";
import { refusePrintedHeaders, refusePrintedQuery } from "./request/printed-secret.ts";
import type { CallInput } from "./request/read-options.ts";
import { Request } from "./request/request.ts";
import type { Settings } from "./request/settings.ts";
import { resolveUrl } from "./request/url.ts";
import { Secret } from "./secret.ts";
import type { ConnectionOptions } from "./transport/connection-options.ts";

/** A call, made ready: nothing in it may fail any more but the exchange itself. */
export interface PreparedCall {
  readonly request: Request;
  readonly settings: Settings;
  readonly auth: Auth | undefined;
  /** Whether the call named its credentials itself. */
  readonly ownAuth?: boolean;
  /** The path as the caller wrote it, where `path` filled it in and somebody measures by it. */
  readonly template?: string | undefined;
  /** What the call was given. */
  readonly options?: RequestOptions | undefined;
}

/**
 * Makes a request out of what a client is and what a call asks for.
 *
 * @throws {OptionsError} when something is wrong with what the call asks for.
 */
export function prepareCall(
  state: ClientState,
  clientHeaders: Headers,
  method: string,
  url: string | URL,
  input: CallInput,
): PreparedCall {
  const { base, allowOrigins, params } = state;
  const { settings } = input;
  // First of all: `request(url)` has a URL for a method, and no URL.
  const verb = methodOf(method);
  const where = resolveUrl(url, { baseUrl: base, allowOrigins, path: input.path });
  const own = where.withinBase;
  // Params of the client are as much its own as its headers: a key may be among them.
  const query = own ? mergeParams(params, input.params) : input.params;
  const secretParams = query === undefined ? undefined : new Set<string>();
  const href = appendParams(where.href, serializeParams(query, settings.paramsStyle, "params", secretParams));
  const headers = mergeHeaders(own ? clientHeaders : strippedHeaders(clientHeaders), input.headers);
  // A recording is masked with the same ***, and a test that plays it back sends on what it read there.
  if (!state.pool.given) {
    refusePrintedQuery(where.href, href, secretParams);
    refusePrintedHeaders(headers);
  }
  // Without a body it would be dropped without a word: nobody has announced what does not come.
  if (input.headers !== undefined && input.body === undefined) refuseLength(headers);
  const { username, password } = where;
  const auth = authBesideUrl(authFor(input, own), where, settings.trustEnv);
  // The URL's own user comes last (#92), and is a header like any other: it stays behind at a border.
  if (auth === undefined && (username ?? password) !== undefined && !headers.has("authorization")) {
    headers.set("authorization", new Secret(basicCredentials(username ?? "", password ?? "")));
  }
  let body: Body | undefined;
  if (input.body !== undefined) {
    const said = headers.get("content-type") ?? undefined;
    body = makeBody(input.body, settings.stringifyJson, said);
    const type = body === undefined ? undefined : contentTypeFor(body, said);
    // What nobody said needs no search for the line that said it.
    if (type !== undefined && said === undefined) headers.append("content-type", type);
    else if (type !== undefined && type !== said) headers.set("content-type", type);
    const length = body?.length;
    if (length !== undefined && !headers.has("content-length")) {
      headers.append("content-length", String(length));
    }
  }
  const connection = connectionFor(input, state.settings, own);
  return {
    request: new Request({
      method: verb,
      origin: where.origin,
      target: href.slice(where.origin.length),
      fragment: where.fragment,
      headers,
      body,
      secretParams,
    }),
    settings: connection === settings.connection ? settings : { ...settings, connection },
    auth: auth ?? undefined,
    ownAuth: input.ownAuth,
    template: settings.telemetry === undefined || input.path === undefined ? undefined : templateOf(url),
    options: input.options,
  };
}

function refuseLength(headers: Headers): void {
  const length = headers.get("content-length");
  if (length === null || length === "0") return;
  throw new OptionsError("`headers` has a Content-Length, and the call has no body", {
    option: "headers",
    hint: "A body gets its Content-Length by itself.",
  });
}

/** Of a URL that is yet to be filled in, the path: few values for many URLs. */
function templateOf(url: string | URL): string {
  return String(url)
    .replace(/^https?:\/\/[^/?#]*/i, "")
    .replace(/[?#].*$/s, "");
}

/**
 * What a request is built with: its URL's user goes into it, and only send() looks anything up, by a URL that has no user any
 * more (S30).
 */
export function inputToBuild(input: CallInput): CallInput {
  return isLookup(input.settings.auth)
    ? { ...input, settings: { ...input.settings, auth: undefined } }
    : input;
}

/** The call's before the client's (#92); null switches off, and the client's stay within its base. */
export function authFor(input: CallInput, withinBase: boolean): Auth | null | undefined {
  return input.ownAuth || withinBase ? input.settings.auth : undefined;
}

/** The client's certificate and socket are for its base as its credentials are; what a call names itself is for where it goes. */
export function connectionFor(
  { settings }: CallInput,
  client: Settings,
  withinBase: boolean,
): ConnectionOptions | undefined {
  if (withinBase || client.connection === undefined) return settings.connection;
  return settings.connection?.awayFrom(client.connection);
}

/** Of headers, those that say nothing about who asks. */
export function strippedHeaders({ flat, secretNames }: Headers): Headers {
  const crossing = { crossing: true, bodyDropped: false, keepHeaders: [], secretNames };
  const { headers } = headersForNextHop(flat, crossing);
  return Headers.fromFlat(headers);
}
