import { randomBytes } from "node:crypto";
import { getCookie } from "hono/cookie";
import { json } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import type { Route } from "../route.ts";
import { ACCOUNTS, same } from "./accounts.ts";

const topic = "Auth";
const COOKIE = "session";
const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Lax";
/** 401 has to name a scheme (RFC 9110, 15.5.2); this one is that of draft-broyer-http-cookie-auth. */
const CHALLENGE = {
  "WWW-Authenticate": `Cookie realm="practice", form-action="/auth/cookie/login", cookie-name=${COOKIE}`,
};
/** The most sessions that are remembered; the oldest are forgotten first. */
const MOST_SESSIONS = 10_000;

/** A login that sets a session's cookie, the route that wants it, and the way out. */
export const cookieRoutes: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/auth/cookie",
    topic,
    summary: "Wants the cookie of a session",
    handle: (ask, world) => {
      const user = world.sessions.get(getCookie(ask, COOKIE) ?? "");
      if (user !== undefined) return json({ authenticated: true, scheme: "cookie", user });
      const reason = "no session; POST username and password to /auth/cookie/login";
      return json({ error: reason }, 401, CHALLENGE);
    },
  },
  {
    methods: ["POST"],
    path: "/auth/cookie/login",
    topic,
    summary: `Begins a session; ${ACCOUNTS.user} with ${ACCOUNTS.password}, as a form or as JSON`,
    params: [
      { name: "username", in: "form", about: "the user" },
      { name: "password", in: "form", about: "the password" },
    ],
    handle: async (ask, world) => {
      const { username, password } = await readFields(ask.req.raw);
      if (!same(String(username), ACCOUNTS.user) || !same(String(password), ACCOUNTS.password)) {
        return json({ error: "the user or the password is wrong" }, 401, CHALLENGE);
      }
      const id = randomBytes(18).toString("base64url");
      world.sessions.set(id, ACCOUNTS.user);
      for (const oldest of world.sessions.keys()) {
        if (world.sessions.size <= MOST_SESSIONS) break;
        world.sessions.delete(oldest);
      }
      return json({ authenticated: true, user: ACCOUNTS.user }, 200, {
        "Set-Cookie": `${COOKIE}=${id}; ${ATTRIBUTES}`,
      });
    },
  },
  {
    methods: ["POST"],
    path: "/auth/cookie/logout",
    topic,
    summary: "Ends the session and takes the cookie back",
    handle: (ask, world) => {
      world.sessions.delete(getCookie(ask, COOKIE) ?? "");
      return json({ authenticated: false }, 200, { "Set-Cookie": `${COOKIE}=; Max-Age=0; ${ATTRIBUTES}` });
    },
  },
];
