import { SESSIONLESS } from "#platform";
import { Client } from "../../client.ts";
import type { Clock } from "../../clock.ts";
import { AuthError } from "../../errors/auth-error.ts";
import { ChasquiError } from "../../errors/chasqui-error.ts";
import type { RetryInfo } from "../../pipeline/retry-policy.ts";
import { printable, redactUrl } from "../../request/redact.ts";
import { parseHttpDate } from "../../response/http-date.ts";
import type { Response as OurResponse } from "../../response/response.ts";

/** The most bytes of an answer: a token with all that comes with it is a few thousand. */
const LARGEST_ANSWER = 1024 * 1024;
/** How often a request is sent at most. */
const ATTEMPTS = 3;

/** What `oauth4webapi` asks a fetch for. */
export interface BackChannelRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | undefined;
}

/** How a request may be sent. */
export interface Sending {
  /**
   * Whether the server may get it twice: a code, an assertion and a poll are good for once; a refresh token is sent again
   * where the answer was lost, because without one the session is lost in any case, and servers that know of it answer again.
   */
  readonly twice: boolean;
  /** Milliseconds, all attempts together. */
  readonly timeout: number;
}

/** An answer, read. */
export interface BackChannelAnswer {
  readonly status: number;
  /** The object in its body. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether it had been sent before, and the answer did not come. */
  readonly resent: boolean;
}

let shared: Client | undefined;

/**
 * The way to an authorization server: requests without credentials of the API's, without a jar, through no throttle, which
 * follow no redirect and read no more than a token can be. It keeps the server's time.
 */
export class BackChannel {
  readonly #clock: Clock;
  readonly #given: Client | undefined;
  /** The given client, made ready for each origin. */
  readonly #clients = new Map<string, Client>();
  #skew = 0;

  constructor(client: Client | undefined, clock: Clock) {
    this.#given = client;
    this.#clock = clock;
  }

  /** Milliseconds since 1970 by the server's clock, as far as its answers have told it; of a moment of ours, or of now. */
  now(moment: number = this.#clock.date()): number {
    return moment + this.#skew;
  }

  /** Learns the time from a `Date` header that came after a request that was sent at `sentAt`. */
  learnTime(date: string | null | undefined, sentAt: number): void {
    const said = typeof date === "string" ? parseHttpDate(date, this.#clock.date()) : undefined;
    if (said === undefined) return;
    const now = this.#clock.date();
    // The header counts whole seconds, and was written some time between the request and its answer.
    const skew = said + 500 - (sentAt + now) / 2;
    this.#skew = Math.abs(skew) <= 1000 + (now - sentAt) / 2 ? 0 : Math.round(skew);
  }

  /**
   * Sends a request and reads its answer as JSON.
   *
   * @throws {AuthError} when there is no answer, or it is no JSON object.
   */
  async send(
    url: string,
    { method, headers, body }: BackChannelRequest,
    { twice, timeout }: Sending,
  ): Promise<BackChannelAnswer> {
    const shown = redactUrl(url);
    const sentAt = this.#clock.date();
    let resent = false;
    let response: OurResponse;
    let text: string;
    try {
      response = await this.#client(url).request(method, url, {
        headers: { ...headers },
        ...(body === undefined ? {} : { body: body.toString() }),
        auth: null,
        cookies: false,
        // What is for calls to an API is not for this: a call may be waiting for the token with its turn in hand.
        throttle: false,
        circuit: false,
        hedge: false,
        dedupe: false,
        cache: false,
        redirect: "error",
        raise: false,
        stack: false,
        maxBytes: LARGEST_ANSWER,
        // The last attempt has time left when one before was not answered at all.
        timeout: { attempt: timeout / 2, total: timeout },
        retry: { attempts: ATTEMPTS, ...(twice ? { methods: ["GET", "POST"] } : { when: isPutOff }) },
        hooks: {
          onRetry: () => {
            resent = true;
          },
        },
      });
      text = await response.text();
    } catch (cause) {
      if (!(cause instanceof ChasquiError)) throw cause;
      throw new AuthError(`No token could be had: ${cause.message}`, {
        cause,
        ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      });
    }
    this.learnTime(response.headers.get("date"), sentAt);
    const read = objectIn(text);
    if (read !== undefined) return { status: response.status, body: read, resent };
    const type = response.headers.get("content-type");
    const what = type === null ? "no type" : printable(type).slice(0, 60);
    throw new AuthError(`${shown} answered ${response.status} with ${what}, and no JSON object`, {
      ...(response.status < 400 ? { hint: "It is not the endpoint, or something stands before it." } : {}),
    });
  }

  #client(url: string): Client {
    if (this.#given === undefined) {
      shared ??= new Client(SESSIONLESS);
      return shared;
    }
    const { origin } = new URL(url);
    let client = this.#clients.get(origin);
    if (client === undefined) {
      // With a base of its own it has neither the headers nor the params that belong to the API.
      client = this.#given.extend({ baseUrl: origin, auth: null });
      this.#clients.set(origin, client);
    }
    return client;
  }
}

/** Whether a server has said that it has done nothing yet. */
function isPutOff({ status }: RetryInfo): true | undefined {
  return status === 429 || status === 503 ? true : undefined;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What it is says the error, and not what is in it.
    return undefined;
  }
  const isObject = (given: unknown): given is Record<string, unknown> =>
    typeof given === "object" && given !== null && !Array.isArray(given);
  return isObject(value) ? value : undefined;
}
