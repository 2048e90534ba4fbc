import { createHash } from "node:crypto";
import { type Answer, json } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import { type Ask, type Param, query, type Route, urlOf } from "../route.ts";
import type { World } from "../world.ts";
import { ACCOUNTS, same } from "./accounts.ts";
import type { Field } from "./clients.ts";
import { spoiled, TOKEN_FAULTS } from "./token-faults.ts";
import type { Lifetime } from "./tokens.ts";

/** A token is not for caches (RFC 6749, 5.1). */
const NO_STORE = { "Cache-Control": "no-store", Pragma: "no-cache" };
const USUAL_SECONDS = 3600;
/** How the two long grants are called (RFC 8628, 3.4; RFC 7523, 2.1). */
export const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const form = (name: string, about: string): Param => ({ name, in: "form", about });

/** What a client may have a token for. */
interface Granted {
  readonly scope: string;
  readonly family: string;
  /** Whether a refresh token comes along, asked for or not. */
  readonly refreshing: boolean;
}

/** Why it may not. */
interface Refused {
  readonly error: string;
  readonly description: string;
}

const GRANTS: ReadonlyMap<
  string,
  (world: World, field: Field, client: string, ask: Ask) => Granted | Refused
> = new Map([
  ["client_credentials", clientCredentials],
  ["refresh_token", refreshToken],
  ["authorization_code", authorizationCode],
  [DEVICE_CODE, deviceCode],
  [JWT_BEARER, jwtBearer],
]);

/** `/auth/token`, the token endpoint of OAuth 2 (RFC 6749). */
export const tokenRoute: Route = {
  methods: ["POST"],
  path: "/auth/token",
  topic: "Auth",
  summary: `OAuth 2 token endpoint; client ${ACCOUNTS.clientId} with ${ACCOUNTS.clientSecret}, in Basic or in the form; ${ACCOUNTS.appId} without a secret; or one of /auth/register by its key`,
  params: [
    form("grant_type", [...GRANTS.keys()].join(", ")),
    form("scope", "offline_access brings a refresh token along"),
    form("refresh_token", "the one to spend; each may be spent once"),
    form("code", "of /auth/authorize, with redirect_uri and code_verifier"),
    form("device_code", "of /auth/device"),
    form("assertion", "a JWT that a client of /auth/register has signed"),
    form("client_assertion", "the same, to say who the client is"),
    form("expires_in", `seconds that the access token lives (${USUAL_SECONDS}); in the query as well`),
    form("uses", "requests that the access token is good for (any number); in the query as well"),
    query("fault", `spoils the answer: ${TOKEN_FAULTS.join(", ")}; the token has been made all the same`),
    query("times", "for how many answers of a run (all)"),
    query("run", "the run that is counted"),
  ],
  handle: async (ask, world) => {
    const fields = new Map(Object.entries(await readFields(ask.req.raw)));
    const field: Field = (name) => {
      const value = fields.get(name);
      return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
    };
    const grantType = field("grant_type");
    const client = world.clients.authenticated(ask, field, audiences(ask));
    // An assertion says by itself who it is of (RFC 7523, 3.1).
    if (client === undefined && grantType !== JWT_BEARER) {
      return refuse("invalid_client", "the client or its secret is wrong", 401, {
        "WWW-Authenticate": 'Basic realm="practice"',
      });
    }
    const lifetime = readLifetime((name) => field(name) || (ask.req.query(name) ?? ""));
    if (lifetime === undefined)
      return refuse("invalid_request", "expires_in and uses must be positive numbers");
    if (grantType === "") return refuse("invalid_request", "grant_type is missing; it is sent as a form");
    const grant = GRANTS.get(grantType);
    if (grant === undefined) {
      return refuse("unsupported_grant_type", `grant_type is one of ${[...GRANTS.keys()].join(", ")}`);
    }
    const granted = grant(world, field, client ?? "", ask);
    if ("error" in granted) return refuse(granted.error, granted.description);
    const body = token(world, lifetime, granted, client ?? "");
    return spoiled(ask, world, body, () => json(body, 200, NO_STORE));
  },
};

/** What an assertion may be meant for. */
function audiences(ask: Ask): string[] {
  const { origin, pathname } = urlOf(ask);
  return [origin, origin + pathname];
}

function clientCredentials(world: World, field: Field, client: string): Granted | Refused {
  if (client === ACCOUNTS.appId) {
    return { error: "unauthorized_client", description: "a client without a secret has no credentials" };
  }
  const scope = field("scope");
  // Who has its credentials needs no refresh token (RFC 6749, 4.4.3), so that it comes only when asked for.
  return { scope, family: world.tokens.family(), refreshing: isOffline(scope) };
}

function refreshToken(world: World, field: Field, client: string): Granted | Refused {
  const spent = world.tokens.spend(field("refresh_token"), client);
  if (spent !== undefined) return { ...spent, refreshing: true };
  return { error: "invalid_grant", description: "the refresh token is unknown, spent or revoked" };
}

function authorizationCode(world: World, field: Field, client: string): Granted | Refused {
  const error = "invalid_grant";
  const spent = world.signIns.spend(field("code"));
  if (spent === undefined) return { error, description: "the code is unknown or has expired" };
  const { granted, again } = spent;
  if (again) {
    // It is in two hands (RFC 6749, 4.1.2).
    world.tokens.revoke(granted.family);
    return { error, description: "the code was spent before; its tokens are revoked" };
  }
  if (granted.clientId !== client) return { error, description: "the code is another client's" };
  if (granted.redirectUri !== field("redirect_uri")) {
    return { error, description: "redirect_uri is not the one that the code was asked for with" };
  }
  const challenge = createHash("sha256").update(field("code_verifier")).digest("base64url");
  if (!same(challenge, granted.challenge)) {
    return { error, description: "code_verifier is not what code_challenge was made of" };
  }
  return { scope: granted.scope, family: granted.family, refreshing: true };
}

function deviceCode(world: World, field: Field, client: string): Granted | Refused {
  const polled = world.signIns.poll(field("device_code"), client);
  if (typeof polled === "string")
    return { error: polled, description: "poll again when it is time, if it is to come" };
  return { scope: polled.scope, family: world.tokens.family(), refreshing: true };
}

function jwtBearer(world: World, field: Field, _client: string, ask: Ask): Granted | Refused {
  const claims = world.clients.assertion(field("assertion"), audiences(ask));
  if (typeof claims === "string") return { error: "invalid_grant", description: claims };
  return { scope: field("scope"), family: world.tokens.family(), refreshing: false };
}

function isOffline(scope: string): boolean {
  return scope.split(" ").includes("offline_access");
}

function token(
  world: World,
  lifetime: Lifetime,
  { scope, family, refreshing }: Granted,
  client: string,
): Record<string, unknown> {
  return {
    access_token: world.tokens.access(lifetime, scope, family),
    token_type: "Bearer",
    expires_in: lifetime.seconds,
    ...(scope === "" ? {} : { scope }),
    ...(refreshing ? { refresh_token: world.tokens.refresh(scope, family, client) } : {}),
  };
}

function readLifetime(value: (name: string) => string): Lifetime | undefined {
  const seconds = Number(value("expires_in") || USUAL_SECONDS);
  const uses = Number(value("uses") || Number.POSITIVE_INFINITY);
  return seconds > 0 && uses > 0 ? { seconds, uses } : undefined;
}

/** An error of OAuth 2 (RFC 6749, 5.2). */
export function refuse(
  error: string,
  description: string,
  status = 400,
  headers: Record<string, string> = {},
): Answer {
  return json({ error, error_description: description }, status, { ...NO_STORE, ...headers });
}
