import { type Answer, json } from "../answer/answer.ts";
import { query, type Route } from "../route.ts";
import { ACCOUNTS, readBasic, readBearer, same } from "./accounts.ts";
import { cookieRoutes } from "./cookie-routes.ts";
import { digestRoute } from "./digest-route.ts";
import { hmacRoute } from "./hmac-route.ts";
import { signInRoutes } from "./sign-in-routes.ts";
import { tokenRoute } from "./token-route.ts";

const topic = "Auth";

function welcome(scheme: string, more: Readonly<Record<string, unknown>> = {}): Answer {
  return json({ authenticated: true, scheme, ...more });
}

/** 401 names the scheme that would do (RFC 9110, 15.5.2). */
function challenge(scheme: string, reason: string): Answer {
  return json({ error: reason }, 401, { "WWW-Authenticate": scheme });
}

/** The protected routes. */
export const authRoutes: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/auth/basic",
    topic,
    summary: `Wants Basic; ${ACCOUNTS.user} with ${ACCOUNTS.password}`,
    params: [
      query("user", `the user that is let in (${ACCOUNTS.user})`),
      query("password", `the password (${ACCOUNTS.password})`),
    ],
    handle: (ask) => {
      const given = readBasic(ask.req.header("authorization"));
      const user = ask.req.query("user") ?? ACCOUNTS.user;
      const good =
        given && same(given[0], user) && same(given[1], ask.req.query("password") ?? ACCOUNTS.password);
      if (good) return welcome("basic", { user });
      const reason = given ? "the user or the password is wrong" : "this route wants Basic authentication";
      return challenge('Basic realm="practice", charset="UTF-8"', reason);
    },
  },
  {
    methods: ["GET", "POST"],
    path: "/auth/bearer",
    topic,
    summary: `Wants Bearer; ${ACCOUNTS.token}, or a token of /auth/token that is still good`,
    handle: (ask, world) => {
      const token = readBearer(ask.req.header("authorization"));
      // Without a token there is no error to name (RFC 6750, 3.1).
      if (token === undefined) return challenge('Bearer realm="practice"', "this route wants a Bearer token");
      const reason = same(token, ACCOUNTS.token) ? undefined : world.tokens.use(token);
      if (reason === undefined) return welcome("bearer");
      return challenge(
        `Bearer realm="practice", error="invalid_token", error_description="${reason}"`,
        reason,
      );
    },
  },
  {
    methods: ["GET"],
    path: "/auth/key",
    topic,
    summary: `Wants an API key, ${ACCOUNTS.key}, in the header X-API-Key or in the query`,
    params: [
      { name: "X-API-Key", in: "header", about: "the key" },
      query("api_key", "the key"),
      query("in", "header or query: the only place where it counts"),
    ],
    handle: (ask) => {
      const place = ask.req.query("in");
      const header = place === "query" ? undefined : ask.req.header("x-api-key");
      const parameter = place === "header" ? undefined : ask.req.query("api_key");
      const given = header ?? parameter;
      if (given !== undefined && same(given, ACCOUNTS.key)) {
        return welcome("key", { in: header === undefined ? "query" : "header" });
      }
      return challenge(
        'ApiKey realm="practice"',
        given === undefined ? "this route wants an API key" : "the key is wrong",
      );
    },
  },
  digestRoute,
  hmacRoute,
  ...cookieRoutes,
  tokenRoute,
  ...signInRoutes,
];
