import type { Client } from "../../client.ts";
import { type Clock, clockOf, systemClock } from "../../clock.ts";
import { milliseconds } from "../../duration.ts";
import { sensitiveParam } from "../../request/sensitive-headers.ts";
import { isSecret, revealed } from "../../secret.ts";
import { OptionReader } from "../option-reader.ts";
import type { TokenStore } from "../token-store.ts";
import { endpointProblem } from "./endpoint.ts";

/** The endpoints of an authorization server, by their names in its metadata (RFC 8414 §2). */
export interface Endpoints {
  readonly token_endpoint: string;
}

/** How the client says who it is. */
export type ClientAuthentication =
  | { readonly method: "client_secret_basic" | "client_secret_post"; readonly secret: string }
  | { readonly method: "none" };

/** What a grant needs besides the client. */
export type Grant =
  | { readonly type: "client_credentials" }
  | { readonly type: "refresh_token"; readonly refreshToken: string };

/** A further parameter of the request for a token. */
export interface OAuth2Param {
  readonly name: string;
  readonly value: string;
  /** Whether its value is shown nowhere. */
  readonly secret: boolean;
}

/** The options of `oauth2()`, read. */
export interface OAuth2Settings {
  readonly issuer: string | undefined;
  /** Undefined where the issuer has to be asked for them. */
  readonly endpoints: Endpoints | undefined;
  readonly clientId: string;
  readonly clientAuth: ClientAuthentication;
  readonly grant: Grant;
  readonly scope: string | undefined;
  readonly params: readonly OAuth2Param[];
  readonly store: TokenStore | undefined;
  /** Whose tokens they are: the name under which they are stored. */
  readonly key: string;
  /** Milliseconds. */
  readonly refreshBefore: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly client: Client | undefined;
  readonly allowHttp: boolean;
  readonly clock: Clock;
}

const GRANTS = ["client_credentials", "refresh_token"] as const;
const REFRESH_BEFORE = 60_000;
const TIMEOUT = 30_000;
/** What the library sets, and nobody else. */
const OWN_PARAMS = ["grant_type", "client_id", "client_secret", "refresh_token", "scope"];

/**
 * Reads the options of `oauth2()`.
 *
 * @throws {OptionsError} when one is missing, bad, or belongs to another grant.
 */
export function readOAuth2(options: unknown): OAuth2Settings {
  const reader = new OptionReader("oauth2()", options);
  const grantType = reader.required("grant", reader.word("grant", GRANTS));
  const allowHttp = reader.flag("allowHttp");
  const issuer = endpoint(reader, "issuer", allowHttp);
  const tokenEndpoint = endpoint(reader, "tokenEndpoint", allowHttp);
  if (issuer === undefined && tokenEndpoint === undefined) reader.required("tokenEndpoint", undefined);
  const endpoints = tokenEndpoint === undefined ? undefined : { token_endpoint: tokenEndpoint };
  const clientId = reader.required("clientId", reader.text("clientId"));
  const clientAuth = clientAuthOf(reader);
  const grant = grantOf(reader, grantType);
  if (grant.type === "client_credentials" && clientAuth.method === "none") {
    reader.required("clientSecret", undefined);
  }
  const scope = scopeOf(reader);
  const params = paramsOf(reader);
  const account = reader.text("account");
  const settings: OAuth2Settings = {
    issuer,
    endpoints,
    clientId,
    clientAuth,
    grant,
    scope,
    params,
    store: storeOf(reader),
    key: keyOf(issuer ?? tokenEndpoint ?? "", clientId, grantType, scope, params, account),
    refreshBefore: durationOf(reader, "refreshBefore", REFRESH_BEFORE),
    timeout: durationOf(reader, "timeout", TIMEOUT),
    client: clientOf(reader),
    allowHttp,
    clock: clockOf(reader.take("clock") ?? systemClock),
  };
  reader.end();
  return settings;
}

function endpoint(reader: OptionReader, option: string, allowHttp: boolean): string | undefined {
  const text = reader.text(option);
  if (text === undefined) return undefined;
  const problem = endpointProblem(text, allowHttp);
  return problem === undefined ? text : reader.refuse(option, `"${problem.shown}"`, problem.allowed);
}

function clientAuthOf(reader: OptionReader): ClientAuthentication {
  const secret = reader.secret("clientSecret");
  if (secret === undefined) return { method: reader.word("clientAuth", ["none"]) ?? "none" };
  const ways = ["client_secret_basic", "client_secret_post"] as const;
  return { method: reader.word("clientAuth", ways) ?? "client_secret_basic", secret };
}

function grantOf(reader: OptionReader, type: Grant["type"]): Grant {
  switch (type) {
    case "client_credentials":
      return { type };
    case "refresh_token":
      return { type, refreshToken: reader.required("refreshToken", reader.secret("refreshToken")) };
  }
}

function scopeOf(reader: OptionReader): string | undefined {
  const value = reader.take("scope");
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  // RFC 6749 §3.3: printable ASCII without quotes and backslashes; a list has no spaces within its names.
  const allowed = Array.isArray(value) ? /^[!#-[\]-~]+$/ : /^[ !#-[\]-~]+$/;
  if (list.length > 0 && list.every((name) => typeof name === "string" && allowed.test(name))) {
    return list.join(" ");
  }
  return reader.refuse("scope", value, 'names with spaces between, or a list of them: "read write"');
}

function paramsOf(reader: OptionReader): OAuth2Param[] {
  const value = reader.take("params") ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    reader.refuse("params", value, "an object of texts");
  }
  return Object.entries(value).map(([name, given]: [string, unknown]) => {
    if (OWN_PARAMS.includes(name)) {
      reader.refuse(`params.${name}`, given, "nothing: it has an option of its own");
    }
    if (typeof given !== "string" && !isSecret(given)) {
      reader.refuse(`params.${name}`, given, "a string or a Secret");
    }
    return { name, value: revealed(given), secret: isSecret(given) || sensitiveParam(name) };
  });
}

function durationOf(reader: OptionReader, option: string, fallback: number): number {
  const value = reader.take(option);
  return value === undefined ? fallback : milliseconds(value, option);
}

function storeOf(reader: OptionReader): TokenStore | undefined {
  const value = reader.take("store");
  const isStore = (given: unknown): given is TokenStore =>
    typeof given === "object" &&
    given !== null &&
    ["get", "set", "delete"].every((method) => typeof Reflect.get(given, method) === "function");
  if (value === undefined || isStore(value)) return value;
  return reader.refuse("store", value, "an object with get(), set() and delete(), such as fileTokens(path)");
}

function clientOf(reader: OptionReader): Client | undefined {
  const value = reader.take("client");
  // By its shape: it may be of another copy of the library.
  const isClient = (given: unknown): given is Client =>
    typeof given === "object" &&
    given !== null &&
    ["request", "extend"].every((method) => typeof Reflect.get(given, method) === "function");
  if (value === undefined || isClient(value)) return value;
  return reader.refuse("client", value, "a Client");
}

/** Two that differ in anything here have tokens that are not for one another. It is stored, so no secret is in it. */
function keyOf(
  server: string,
  clientId: string,
  grant: string,
  scope: string | undefined,
  params: readonly OAuth2Param[],
  account: string | undefined,
): string {
  const told = params.map(({ name, value, secret }) => (secret ? name : `${name}=${value}`));
  return JSON.stringify([server, clientId, grant, scope ?? "", told.sort().join("&"), account ?? ""]);
}
