import * as oauth from "oauth4webapi";
import { AuthError } from "../../errors/auth-error.ts";
import type { BackChannel } from "./back-channel.ts";
import { endpointProblem } from "./endpoint.ts";
import type { OAuth2Settings } from "./settings.ts";

/** The endpoints that secrets go to, or people are sent to. */
const CHECKED = ["token_endpoint", "authorization_endpoint", "device_authorization_endpoint"] as const;

/** What an authorization server is and where: given, or asked for once (RFC 8414, OpenID Connect Discovery 1.0). */
export class ServerMetadata {
  readonly #settings: OAuth2Settings;
  readonly #channel: BackChannel;
  #found: Promise<oauth.AuthorizationServer> | undefined;

  constructor(settings: OAuth2Settings, channel: BackChannel) {
    this.#settings = settings;
    this.#channel = channel;
  }

  /**
   * The metadata.
   *
   * @throws {AuthError} when the issuer does not say.
   */
  get(): Promise<oauth.AuthorizationServer> {
    this.#found ??= this.#find().catch((error: unknown) => {
      // The server may be there again when the next call comes.
      this.#found = undefined;
      throw error;
    });
    return this.#found;
  }

  /** Whom a JWT is for, unless somebody says otherwise. */
  async audience(): Promise<string> {
    const { issuer, endpoints } = this.#settings;
    return issuer === undefined ? (endpoints?.token_endpoint ?? "") : (await this.get()).issuer;
  }

  async #find(): Promise<oauth.AuthorizationServer> {
    const { issuer, endpoints } = this.#settings;
    // Where nobody has said what the server calls itself, it has no name that anything could be compared with.
    if (endpoints !== undefined) return { ...endpoints, issuer: issuer ?? endpoints.token_endpoint };
    const base = new URL(issuer ?? "");
    let first: unknown;
    for (const algorithm of ["oidc", "oauth2"] as const) {
      try {
        return await this.#discovered(base, algorithm);
      } catch (error) {
        if (!(error instanceof AuthError) || error.cause !== undefined) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  async #discovered(issuer: URL, algorithm: "oidc" | "oauth2"): Promise<oauth.AuthorizationServer> {
    let asked = "";
    const response = await oauth.discoveryRequest(issuer, {
      algorithm,
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (url, { method, headers }) => {
        asked = url;
        const sending = { twice: true, timeout: this.#settings.timeout };
        const { status, body } = await this.#channel.send(url, { method, headers }, sending);
        return Response.json(body, { status });
      },
    });
    if (response.status !== 200) throw new AuthError(`${asked} answered ${response.status}, and no metadata`);
    let server: oauth.AuthorizationServer;
    try {
      server = await oauth.processDiscoveryResponse(issuer, response);
    } catch (error) {
      // In the name of another issuer, say (RFC 8414 §3.3). The answer itself is in its cause, and stays there.
      const said = error instanceof Error ? error.message : String(error);
      throw new AuthError(`${asked} gave no metadata that can be used: ${said}`);
    }
    for (const name of CHECKED) {
      const endpoint = server[name];
      const problem =
        typeof endpoint === "string" ? endpointProblem(endpoint, this.#settings.allowHttp) : undefined;
      if (problem !== undefined) {
        throw new AuthError(
          `${asked} names the ${name} ${JSON.stringify(problem.shown)}; it takes ${problem.allowed}`,
        );
      }
    }
    return server;
  }
}
