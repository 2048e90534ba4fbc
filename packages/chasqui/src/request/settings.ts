import { connectionTrusting, connectionWith, readProxies } from "#platform";
import type { Auth } from "../auth/auth.ts";
import { basic } from "../auth/basic.ts";
import { type CachePolicy, readCacheOfCall } from "../cache/cache-option.ts";
import { checkPair } from "../cookies/cookie-by-hand.ts";
import { OptionsError } from "../errors/options-error.ts";
import type { Circuits } from "../load/circuit-options.ts";
import type { Hedges } from "../load/hedge-options.ts";
import type { ProgressListener } from "../pipeline/progress.ts";
import { normalizeRedirect, type RedirectPolicy } from "../pipeline/redirect-rules.ts";
import { normalizeRetry, type RetryPolicy } from "../pipeline/retry-policy.ts";
import { isSecret, type Secret } from "../secret.ts";
import type { Telemetry } from "../telemetry.ts";
import { readCallThrottle, type ThrottlePolicy } from "../throttle/throttle-options.ts";
import type { ConnectionOptions } from "../transport/connection-options.ts";
import type { Proxies } from "../transport/proxy/proxies.ts";
import type { BodyOptions } from "./body.ts";
import type { HeadersInit } from "./headers.ts";
import { type HookLists, mergeHooks } from "./hook-lists.ts";
import { type IdempotencyKey, readIdempotencyKey } from "./idempotency-key.ts";
import { kindOf } from "./kind-of.ts";
import { type LogSink, readLog } from "./log-option.ts";
import type { AuthOption, RaiseOption, RequestOptions } from "./options.ts";
import type { ParamsInit, ParamsStyle } from "./params.ts";
import type { PathValues } from "./path.ts";
import { DEFAULT_TIMEOUTS, type Timeouts, timeoutsOf } from "./timeouts.ts";
import { refuseUnknown } from "./unknown-option.ts";

/** The settings of a client or a call, checked and complete. */
export interface Settings {
  paramsStyle: ParamsStyle | undefined;
  /** What tells a server that a request is sent again, where it is wanted. */
  idempotencyKey: IdempotencyKey | undefined;
  auth: Auth | null | undefined;
  timeouts: Timeouts;
  retry: RetryPolicy | undefined;
  raise: RaiseOption;
  redirect: RedirectPolicy;
  maxBytes: number | undefined;
  maxRecord: number;
  encoding: string | undefined;
  parseJson: ((text: string) => unknown) | undefined;
  stringifyJson: ((value: unknown) => string) | undefined;
  hooks: HookLists | undefined;
  log: LogSink | undefined;
  telemetry: Telemetry | undefined;
  circuit: Circuits | undefined;
  hedge: Hedges | undefined;
  dedupe: boolean;
  stack: boolean;
  /** Whether proxies, netrc and certificate authorities of the environment are followed (#111). */
  trustEnv: boolean;
  signal: AbortSignal | undefined;
  /** Of a call: its own cookies, or false where the jar stays out. */
  cookies: Readonly<Record<string, string | Secret>> | false | undefined;
  stream: boolean;
  onProgress: ProgressListener | undefined;
  /** Where responses are kept, if they are. */
  cache: CachePolicy | undefined;
  /** The limits of requests, where there are any. */
  throttle: ThrottlePolicy | undefined;
  /** How connections are made, where anything was said of it. */
  connection: ConnectionOptions | undefined;
  /** Which proxies are used; undefined leaves it to the environment, null is none. */
  proxy: Proxies | null | undefined;
}

/** What a call asks for, read once and by own property only (S55). */
export interface CallInput {
  settings: Settings;
  /** Whether the call itself named its credentials, or switched them off. */
  ownAuth: boolean;
  params: ParamsInit | undefined;
  headers: HeadersInit | undefined;
  path: PathValues | undefined;
  body: BodyOptions | undefined;
  /** The options as they were given. */
  options: RequestOptions | undefined;
}

/** What a client is with no options at all. */
export function defaultSettings(): Settings {
  return {
    paramsStyle: undefined,
    idempotencyKey: undefined,
    auth: undefined,
    timeouts: DEFAULT_TIMEOUTS,
    retry: normalizeRetry(undefined),
    raise: "readers",
    redirect: normalizeRedirect(undefined),
    maxBytes: undefined,
    maxRecord: 16 * 1024 * 1024,
    encoding: undefined,
    parseJson: undefined,
    stringifyJson: undefined,
    hooks: undefined,
    log: undefined,
    telemetry: undefined,
    circuit: undefined,
    hedge: undefined,
    dedupe: false,
    stack: true,
    trustEnv: true,
    signal: undefined,
    cookies: undefined,
    stream: false,
    onProgress: undefined,
    cache: undefined,
    throttle: undefined,
    connection: undefined,
    proxy: undefined,
  };
}

/** The options that shape the request itself; all others become settings. */
const SHAPES = ["params", "headers", "path", "json", "form", "multipart", "body"] as const;
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
  if (isObject(auth) && typeof auth.authorize === "function") return auth;
  throw new OptionsError(
    `\`auth\` is ${kindOf(auth)}; it takes basic(), bearer(), apiKey(), digest(), netrc(), [user, password], a function or null`,
    {
      option: "auth",
      ...(isWord(auth) ? { hint: "A token goes into bearer(token), a key into apiKey(key)." } : {}),
    },
  );
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

function isSettingName(option: string): option is SettingName {
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

/** Settings that have their say while a request is made. */
const SHAPING: readonly string[] = ["paramsStyle", "stringifyJson", "idempotencyKey"];

/** Refuses options that say how a request is sent where one is only built: there they would do nothing. */
export function refuseSendOptions(options: RequestOptions | undefined): void {
  for (const [option, value] of Object.entries(options ?? {})) {
    const known = isSettingName(option) && !SHAPING.includes(option);
    if (value === undefined || !known) continue;
    throw new OptionsError(`\`${option}\` says how a request is sent, and build() only makes one`, {
      option,
      hint: "Give it to send(), or to the client.",
    });
  }
}

/**
 * Reads the options of a call over the settings of its client. The client's object is used as it is when no setting changes.
 *
 * @param method - Of the call, where it is known: what data of a POST are given in is said where they are given bare.
 * @throws {OptionsError} when an option does not exist or has a bad value.
 */
export function readOptions(options: RequestOptions | undefined, base: Settings, method?: string): CallInput {
  const input: CallInput = {
    settings: base,
    ownAuth: false,
    params: undefined,
    headers: undefined,
    path: undefined,
    body: undefined,
    options,
  };
  if (options === undefined) return input;
  if (!isObject(options)) {
    throw new OptionsError(`The options are ${kindOf(options)}, not an object`, {
      option: "options",
      // `urls.map(get)` hands each url's index over as its options.
      ...(typeof options === "number" ? { hint: "In a map write urls.map((url) => get(url))." } : {}),
    });
  }
  // By own property: a polluted prototype adds nothing to a request (S55). A copy without one would cost more than the rest.
  for (const option of Object.keys(options)) {
    const value: unknown = Reflect.get(options, option);
    if (value === undefined || readShape(option, options, input)) continue;
    if (input.settings === base) input.settings = { ...base };
    if (option === "auth") input.ownAuth = true;
    if (!readSetting(option, value, input.settings)) {
      refuseUnknown(option, [...SETTING_NAMES, ...SHAPES], whereDataGoes(method, options));
    }
  }
  return input;
}

const WITH_BODY: readonly (string | undefined)[] = ["POST", "PUT", "PATCH"];
const BODIES: readonly string[] = ["json", "form", "multipart", "body"];

/** `post(url, { title: "x" })`: the data stand where the options do. */
function whereDataGoes(method: string | undefined, options: RequestOptions): string | undefined {
  if (!WITH_BODY.includes(method) || BODIES.some((name) => Object.hasOwn(options, name))) return undefined;
  return "Data goes into { json: … } or { form: … }.";
}

/** Reads an option that shapes the request, and is there; false when it is none. What reads it further checks it. */
function readShape(option: string, options: RequestOptions, input: CallInput): boolean {
  switch (option) {
    case "params":
      input.params = options.params;
      return true;
    case "headers":
      input.headers = options.headers;
      return true;
    case "path":
      input.path = options.path;
      return true;
    case "json":
    case "form":
    case "multipart":
    case "body":
      input.body = { ...input.body, [option]: options[option] };
      return true;
    default:
      return false;
  }
}
