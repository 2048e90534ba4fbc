import { type Answer, json } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import type { Ask, Param, Route } from "../route.ts";
import type { World } from "../world.ts";
import { ACCOUNTS, readBasic, same } from "./accounts.ts";
import type { Lifetime } from "./tokens.ts";

/** A token is not for caches (RFC 6749, 5.1). */
const NO_STORE = { "Cache-Control": "no-store", Pragma: "no-cache" };
const USUAL_SECONDS = 3600;

const form = (name: string, about: string): Param => ({ name, in: "form", about });

/** `/auth/token`, the token endpoint of OAuth 2 (RFC 6749). */
export const tokenRoute: Route = {
  methods: ["POST"],
  path: "/auth/token",
  topic: "Auth",
  summary: `OAuth 2 token endpoint; client ${ACCOUNTS.clientId} with ${ACCOUNTS.clientSecret}, in Basic or in the form`,
  params: [
    form("grant_type", "client_credentials or refresh_token"),
    form("scope", "offline_access brings a refresh token along"),
    form("refresh_token", "the one to spend; each may be spent once"),
    form("expires_in", `seconds that the access token lives (${USUAL_SECONDS}); in the query as well`),
    form("uses", "requests that the access token is good for (any number); in the query as well"),
  ],
  handle: async (ask, world) => {
    const fields = new Map(Object.entries(await readFields(ask.req.raw)));
    const field = (name: string) => {
      const value = fields.get(name);
      return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
    };
    if (!isClient(ask, field)) {
      return refuse("invalid_client", "the client or its secret is wrong", 401, {
        "WWW-Authenticate": 'Basic realm="practice"',
      });
    }
    const lifetime = readLifetime((name) => field(name) || (ask.req.query(name) ?? ""));
    if (lifetime === undefined)
      return refuse("invalid_request", "expires_in and uses must be positive numbers");
    switch (field("grant_type")) {
      case "client_credentials":
        return grant(world, lifetime, field("scope"), world.tokens.family());
      case "refresh_token": {
        const spent = world.tokens.spend(field("refresh_token"));
        if (!spent) return refuse("invalid_grant", "the refresh token is unknown, spent or revoked");
        return grant(world, lifetime, spent.scope, spent.family);
      }
      case "":
        return refuse("invalid_request", "grant_type is missing; it is sent as a form");
      default:
        return refuse("unsupported_grant_type", "grant_type must be client_credentials or refresh_token");
    }
  },
};

function grant(world: World, lifetime: Lifetime, scope: string, family: string): Answer {
  // Who has its credentials needs no refresh token (RFC 6749, 4.4.3), so that it comes only when asked for.
  const refreshing = scope.split(" ").includes("offline_access");
  const body = {
    access_token: world.tokens.access(lifetime, scope, family),
    token_type: "Bearer",
    expires_in: lifetime.seconds,
    ...(scope === "" ? {} : { scope }),
    ...(refreshing ? { refresh_token: world.tokens.refresh(scope, family) } : {}),
  };
  return json(body, 200, NO_STORE);
}

function isClient(ask: Ask, field: (name: string) => string): boolean {
  const basic = readBasic(ask.req.header("authorization"));
  // The form encoding that RFC 6749, 2.3.1, asks for within Basic leaves these two as they are.
  const [id, secret] = basic ?? [field("client_id"), field("client_secret")];
  return same(id, ACCOUNTS.clientId) && same(secret, ACCOUNTS.clientSecret);
}

function readLifetime(value: (name: string) => string): Lifetime | undefined {
  const seconds = Number(value("expires_in") || USUAL_SECONDS);
  const uses = Number(value("uses") || Number.POSITIVE_INFINITY);
  return seconds > 0 && uses > 0 ? { seconds, uses } : undefined;
}

function refuse(
  error: string,
  description: string,
  status = 400,
  headers: Record<string, string> = {},
): Answer {
  return json({ error, error_description: description }, status, { ...NO_STORE, ...headers });
}
