import type { Client } from "../../client.ts";
import { type Clock, clockOf, systemClock } from "../../clock.ts";
import { milliseconds } from "../../duration.ts";
import { sensitiveParam } from "../../request/sensitive-headers.ts";
import { isSecret, revealed } from "../../secret.ts";
import { OptionReader } from "../option-reader.ts";
import type { TokenStore } from "../token-store.ts";
import { endpointProblem } from "./endpoint.ts";
import { GRANTS, type Grant, grantOf, onBehalfOf } from "./grant-settings.ts";
import { type SigningSettings, signingOf } from "./signing-settings.ts";

/** The endpoints of an authorization server, by their names in its metadata (RFC 8414 §2). */
export interface Endpoints {
  readonly token_endpoint: string;
  readonly authorization_endpoint?: string;
  readonly device_authorization_endpoint?: string;
}

/** How the client says who it is. */
export type ClientAuthentication =
  | { readonly method: "client_secret_basic" | "client_secret_post"; readonly secret: string }
  | {
      readonly method: "private_key_jwt";
      readonly signing: SigningSettings;
      readonly audience: string | undefined;
    }
  | { readonly method: "none" };

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
  /** Undefined where an assertion says it all. */
  readonly clientId: string | undefined;
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
  const type = reader.required("grant", reader.word("grant", GRANTS));
  const allowHttp = reader.flag("allowHttp");
  const issuer = endpointOf(reader, "issuer", allowHttp);
  const endpoints = endpointsOf(reader, type, issuer, allowHttp);
  const clientId = reader.text("clientId");
  if (type !== "jwt-bearer") reader.required("clientId", clientId);
  const clientAuth = clientAuthOf(reader);
  if (clientAuth.method !== "none") reader.required("clientId", clientId);
  else if (type === "client_credentials") reader.required("clientSecret", undefined);
  const grant = grantOf(reader, type);
  const scope = scopeOf(reader);
  const params = paramsOf(reader);
  const server = issuer ?? endpoints?.token_endpoint ?? "";
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
    key: keyOf([server, clientId ?? "", type, onBehalfOf(grant), scope ?? "", told(params), account ?? ""]),
    refreshBefore: durationOf(reader, "refreshBefore", REFRESH_BEFORE),
    timeout: durationOf(reader, "timeout", TIMEOUT),
    client: clientOf(reader),
    allowHttp,
    clock: clockOf(reader.take("clock") ?? systemClock),
  };
  reader.end();
  return settings;
}

function endpointOf(reader: OptionReader, option: string, allowHttp: boolean): string | undefined {
  const text = reader.text(option);
  if (text === undefined) return undefined;
  const problem = endpointProblem(text, allowHttp);
  return problem === undefined ? text : reader.refuse(option, `"${problem.shown}"`, problem.allowed);
}

function endpointsOf(
  reader: OptionReader,
  type: Grant["type"],
  issuer: string | undefined,
  allowHttp: boolean,
): Endpoints | undefined {
  const token = endpointOf(reader, "tokenEndpoint", allowHttp);
  if (token === undefined) {
    if (issuer === undefined) reader.required("tokenEndpoint", undefined);
    return undefined;
  }
  const endpoints = { token_endpoint: token };
  if (type === "authorization_code") {
    const page = endpointOf(reader, "authorizationEndpoint", allowHttp);
    return { ...endpoints, authorization_endpoint: reader.required("authorizationEndpoint", page) };
  }
  if (type === "device_code") {
    const device = endpointOf(reader, "deviceAuthorizationEndpoint", allowHttp);
    return {
      ...endpoints,
      device_authorization_endpoint: reader.required("deviceAuthorizationEndpoint", device),
    };
  }
  return endpoints;
}

function clientAuthOf(reader: OptionReader): ClientAuthentication {
  const secret = reader.secret("clientSecret");
  if (secret !== undefined) {
    const ways = ["client_secret_basic", "client_secret_post"] as const;
    return { method: reader.word("clientAuth", ways) ?? "client_secret_basic", secret };
  }
  const signing = signingOf(reader);
  if (signing === undefined) return { method: reader.word("clientAuth", ["none"]) ?? "none" };
  const method = reader.word("clientAuth", ["private_key_jwt"]) ?? "private_key_jwt";
  return { method, signing, audience: reader.text("audience") };
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
    const option = `params.${name}`;
    if (OWN_PARAMS.includes(name)) reader.refuse(option, given, "nothing: it has an option of its own");
    if (typeof given !== "string" && !isSecret(given)) reader.refuse(option, given, "a string or a Secret");
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
function keyOf(parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function told(params: readonly OAuth2Param[]): string {
  const shown = params.map(({ name, value, secret }) => (secret ? name : `${name}=${value}`));
  return shown.sort().join("&");
}
