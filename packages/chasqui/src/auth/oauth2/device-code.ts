import { AuthError } from "../../errors/auth-error.ts";
import { CallerError } from "../../errors/caller-error.ts";
import { ChasquiError } from "../../errors/chasqui-error.ts";
import { printable } from "../../request/redact.ts";
import type { StoredToken } from "../token-store.ts";
import type { Grant } from "./grant-settings.ts";
import type { DevicePrompt } from "./options.ts";
import type { OAuth2Settings } from "./settings.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";

type DeviceGrant = Extract<Grant, { type: "device_code" }>;

/** By how much polls slow down when they are told to, in seconds (RFC 8628 §3.5). */
const SLOWER = 5;

/** Waits until somebody has let a device in (RFC 8628). */
export async function signInByDevice(
  settings: OAuth2Settings,
  grant: DeviceGrant,
  endpoint: TokenEndpoint,
): Promise<StoredToken> {
  const { clock, scope } = settings;
  const begun = clock.now();
  const device = await endpoint.device(scope);
  const end = begun + device.expires_in * 1000;
  const prompt: DevicePrompt = {
    userCode: printable(device.user_code),
    verificationUri: printable(device.verification_uri),
    verificationUriComplete:
      device.verification_uri_complete === undefined
        ? undefined
        : printable(device.verification_uri_complete),
    expiresAt: new Date(clock.date() + device.expires_in * 1000),
  };
  try {
    await (grant.prompt ?? tell)(prompt);
  } catch (cause) {
    throw new CallerError("`prompt` of oauth2() failed", { cause });
  }
  let interval = device.interval ?? SLOWER;
  for (;;) {
    // The end of the code is told when it has come, however slowly it was asked.
    const wait = Math.min(interval * 1000, Math.max(0, end - clock.now()));
    await new Promise<void>((resolve) => clock.timer(wait, resolve));
    if (clock.now() >= end) {
      throw new AuthError("Nobody has let the device in, in the time that the server gives", {
        reason: "expired_token",
        hint: "The next call begins anew, with another code.",
      });
    }
    try {
      return await endpoint.ask({ grant: "device_code", deviceCode: device.device_code });
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      if (error.reason === "slow_down") interval += SLOWER;
      // A server that does not answer is given time (RFC 8628 §3.5).
      else if (error.cause instanceof ChasquiError) interval *= 2;
      else if (error.reason !== "authorization_pending") throw error;
    }
  }
}

function tell({ userCode, verificationUri }: DevicePrompt): void {
  console.error(`To sign in, open ${verificationUri} and enter the code ${userCode}`);
}
