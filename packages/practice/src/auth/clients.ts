import { randomBytes } from "node:crypto";
import type { Ask } from "../route.ts";
import { ACCOUNTS, formDecoded, readBasic, same } from "./accounts.ts";
import { type PublicJwk, readJwt } from "./jwt.ts";

/** The most clients, and the most assertions, that are remembered; the oldest are forgotten first. */
const MOST = 10_000;
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A client that says who it is by a key. */
export interface RegisteredClient {
  readonly id: string;
  readonly keys: readonly PublicJwk[];
}

/** One field of a form, empty where there is none. */
export type Field = (name: string) => string;

/** The clients of the authorization server. */
export class Clients {
  readonly #now: () => number;
  readonly #registered = new Map<string, RegisteredClient>();
  readonly #assertions = new Set<string>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Registers a client by its public keys (RFC 7591). */
  register(keys: readonly PublicJwk[]): RegisteredClient {
    const client = { id: randomBytes(9).toString("base64url"), keys };
    this.#registered.set(client.id, client);
    trim(this.#registered);
    return client;
  }

  /** Whether there is such a client, whoever says so. */
  knows(id: string): boolean {
    return id === ACCOUNTS.clientId || id === ACCOUNTS.appId || this.#registered.has(id);
  }

  /** Who asks: the client's id, or undefined where it has not shown who it is (RFC 6749, 2.3; RFC 7523, 2.2). */
  authenticated(ask: Ask, field: Field, audiences: readonly string[]): string | undefined {
    const basic = readBasic(ask.req.header("authorization"));
    if (basic !== undefined) return confidential(formDecoded(basic[0]), formDecoded(basic[1]));
    const id = field("client_id");
    if (field("client_assertion_type") === ASSERTION_TYPE) {
      const claims = this.assertion(field("client_assertion"), audiences);
      return typeof claims === "string" || (id !== "" && claims.sub !== id) ? undefined : String(claims.sub);
    }
    // A client without a secret says its name, and is believed (RFC 6749, 2.1).
    if (id === ACCOUNTS.appId) return id;
    return confidential(id, field("client_secret"));
  }

  /** The claims of an assertion of a registered client's, which is good for once; or what is wrong with it. */
  assertion(jwt: string, audiences: readonly string[]): Record<string, unknown> | string {
    const issuer = issuerOf(jwt);
    const client = this.#registered.get(issuer);
    if (client === undefined) return "iss is no registered client";
    const now = this.#now() / 1000;
    const claims = readJwt(jwt, client.keys, { issuer, audiences, now });
    if (typeof claims === "string") return claims;
    const used = `${issuer} ${String(claims.jti)}`;
    if (this.#assertions.has(used)) return "this jti has been there";
    this.#assertions.add(used);
    trim(this.#assertions);
    return claims;
  }

  forget(): void {
    this.#registered.clear();
    this.#assertions.clear();
  }
}

function confidential(id: string, secret: string): string | undefined {
  return same(id, ACCOUNTS.clientId) && same(secret, ACCOUNTS.clientSecret) ? id : undefined;
}

/** Who a JWT says that it is of, which its signature has to show. */
function issuerOf(jwt: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
    return typeof claims === "object" && claims !== null && "iss" in claims ? String(claims.iss) : "";
  } catch {
    return "";
  }
}

function trim(map: Map<string, unknown> | Set<string>): void {
  for (const oldest of map.keys()) {
    if (map.size <= MOST) return;
    map.delete(oldest);
  }
}
