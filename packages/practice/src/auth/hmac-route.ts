import { createHash, createHmac } from "node:crypto";
import { json } from "../answer/answer.ts";
import { readBytes } from "../answer/body.ts";
import type { Param, Route } from "../route.ts";
import type { World } from "../world.ts";
import { ACCOUNTS, same } from "./accounts.ts";

/** How far the clocks may be apart, in seconds; a signature is good for as long. */
const WINDOW = 300;

const header = (name: string, about: string): Param => ({ name, in: "header", about });

/** A request that is signed, in the way of many APIs: over what it says, its time and a nonce, so that none can be sent again. */
export const hmacRoute: Route = {
  methods: ["GET", "POST"],
  path: "/auth/hmac",
  topic: "Auth",
  summary: `Wants a signature: HMAC-SHA-256 in hexadecimal, with the key ${ACCOUNTS.signingKey}, over the lines method, path with query, X-Timestamp, X-Nonce, and SHA-256 of the body`,
  params: [
    header("X-Timestamp", `seconds since 1970, at most ${WINDOW} off`),
    header("X-Nonce", "16 characters or more, another for each request"),
    header("X-Signature", "the signature"),
  ],
  handle: async (ask, world) => {
    const of = (name: string): string => ask.req.header(name) ?? "";
    const body = createHash("sha256")
      .update(await readBytes(ask.req.raw))
      .digest("hex");
    const { pathname, search } = new URL(ask.req.url);
    const lines = [ask.req.method, pathname + search, of("x-timestamp"), of("x-nonce"), body];
    const wanted = createHmac("sha256", ACCOUNTS.signingKey).update(lines.join("\n")).digest("hex");
    const reason = fault(of("x-timestamp"), of("x-nonce"), same(of("x-signature"), wanted), world);
    if (reason === undefined) return json({ authenticated: true, scheme: "hmac", body });
    return json({ error: reason }, 401, { "WWW-Authenticate": 'HMAC realm="practice", algorithm="SHA-256"' });
  },
};

function fault(timestamp: string, nonce: string, signed: boolean, world: World): string | undefined {
  if (!/^\d{1,12}$/.test(timestamp)) return "X-Timestamp is missing, or no number of seconds";
  if (nonce.length < 16) return "X-Nonce is missing, or shorter than 16 characters";
  if (!signed) return "the signature is not that of this request";
  const now = world.settings.now() / 1000;
  if (Math.abs(now - Number(timestamp)) > WINDOW) return `X-Timestamp is more than ${WINDOW} seconds off`;
  return world.signatures.isNew(nonce, now + 2 * WINDOW, now) ? undefined : "this X-Nonce has been there";
}
