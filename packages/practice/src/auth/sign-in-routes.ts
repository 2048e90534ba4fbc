import { type Answer, empty, json, problem, text } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import { type Ask, query, type Route, urlOf } from "../route.ts";
import type { World } from "../world.ts";
import { ACCOUNTS } from "./accounts.ts";
import type { PublicJwk } from "./jwt.ts";
import { DEVICE_CODE, JWT_BEARER, refuse } from "./token-route.ts";

const topic = "Auth";
const INTERVAL = 5;
const DEVICE_LIFE = 600;

/** What leads to a token: somebody's yes in a browser, a device that waits for it, the registration of a key. */
export const signInRoutes: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/.well-known/oauth-authorization-server",
    topic,
    summary: "What the authorization server is and where (RFC 8414)",
    handle: (ask) => json(metadata(baseOf(ask))),
  },
  {
    methods: ["GET"],
    path: "/auth/authorize",
    topic,
    summary: `OAuth 2 authorization endpoint, with PKCE; asks whoever is there, and leads back with a code`,
    params: [
      query("response_type", "code"),
      query("client_id", `${ACCOUNTS.appId} or ${ACCOUNTS.clientId}`),
      query("redirect_uri", "where it leads back to: http on this machine, any port (RFC 8252, 7.3)"),
      query("code_challenge", "with code_challenge_method=S256"),
      query("state", "comes back as it was"),
      query("scope", "what is asked for"),
      query("decision", "allow or deny, at once and without a page"),
      query("fault", "state, iss or iss-missing: leads back with what is not right"),
    ],
    handle: authorize,
  },
  {
    methods: ["POST"],
    path: "/auth/device",
    topic,
    summary: "OAuth 2 device authorization endpoint (RFC 8628)",
    params: [
      { name: "client_id", in: "form", about: ACCOUNTS.appId },
      { name: "scope", in: "form", about: "what is asked for" },
      query("interval", `seconds between two polls (${INTERVAL})`),
      query("expires_in", `seconds until nobody can decide any more (${DEVICE_LIFE})`),
    ],
    handle: device,
  },
  {
    methods: ["GET"],
    path: "/auth/device",
    topic,
    summary: "Where somebody decides about a device",
    params: [query("user_code", "what the device shows"), query("decision", "allow or deny")],
    handle: decide,
  },
  {
    methods: ["POST"],
    path: "/auth/register",
    topic,
    summary: "Registers a client by its public keys, a JSON object with jwks (RFC 7591)",
    handle: register,
  },
];

function baseOf(ask: Ask): string {
  return urlOf(ask).origin;
}

function metadata(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth/authorize`,
    token_endpoint: `${issuer}/auth/token`,
    device_authorization_endpoint: `${issuer}/auth/device`,
    registration_endpoint: `${issuer}/auth/register`,
    response_types_supported: ["code"],
    grant_types_supported: [
      "authorization_code",
      "client_credentials",
      "refresh_token",
      DEVICE_CODE,
      JWT_BEARER,
    ],
    token_endpoint_auth_methods_supported: [
      "client_secret_basic",
      "client_secret_post",
      "private_key_jwt",
      "none",
    ],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
  };
}

function authorize(ask: Ask, world: World): Answer {
  const of = (name: string): string => ask.req.query(name) ?? "";
  const back = URL.parse(of("redirect_uri"));
  // Whoever cannot be trusted is not led to (RFC 6749, 4.1.2.1): it is said here.
  if (!world.clients.knows(of("client_id"))) return problem(400, "client_id is none that is known");
  if (
    back === null ||
    back.protocol !== "http:" ||
    !/^(127\.0\.0\.1|\[::1\]|localhost)$/.test(back.hostname)
  ) {
    return problem(400, "redirect_uri is http on this machine: http://127.0.0.1:1234/");
  }
  const issuer = baseOf(ask);
  const fault = of("fault");
  const lead = (params: Readonly<Record<string, string>>): Answer => {
    const state = fault === "state" ? "another" : of("state");
    const iss = fault === "iss" ? "https://elsewhere.example" : issuer;
    const all = { ...params, state, ...(fault === "iss-missing" ? {} : { iss }) };
    for (const [name, value] of Object.entries(all)) if (value !== "") back.searchParams.set(name, value);
    return empty(302, { Location: back.href, "Cache-Control": "no-store" });
  };
  if (of("response_type") !== "code") return lead({ error: "unsupported_response_type" });
  if (of("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(of("code_challenge"))) {
    return lead({ error: "invalid_request", error_description: "PKCE with S256 is wanted" });
  }
  const decision = of("decision");
  if (decision === "deny") return lead({ error: "access_denied", error_description: "somebody said no" });
  if (decision !== "allow") return page(ask, `${of("client_id")} asks to be let in.`);
  const code = world.signIns.code({
    clientId: of("client_id"),
    redirectUri: of("redirect_uri"),
    challenge: of("code_challenge"),
    scope: of("scope"),
    family: world.tokens.family(),
  });
  return lead({ code });
}

async function device(ask: Ask, world: World): Promise<Answer> {
  const { client_id: clientId, scope } = await readFields(ask.req.raw);
  if (typeof clientId !== "string" || !world.clients.knows(clientId)) {
    return refuse("invalid_client", "client_id is none that is known", 401);
  }
  const interval = Number(ask.req.query("interval") || INTERVAL);
  const seconds = Number(ask.req.query("expires_in") || DEVICE_LIFE);
  if (!(interval > 0) || !(seconds > 0)) {
    return refuse("invalid_request", "interval and expires_in must be positive numbers");
  }
  const [code, { userCode }] = world.signIns.device(
    clientId,
    typeof scope === "string" ? scope : "",
    interval,
    seconds,
  );
  const uri = `${baseOf(ask)}/auth/device`;
  return json({
    device_code: code,
    user_code: userCode,
    verification_uri: uri,
    verification_uri_complete: `${uri}?user_code=${userCode}`,
    expires_in: seconds,
    interval,
  });
}

function decide(ask: Ask, world: World): Answer {
  const userCode = ask.req.query("user_code");
  const decision = ask.req.query("decision");
  if (userCode === undefined) return problem(400, "user_code is what the device shows: ?user_code=ABCD-EFGH");
  if (decision !== "allow" && decision !== "deny")
    return page(ask, `A device with the code ${userCode} asks to be let in.`);
  const there = world.signIns.decide(userCode, decision);
  return there ? json({ decision }) : problem(400, "no device with this code is waiting");
}

async function register(ask: Ask, world: World): Promise<Answer> {
  const { jwks } = await readFields(ask.req.raw);
  const keys: unknown = typeof jwks === "object" && jwks !== null && "keys" in jwks ? jwks.keys : undefined;
  const isKey = (key: unknown): key is PublicJwk => typeof key === "object" && key !== null && "kty" in key;
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isKey)) {
    return refuse("invalid_client_metadata", "jwks is an object with public keys: { keys: [{ kty: … }] }");
  }
  if (keys.some((key) => "d" in key)) return refuse("invalid_client_metadata", "a private key stays at home");
  const { id } = world.clients.register(keys);
  return json({ client_id: id, token_endpoint_auth_method: "private_key_jwt", jwks: { keys } }, 201);
}

/** The page on which somebody decides. */
function page(ask: Ask, asks: string): Answer {
  const link = (decision: string, words: string): string => {
    const url = urlOf(ask);
    url.searchParams.set("decision", decision);
    return `<a href="${escaped(url.pathname + url.search)}">${words}</a>`;
  };
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>The practice API</title>
<p>${escaped(asks)}<p>${link("allow", "Let it in")} or ${link("deny", "do not")}.</html>
`;
  return text(html, "text/html; charset=utf-8");
}

function escaped(words: string): string {
  return words.replaceAll(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
