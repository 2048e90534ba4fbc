import type * as oauth from "oauth4webapi";
import type { BackChannel } from "./back-channel.ts";
import { signJwt } from "./jwt.ts";
import type { ServerMetadata } from "./server-metadata.ts";
import type { OAuth2Settings } from "./settings.ts";
import { type ReadyKey, readyKey } from "./signing-key.ts";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** How long the words with which a client says who it is are good for, in seconds. */
const ASSERTION_LIFE = 60;

/** How a client says who it is at the token endpoint (RFC 6749 §2.3, RFC 7523 §2.2). */
export class ClientIdentity {
  readonly #settings: OAuth2Settings;
  readonly #channel: BackChannel;
  readonly #metadata: ServerMetadata;
  #key: Promise<ReadyKey> | undefined;

  constructor(settings: OAuth2Settings, channel: BackChannel, metadata: ServerMetadata) {
    this.#settings = settings;
    this.#channel = channel;
    this.#metadata = metadata;
  }

  /** The client, as the library wants it: always with a name. */
  get client(): oauth.Client {
    return { client_id: this.#settings.clientId ?? "none" };
  }

  /** Whether it signs what it says: then each request says it anew. */
  get signs(): boolean {
    return this.#settings.clientAuth.method === "private_key_jwt";
  }

  /** What is not for errors. */
  get secrets(): string[] {
    const { clientAuth } = this.#settings;
    return "secret" in clientAuth ? [clientAuth.secret] : [];
  }

  /** Puts it into the headers or the form of a request. */
  readonly authenticate: oauth.ClientAuth = async (_server, _client, body, headers) => {
    const { clientId, clientAuth } = this.#settings;
    // An assertion says by itself who it is of (RFC 7523 §3.1).
    if (clientId === undefined) return;
    switch (clientAuth.method) {
      case "none":
        body.set("client_id", clientId);
        break;
      case "client_secret_post":
        body.set("client_id", clientId);
        body.set("client_secret", clientAuth.secret);
        break;
      case "client_secret_basic":
        // `oauth4webapi` would encode "-" and "." too, which is allowed, and which servers that do not decode take for
        // another client.
        headers.set(
          "authorization",
          `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientAuth.secret)}`)}`,
        );
        break;
      case "private_key_jwt": {
        this.#key ??= readyKey(clientAuth.signing);
        const aud = clientAuth.audience ?? (await this.#metadata.audience());
        const claims = { iss: clientId, sub: clientId, aud };
        body.set("client_id", clientId);
        body.set("client_assertion_type", ASSERTION_TYPE);
        body.set(
          "client_assertion",
          await signJwt(await this.#key, claims, this.#channel.now() / 1000, ASSERTION_LIFE),
        );
      }
    }
  };
}

/** As in `application/x-www-form-urlencoded`. */
function formEncoded(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}
