import { connectionTrusting, connectionWith, readProxies } from "#platform";
import type { Auth } from "../auth/auth.ts";
import { basic } from "../auth/basic.ts";
import { readCacheOfCall } from "../cache/cache-option.ts";
import { checkPair } from "../cookies/cookie-by-hand.ts";
import { OptionsError } from "../errors/options-error.ts";
import { normalizeRedirect } from "../pipeline/redirect-rules.ts";
import { normalizeRetry } from "../pipeline/retry-policy.ts";
import { isSecret, type Secret } from "../secret.ts";
import type { Telemetry } from "../telemetry.ts";
import { readCallThrottle } from "../throttle/throttle-options.ts";
import { mergeHooks } from "./hook-lists.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { kindOf } from "./kind-of.ts";
import { readLog } from "./log-option.ts";
import type { AuthOption, RaiseOption, RequestOptions } from "./options.ts";
import type { Settings } from "./settings.ts";
import { timeoutsOf } from "./timeouts.ts";

/** The options that shape the request itself; all others become settings. */
export const SHAPES = ["params", "headers", "path", "json", "form", "multipart", "body"] as const;

type SettingName = Exclude<keyof RequestOptions, (typeof SHAPES)[number]>;
type Given = { readonly [Name in keyof RequestOptions]-?: Exclude<RequestOptions[Name], undefined> };

/** Reads one option that is there. It is typed as it should be and checked as it may be: not every caller is TypeScript. */
type Readers = { readonly [Name in SettingName]: (value: Given[Name], settings: Settings) => void };

function refuse(option: string, value: unknown, allowed: string): never {
  throw new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes ${allowed}`, { option });
}

function isWord(value: unknown): value is string | Secret {
  return typeof value === "string" || isSecret(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPair(auth: AuthOption): auth is readonly [string | Secret, string | Secret] {
  return Array.isArray(auth);
}

function isFailure(status: unknown): boolean {
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 599;
}

/** The `Auth` of an option: #91, a bad one is refused where it is given. */
function authOf(auth: AuthOption): Auth | null {
  if (auth === null) return null;
  if (isPair(auth)) {
    const [user, password, ...rest]: readonly unknown[] = auth;
    if (isWord(user) && isWord(password) && rest.length === 0) return basic(user, password);
    throw new OptionsError("`auth` as a list takes a user and a password: [user, password]", {
      option: "auth",
    });
  }
  if (typeof auth === "function") return { authorize: auth };
  if (isObject(auth) && typeof auth.authorize === "function") {
    const { statuses } = auth;
    if (statuses === undefined || (Array.isArray(statuses) && statuses.every(isFailure))) return auth;
    return refuse("auth.statuses", statuses, "a list of statuses from 400 to 599");
  }
  throw new OptionsError(
    `\`auth\` is ${kindOf(auth)}; it takes basic(), bearer(), apiKey(), digest(), netrc(), [user, password], a function or null`,
    {
      option: "auth",
      ...hintFor(auth),
    },
  );
}

/** What to write in place of a bare token, and of a name and a password as axios and others take them. */
function hintFor(auth: unknown): { readonly hint?: string } {
  if (isWord(auth)) return { hint: "A token goes into bearer(token), a key into apiKey(key)." };
  if (!isObject(auth)) return {};
  const user = ["username", "user"].find((name) => Object.hasOwn(auth, name));
  if (user !== undefined) {
    return { hint: "Write `auth: [username, password]`, or `auth: basic(username, password)`." };
  }
  const token = ["bearer", "token"].find((name) => Object.hasOwn(auth, name));
  return token === undefined ? {} : { hint: "Write `auth: bearer(token)`." };
}

/** A copy by own property: what goes out is what was checked (S55). */
function cookiesOf(given: Given["cookies"]): Settings["cookies"] {
  if (given === false) return false;
  if (!isObject(given)) return refuse("cookies", given, "an object of names and values, or false");
  const cookies: Record<string, string | Secret> = Object.create(null);
  for (const [name, cookie] of Object.entries(given)) {
    checkPair(name, isSecret(cookie) ? cookie.reveal() : cookie);
    cookies[name] = cookie;
  }
  return cookies;
}

function charsetOf(label: string): string {
  if (typeof label !== "string") return refuse("encoding", label, "the name of a charset");
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    throw new OptionsError(`\`encoding\` is ${JSON.stringify(label)}, which is no charset that is known`, {
      option: "encoding",
      cause,
    });
  }
}

function bytesOf(option: string, value: number): number {
  const whole = Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  return whole && value >= 0 ? value : refuse(option, value, "a number of bytes, or Infinity");
}

function functionOf<F>(option: string, value: F, takes: string): F {
  return typeof value === "function" ? value : refuse(option, value, takes);
}

function booleanOf(option: string, value: boolean): boolean {
  return typeof value === "boolean" ? value : refuse(option, value, "true or false");
}

/** What a client has seen of its servers is not for one call to change: it can only be left out of it. */
function switchedOff(option: "circuit" | "hedge", value: false): undefined {
  if (value === false) return undefined;
  throw new OptionsError(`\`${option}\` of a call is ${kindOf(value)}; it takes false`, {
    option,
    hint: `It goes by what many calls have met: new Client({ ${option}: … }).`,
  });
}

function raiseOf(value: RaiseOption): RaiseOption {
  if (value === "readers" || typeof value === "boolean" || typeof value === "function") return value;
  return refuse("raise", value, '"readers", true, false or a function of the response');
}

function telemetryOf(value: Telemetry | false | null): Telemetry | undefined {
  if (value === false || value === null) return undefined;
  const works = isObject(value) && typeof value.start === "function";
  return works ? value : refuse("telemetry", value, "openTelemetry(), an object with start(), or false");
}

function signalOf(value: AbortSignal): AbortSignal {
  const works =
    isObject(value) && typeof value.aborted === "boolean" && typeof value.addEventListener === "function";
  return works ? value : refuse("signal", value, "an AbortSignal");
}

const READERS: Readers = {
  paramsStyle: (value, settings) => {
    settings.paramsStyle = value;
  },
  idempotencyKey: (value, settings) => {
    settings.idempotencyKey = readIdempotencyKey(value);
  },
  auth: (value, settings) => {
    settings.auth = authOf(value);
  },
  timeout: (value, settings) => {
    settings.timeouts = timeoutsOf(value, settings.timeouts);
  },
  retry: (value, settings) => {
    settings.retry = normalizeRetry(value, settings.retry);
  },
  raise: (value, settings) => {
    settings.raise = raiseOf(value);
  },
  redirect: (value, settings) => {
    settings.redirect = normalizeRedirect(value, settings.redirect);
  },
  maxBytes: (value, settings) => {
    settings.maxBytes = bytesOf("maxBytes", value);
  },
  maxRecord: (value, settings) => {
    settings.maxRecord = bytesOf("maxRecord", value);
  },
  encoding: (value, settings) => {
    settings.encoding = charsetOf(value);
  },
  parseJson: (value, settings) => {
    settings.parseJson = functionOf("parseJson", value, "a function of the text");
  },
  stringifyJson: (value, settings) => {
    settings.stringifyJson = functionOf("stringifyJson", value, "a function of the value");
  },
  hooks: (value, settings) => {
    settings.hooks = mergeHooks(value, settings.hooks);
  },
  log: (value, settings) => {
    settings.log = readLog(value);
  },
  telemetry: (value, settings) => {
    settings.telemetry = telemetryOf(value);
  },
  circuit: (value, settings) => {
    settings.circuit = switchedOff("circuit", value);
  },
  hedge: (value, settings) => {
    settings.hedge = switchedOff("hedge", value);
  },
  dedupe: (value, settings) => {
    settings.dedupe = booleanOf("dedupe", value);
  },
  stack: (value, settings) => {
    settings.stack = booleanOf("stack", value);
  },
  trustEnv: (value, settings) => {
    settings.trustEnv = booleanOf("trustEnv", value);
    settings.connection = connectionTrusting(value, settings.connection);
  },
  signal: (value, settings) => {
    settings.signal = signalOf(value);
  },
  cookies: (value, settings) => {
    settings.cookies = cookiesOf(value);
  },
  stream: (value, settings) => {
    settings.stream = booleanOf("stream", value);
  },
  onProgress: (value, settings) => {
    settings.onProgress = functionOf("onProgress", value, "a function of the progress");
  },
  cache: (value, settings) => {
    settings.cache = readCacheOfCall(value, settings.cache);
  },
  throttle: (value, settings) => {
    settings.throttle = readCallThrottle(value, settings.throttle);
  },
  proxy: (value, settings) => {
    settings.proxy = readProxies(value);
  },
  tls: (value, settings) => {
    settings.connection = connectionWith("tls", value, settings.connection);
  },
  unixSocket: (value, settings) => {
    settings.connection = connectionWith("unixSocket", value, settings.connection);
  },
  http2: (value, settings) => {
    settings.connection = connectionWith("http2", value, settings.connection);
  },
  localAddress: (value, settings) => {
    settings.connection = connectionWith("localAddress", value, settings.connection);
  },
  lookup: (value, settings) => {
    settings.connection = connectionWith("lookup", value, settings.connection);
  },
};

/** The names of the settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(READERS);

/** Whether an option is a setting. */
export function isSettingName(option: string): option is SettingName {
  return Object.hasOwn(READERS, option);
}

/** Reads one setting into `settings`; false when the name is none. Undefined is as good as absent. */
export function readSetting(option: string, value: unknown, settings: Settings): boolean {
  if (!isSettingName(option)) return false;
  if (value !== undefined) read(option, value, settings);
  return true;
}

function read<Name extends SettingName>(option: Name, value: unknown, settings: Settings): void {
  // The value is the caller's own; its reader checks it.
  READERS[option](value as Given[Name], settings);
}
