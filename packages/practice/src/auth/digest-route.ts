import { createHash, randomBytes } from "node:crypto";
import { type Answer, json } from "../answer/answer.ts";
import { type Ask, query, type Route } from "../route.ts";
import type { World } from "../world.ts";
import { ACCOUNTS, same } from "./accounts.ts";

const REALM = "practice";

/** Hashes by the name that a challenge has for them, and Node's for the same. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ["MD5", "md5"],
  ["SHA-256", "sha256"],
  ["SHA-512-256", "sha512-256"],
]);

/** The params of an `Authorization: Digest` (RFC 7616, 3.4), or undefined. */
function readDigest(header: string | undefined): ReadonlyMap<string, string> | undefined {
  const params = /^digest +(.*)$/i.exec(header ?? "")?.[1];
  if (params === undefined) return undefined;
  const found = params.matchAll(/([\w*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/g);
  return new Map(
    Array.from(found, ([, name = "", quoted, bare = ""]) => [
      name.toLowerCase(),
      quoted?.replaceAll(/\\(.)/g, "$1") ?? bare,
    ]),
  );
}

/** What is asked for: the hash, with or without a session of its own, and whether there is a qop. */
interface Wanted {
  readonly algorithm: string;
  readonly hash: string;
  readonly session: boolean;
  readonly qop: boolean;
  readonly uses: number;
}

function wantedOf(ask: Ask): Wanted | string {
  const algorithm = ask.req.query("algorithm") ?? "MD5";
  const session = /-sess$/i.test(algorithm);
  const hash = ALGORITHMS.get(algorithm.replace(/-sess$/i, "").toUpperCase());
  if (hash === undefined)
    return `algorithm is one of ${[...ALGORITHMS.keys()].join(", ")}, each with -sess as well`;
  const qop = ask.req.query("qop") ?? "auth";
  if (qop !== "auth" && qop !== "none") return "qop is auth or none";
  const uses = ask.req.query("uses") ?? "1000";
  if (!/^[1-9]\d{0,6}$/.test(uses)) return "uses is a whole number of requests";
  return { algorithm, hash, session, qop: qop === "auth", uses: Number(uses) };
}

function challenge({ algorithm, qop, uses }: Wanted, world: World, reason: string, stale: boolean): Answer {
  const params = [
    `realm="${REALM}"`,
    `nonce="${world.nonces.give(uses)}"`,
    ...(qop ? ['qop="auth"'] : []),
    `algorithm=${algorithm}`,
    ...(stale ? ["stale=true"] : []),
  ];
  return json({ error: reason }, 401, { "WWW-Authenticate": `Digest ${params.join(", ")}` });
}

/** The response that the right password makes (RFC 7616, 3.4.1). */
function expected(params: ReadonlyMap<string, string>, wanted: Wanted, method: string): string {
  const hex = (text: string): string => createHash(wanted.hash).update(text).digest("hex");
  const of = (name: string): string => params.get(name) ?? "";
  const secret = hex(`${ACCOUNTS.user}:${REALM}:${ACCOUNTS.password}`);
  const a1 = wanted.session ? hex(`${secret}:${of("nonce")}:${of("cnonce")}`) : secret;
  const a2 = hex(`${method}:${of("uri")}`);
  if (!wanted.qop) return hex(`${a1}:${of("nonce")}:${a2}`);
  return hex(`${a1}:${of("nonce")}:${of("nc")}:${of("cnonce")}:auth:${a2}`);
}

/** What is wrong with an answer to the challenge. */
function fault(
  params: ReadonlyMap<string, string>,
  wanted: Wanted,
  target: string,
  method: string,
): string | undefined {
  if (params.get("uri") !== target) return "the uri is not the target of this request";
  if (wanted.qop && params.get("qop") !== "auth") return "the qop is not auth";
  if (wanted.qop && !/^[0-9a-f]{8}$/.test(params.get("nc") ?? ""))
    return "the nc is not 8 hexadecimal digits";
  const right =
    same(params.get("username") ?? "", ACCOUNTS.user) &&
    same(params.get("response") ?? "", expected(params, wanted, method));
  return right ? undefined : "the user or the password is wrong";
}

/** Digest (RFC 7616), strict about what clients get wrong: the uri, the count, a nonce that is used up. */
export const digestRoute: Route = {
  methods: ["GET", "POST"],
  path: "/auth/digest",
  topic: "Auth",
  summary: `Wants Digest; ${ACCOUNTS.user} with ${ACCOUNTS.password}, a new nc with each request`,
  params: [
    query("algorithm", `${[...ALGORITHMS.keys()].join(", ")}, or one of them with -sess (MD5)`),
    query("qop", "auth, or none for the Digest of RFC 2069 (auth)"),
    query("uses", "for how many requests a nonce is good; then it is stale (1000)"),
  ],
  handle: (ask, world) => {
    const wanted = wantedOf(ask);
    if (typeof wanted === "string") return json({ error: wanted }, 400);
    const params = readDigest(ask.req.header("authorization"));
    if (params === undefined)
      return challenge(wanted, world, "this route wants Digest authentication", false);
    const { pathname, search } = new URL(ask.req.url);
    const wrong = fault(params, wanted, pathname + search, ask.req.method);
    if (wrong !== undefined) return challenge(wanted, world, wrong, false);
    const count = wanted.qop ? (params.get("nc") ?? "") : randomBytes(8).toString("hex");
    const used = world.nonces.use(params.get("nonce") ?? "", count);
    if (used === "stale") return challenge(wanted, world, "the nonce is used up", true);
    if (used === "replayed") return challenge(wanted, world, "this nc has been there with this nonce", false);
    const { algorithm } = wanted;
    return json({ authenticated: true, scheme: "digest", user: ACCOUNTS.user, algorithm });
  },
};
