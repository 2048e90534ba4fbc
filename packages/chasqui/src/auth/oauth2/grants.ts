import { AuthError } from "../../errors/auth-error.ts";
import { kindOf } from "../../request/kind-of.ts";
import { isSecret } from "../../secret.ts";
import type { StoredToken } from "../token-store.ts";
import type { AssertionSettings } from "./grant-settings.ts";
import { signJwt } from "./jwt.ts";
import type { OAuth2Settings } from "./settings.ts";
import { type ReadyKey, readyKey } from "./signing-key.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";

/** Whether somebody has to say yes. */
export function asksSomebody({ grant }: OAuth2Settings): boolean {
  return grant.type === "authorization_code" || grant.type === "device_code";
}

/**
 * A token by the grant itself, without a refresh token. What a grant takes is loaded when it is used.
 *
 * @throws {AuthError} when there is none.
 */
export async function grantedToken(settings: OAuth2Settings, endpoint: TokenEndpoint): Promise<StoredToken> {
  const { grant } = settings;
  switch (grant.type) {
    case "client_credentials":
      return endpoint.ask({ grant: "client_credentials" });
    case "refresh_token":
      return endpoint.ask({ grant: "refresh_token", refreshToken: grant.refreshToken });
    case "authorization_code": {
      const { signIn } = await import("./authorization-code.ts");
      return signIn(settings, grant, endpoint);
    }
    case "device_code": {
      const { signInByDevice } = await import("./device-code.ts");
      return signInByDevice(settings, grant, endpoint);
    }
    case "jwt-bearer": {
      const { assertion } = grant;
      const make = typeof assertion === "function" ? given(assertion) : signed(assertion, endpoint);
      return endpoint.ask({ grant: "jwt-bearer", assertion: make });
    }
  }
}

function given(make: () => unknown): () => Promise<string> {
  return async () => {
    let assertion: unknown;
    try {
      assertion = await make();
    } catch (cause) {
      throw new AuthError("The function that gives the assertion failed", { cause });
    }
    const text = isSecret(assertion) ? assertion.reveal() : assertion;
    if (typeof text === "string" && text !== "") return text;
    throw new AuthError(
      `The function that gives the assertion gave ${text === "" ? "an empty string" : kindOf(text)}, not a JWT`,
    );
  };
}

/** Keys that are ready, by what they were given as: to read one takes longer than to sign with it. */
const ready = new WeakMap<AssertionSettings, Promise<ReadyKey>>();

function signed(settings: AssertionSettings, endpoint: TokenEndpoint): () => Promise<string> {
  const { signing, issuer, subject, audience, claims, life } = settings;
  return async () => {
    const key = ready.get(settings) ?? readyKey(signing);
    ready.set(settings, key);
    const aud = audience ?? (await endpoint.metadata.audience());
    const said = { iss: issuer, sub: subject, aud, ...claims };
    return signJwt(await key, said, endpoint.channel.now() / 1000, life / 1000);
  };
}
