import { randomBytes, randomInt } from "node:crypto";

/** How long a code is good for, in milliseconds. RFC 6749, 4.1.2, wants ten minutes at most. */
const CODE_LIFE = 60_000;
/** By how much a client that polls too fast has to slow down, in seconds (RFC 8628, 3.5). */
const SLOWER = 5;
/** The most of each that are remembered; the oldest are forgotten first. */
const MOST = 10_000;
/** Letters that spell no word and are not taken for one another (RFC 8628, 6.1). */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** What somebody has let a client do, and what the client has to show for it. */
export interface AuthorizationCode {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly scope: string;
  readonly family: string;
  readonly expires: number;
  spent: boolean;
}

/** A device that waits for somebody to say yes. */
export interface DeviceRequest {
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: string;
  readonly expires: number;
  /** Seconds between two polls. */
  interval: number;
  polled: number;
  decision: "allow" | "deny" | undefined;
}

/** What became of a poll: the request that somebody has allowed, or the error code of RFC 8628, 3.5. */
export type Polled =
  | DeviceRequest
  | "authorization_pending"
  | "slow_down"
  | "access_denied"
  | "expired_token"
  | "invalid_grant";

/** What is under way between a client and somebody who may let it in. */
export class SignIns {
  readonly #now: () => number;
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #devices = new Map<string, DeviceRequest>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes an authorization code. */
  code(of: Omit<AuthorizationCode, "expires" | "spent">): string {
    const code = randomBytes(18).toString("base64url");
    remember(this.#codes, code, { ...of, expires: this.#now() + CODE_LIFE, spent: false });
    return code;
  }

  /** Spends a code; undefined where there is none, or no more. One that comes again is told apart, by being spent. */
  spend(code: string): { readonly granted: AuthorizationCode; readonly again: boolean } | undefined {
    const granted = this.#codes.get(code);
    if (granted === undefined || this.#now() >= granted.expires) return undefined;
    const again = granted.spent;
    granted.spent = true;
    return { granted, again };
  }

  /** Begins to wait for somebody who decides about a device. */
  device(
    clientId: string,
    scope: string,
    interval: number,
    seconds: number,
  ): readonly [code: string, DeviceRequest] {
    const code = randomBytes(24).toString("base64url");
    const letters = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)] ?? "");
    const request: DeviceRequest = {
      userCode: `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`,
      clientId,
      scope,
      expires: this.#now() + seconds * 1000,
      interval,
      polled: Number.NEGATIVE_INFINITY,
      decision: undefined,
    };
    remember(this.#devices, code, request);
    return [code, request];
  }

  /** Decides about a device, by the code that somebody reads from it. False where there is none. */
  decide(userCode: string, decision: "allow" | "deny"): boolean {
    const wanted = userCode.replaceAll(/[^A-Za-z]/g, "").toUpperCase();
    for (const request of this.#devices.values()) {
      if (request.userCode.replace("-", "") !== wanted || this.#now() >= request.expires) continue;
      request.decision ??= decision;
      return true;
    }
    return false;
  }

  /** Answers a device that asks whether somebody has decided. */
  poll(code: string, clientId: string): Polled {
    const request = this.#devices.get(code);
    if (request === undefined || request.clientId !== clientId) return "invalid_grant";
    const now = this.#now();
    if (now >= request.expires) return "expired_token";
    const early = now - request.polled < request.interval * 1000;
    request.polled = now;
    if (early) {
      request.interval += SLOWER;
      return "slow_down";
    }
    if (request.decision === undefined) return "authorization_pending";
    this.#devices.delete(code);
    return request.decision === "deny" ? "access_denied" : request;
  }

  forget(): void {
    this.#codes.clear();
    this.#devices.clear();
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MOST) break;
    map.delete(oldest);
  }
}
