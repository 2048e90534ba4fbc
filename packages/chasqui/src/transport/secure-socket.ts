import { isIP, type Socket } from "node:net";
import type {
  ConnectionOptions as NodeTlsOptions,
  SecureContext,
  SecureContextOptions,
  TLSSocket,
} from "node:tls";
import { NetworkError } from "../errors/network-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import type { TlsOptions } from "../request/connection-init.ts";
import { isSecret } from "../secret.ts";
import { type ConnectionOptions, LOWEST_VERSION, NOTHING_SAID } from "./connection-options.ts";
import type { Target } from "./connector.ts";

/** Sessions that are kept to be resumed, and contexts: who walks the web meets many servers once. */
const MOST_SESSIONS = 100;
const MOST_CONTEXTS = 32;

/** A map that forgets what came first. */
class Recent<V> {
  readonly #most: number;
  readonly #entries = new Map<string, V>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}

/**
 * What `tls` would read of its options through Object.prototype, since it copies them into an ordinary object: whom a
 * connection trusts is not for a polluted prototype to say (S55).
 */
const NOT_LENT = {
  allowHalfOpen: undefined,
  allowPartialTrustChain: undefined,
  ca: undefined,
  cert: undefined,
  ciphers: undefined,
  crl: undefined,
  ecdhCurve: undefined,
  enableTrace: undefined,
  key: undefined,
  maxVersion: undefined,
  onread: undefined,
  passphrase: undefined,
  path: undefined,
  pfx: undefined,
  pskCallback: undefined,
  secureOptions: undefined,
  secureProtocol: undefined,
  session: undefined,
  signal: undefined,
  sigalgs: undefined,
};

/** TLS over connections that are made: whom it trusts, what it shows, and the sessions that are resumed. */
export class SecureSockets {
  readonly #contexts = new Recent<SecureContext>(MOST_CONTEXTS);
  readonly #sessions = new Recent<Buffer>(MOST_SESSIONS);
  #warned = false;

  /**
   * The keys and certificates of the options, read once for all connections.
   *
   * @throws {OptionsError} when OpenSSL can make nothing of them.
   */
  contextOf(options: ConnectionOptions | undefined): SecureContext {
    const { tls, trustEnv } = options?.settings ?? NOTHING_SAID;
    const key = tls === undefined && trustEnv === undefined ? "" : (options?.key ?? "");
    let context = this.#contexts.get(key);
    if (context === undefined) {
      context = makeContext(tls, trustEnv === undefined);
      this.#contexts.set(key, context);
    }
    return context;
  }

  /** Begins the handshake over a connection, or over whatever carries bytes to the target. */
  start(socket: Socket, target: Target, options: ConnectionOptions | undefined): TLSSocket {
    const tls = options?.settings.tls;
    const unverified = tls?.rejectUnauthorized === false;
    if (unverified) this.#warn();
    const servername = nameOf(target, tls);
    // Verified for one set of options, a session says nothing for another (S5, S31).
    const key = `${options?.key ?? ""} ${target.hostname} ${target.port} ${servername ?? ""}`;
    // A pin is checked against the certificate of a handshake, and a session that is resumed has none.
    const resumed = tls?.pins === undefined && !unverified;
    const given: NodeTlsOptions = {
      ...NOT_LENT,
      socket,
      host: target.hostname,
      servername: servername ?? "",
      secureContext: this.contextOf(options),
      // Said also where it is the default, which NODE_TLS_REJECT_UNAUTHORIZED would change for all of the process.
      rejectUnauthorized: !unverified,
      ALPNProtocols: options?.settings.http2 === true ? ["h2", "http/1.1"] : ["http/1.1"],
      session: resumed ? this.#sessions.get(key) : undefined,
    };
    const secure = process.getBuiltinModule("node:tls").connect(given);
    if (resumed) secure.on("session", (session) => this.#sessions.set(key, session));
    return secure;
  }

  /**
   * Looks at the server's key, where some were named.
   *
   * @throws {NetworkError} when it is none of them; the connection is then closed.
   */
  check(socket: TLSSocket, target: Target, options: ConnectionOptions | undefined): void {
    const pins = options?.settings.tls?.pins;
    if (pins === undefined) return;
    const key = socket.getPeerX509Certificate()?.publicKey.export({ type: "spki", format: "der" });
    const seen = key === undefined ? "no key at all" : `sha256//${sha256(key)}`;
    if (pins.includes(seen)) return;
    const error = new NetworkError("tls", `The public key of ${target.host} is not one that is pinned`, {
      host: target.host,
      port: target.port,
      hint: `It showed ${seen}. If that is the server's new key, add it to \`tls.pins\`.`,
    });
    socket.destroy();
    throw error;
  }

  #warn(): void {
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(
      "`tls.rejectUnauthorized` is false: connections are made to whoever answers, and what is sent may be read and changed on the way.",
      { type: "ChasquiWarning", code: "CHASQUI_UNVERIFIED_TLS" },
    );
  }
}

function sha256(bytes: Uint8Array): string {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(bytes).digest("base64");
}

/** The name that is asked for; an address has none (RFC 6066 3). */
function nameOf(target: Target, tls: TlsOptions | undefined): string | undefined {
  const name = tls?.servername ?? target.servername ?? target.hostname;
  return isIP(name) === 0 ? name : undefined;
}

type Material = string | Buffer | (string | Buffer)[];

function materialOf(given: TlsOptions["ca"]): Material | undefined {
  const one = (entry: string | Uint8Array): string | Buffer =>
    typeof entry === "string" ? entry : Buffer.from(entry);
  if (given === undefined) return undefined;
  return typeof given === "string" || given instanceof Uint8Array ? one(given) : given.map(one);
}

function makeContext(tls: TlsOptions | undefined, trustsEnv: boolean): SecureContext {
  const { createSecureContext, rootCertificates } = process.getBuiltinModule("node:tls");
  const passphrase = isSecret(tls?.passphrase) ? tls.passphrase.reveal() : tls?.passphrase;
  const given: SecureContextOptions = {
    ...NOT_LENT,
    // NODE_EXTRA_CA_CERTS and what the system adds are part of Node's default, and of this list they are not.
    ca: materialOf(tls?.ca) ?? (trustsEnv ? undefined : [...rootCertificates]),
    cert: materialOf(tls?.cert),
    key: materialOf(tls?.key),
    pfx: tls?.pfx === undefined ? undefined : Buffer.from(tls.pfx),
    passphrase,
    minVersion: tls?.minVersion ?? LOWEST_VERSION,
    maxVersion: tls?.maxVersion,
  };
  try {
    return createSecureContext(given);
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause);
    throw new OptionsError(`\`tls\` cannot be used: ${told}`, {
      option: "tls",
      cause,
      hint: "Are `ca`, `cert` and `key` PEM, do `cert` and `key` belong together, and is the passphrase theirs?",
    });
  }
}
