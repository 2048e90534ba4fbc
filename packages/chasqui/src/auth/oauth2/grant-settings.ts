import { milliseconds } from "../../duration.ts";
import { sensitiveParam } from "../../request/sensitive-headers.ts";
import { canonicalHost, isLoopback } from "../../transport/proxy/address.ts";
import { OptionReader } from "../option-reader.ts";
import type { DevicePrompt } from "./options.ts";
import { type SigningSettings, signingOf } from "./signing-settings.ts";

/** What an assertion says, and what it is signed with. */
export interface AssertionSettings {
  readonly signing: SigningSettings;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Milliseconds. */
  readonly life: number;
}

/** What a grant needs besides the client. */
export type Grant =
  | { readonly type: "client_credentials" }
  | { readonly type: "refresh_token"; readonly refreshToken: string }
  | {
      readonly type: "authorization_code";
      readonly open: ((url: string) => unknown) | undefined;
      readonly redirectUri: string;
      readonly params: readonly (readonly [name: string, value: string])[];
      /** Milliseconds. */
      readonly timeout: number;
    }
  | { readonly type: "device_code"; readonly prompt: ((prompt: DevicePrompt) => unknown) | undefined }
  | { readonly type: "jwt-bearer"; readonly assertion: AssertionSettings | (() => unknown) };

/** The grants, by the last words of their names in the RFCs. */
export const GRANTS = [
  "client_credentials",
  "refresh_token",
  "authorization_code",
  "device_code",
  "jwt-bearer",
] as const;
const SIGN_IN_TIMEOUT = 300_000;
const ASSERTION_LIFE = 60_000;
/** What the library sets on the page, and nobody else. */
const OWN_PAGE_PARAMS = ["client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge"];

/**
 * Reads what belongs to a grant.
 *
 * @throws {OptionsError} when it is missing or bad.
 */
export function grantOf(reader: OptionReader, type: Grant["type"]): Grant {
  switch (type) {
    case "client_credentials":
      return { type };
    case "refresh_token":
      return { type, refreshToken: reader.required("refreshToken", reader.secret("refreshToken")) };
    case "authorization_code":
      return {
        type,
        open: reader.function("open"),
        redirectUri: redirectUriOf(reader),
        params: pageParamsOf(reader),
        timeout: milliseconds(reader.take("signInTimeout") ?? SIGN_IN_TIMEOUT, "signInTimeout"),
      };
    case "device_code":
      return { type, prompt: reader.function("prompt") };
    case "jwt-bearer":
      return { type, assertion: assertionOf(reader) };
  }
}

function redirectUriOf(reader: OptionReader): string {
  const text = reader.text("redirectUri") ?? "http://127.0.0.1:0/";
  const url = URL.parse(text);
  const fits =
    url !== null &&
    url.protocol === "http:" &&
    url.username + url.password + url.search === "" &&
    !text.includes("#") &&
    isLoopback(canonicalHost(url.hostname) ?? "");
  if (fits) return text;
  return reader.refuse("redirectUri", text, 'http on the loopback, such as "http://127.0.0.1:0/callback"');
}

function pageParamsOf(reader: OptionReader): (readonly [string, string])[] {
  const value = reader.take("authorizationParams") ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    reader.refuse("authorizationParams", value, "an object of texts");
  }
  return Object.entries(value).map(([name, given]: [string, unknown]) => {
    const option = `authorizationParams.${name}`;
    if (OWN_PAGE_PARAMS.includes(name)) reader.refuse(option, given, "nothing: it is set by itself");
    return typeof given === "string" ? [name, given] : reader.refuse(option, given, "a string");
  });
}

function assertionOf(reader: OptionReader): AssertionSettings | (() => unknown) {
  const given = reader.required("assertion", reader.take("assertion"));
  const isFunction = (value: unknown): value is () => unknown => typeof value === "function";
  if (isFunction(given)) return given;
  const own = new OptionReader("`assertion` of oauth2()", given);
  const issuer = own.required("issuer", own.text("issuer"));
  const claims = own.take("claims") ?? {};
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    own.refuse("claims", claims, "an object of what JSON can hold");
  }
  const settings: AssertionSettings = {
    signing: own.required("privateKey", signingOf(own)),
    issuer,
    subject: own.text("subject") ?? issuer,
    audience: own.text("audience"),
    claims: { ...claims },
    life: milliseconds(own.take("life") ?? ASSERTION_LIFE, "life"),
  };
  own.end();
  return settings;
}

/** On whose behalf a token is asked for, where the grant says so: no secret. */
export function onBehalfOf(grant: Grant): string {
  if (grant.type !== "jwt-bearer" || typeof grant.assertion === "function") return "";
  const { issuer, subject, audience, claims } = grant.assertion;
  const told = Object.entries(claims).map(([name, value]) => (sensitiveParam(name) ? name : [name, value]));
  return JSON.stringify([issuer, subject, audience ?? "", told]);
}
