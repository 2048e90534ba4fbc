import type { Auth } from "../auth/auth.ts";
import { basic } from "../auth/basic.ts";
import { checkPair } from "../cookies/cookie-by-hand.ts";
import { OptionsError } from "../errors/options-error.ts";
import type { Hooks, Logger } from "../hooks.ts";
import { normalizeRedirect, type RedirectPolicy } from "../pipeline/redirect-rules.ts";
import { normalizeRetry, type RetryPolicy } from "../pipeline/retry-timing.ts";
import { isSecret, type Secret } from "../secret.ts";
import type { BodyOptions } from "./body.ts";
import type { HeadersInit } from "./headers.ts";
import { kindOf } from "./kind-of.ts";
import type { RaiseOption, RequestOptions } from "./options.ts";
import type { ParamsInit, ParamsStyle } from "./params.ts";
import type { PathValues } from "./path.ts";
import { DEFAULT_TIMEOUTS, type Timeouts, timeoutsOf } from "./timeouts.ts";

/** Hooks as lists, those of the client first (D15). */
export type HookLists = {
  readonly [Name in keyof Hooks]-?: readonly Extract<
    NonNullable<Hooks[Name]>,
    (...args: never[]) => unknown
  >[];
};

/** The settings of a client or a call, checked and complete. */
export interface Settings {
  paramsStyle: ParamsStyle | undefined;
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
  log: Logger | undefined;
  stack: boolean;
  signal: AbortSignal | undefined;
  /** Of a call: its own cookies, or false where the jar stays out. */
  cookies: Readonly<Record<string, string | Secret>> | false | undefined;
  stream: boolean;
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
}

/** What a client is with no options at all. */
export function defaultSettings(): Settings {
  return {
    paramsStyle: undefined,
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
    stack: true,
    signal: undefined,
    cookies: undefined,
    stream: false,
  };
}

type Reader = (value: unknown, settings: Settings, option: string) => void;

function refuse(option: string, value: unknown, allowed: string): never {
  throw new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes ${allowed}`, { option });
}

function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === "function";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAuth(value: unknown): value is Auth {
  return isRecord(value) && isFunction(value.authorize);
}

function isLogger(value: unknown): value is Logger {
  return isRecord(value) && ["debug", "info", "warn", "error"].every((level) => isFunction(value[level]));
}

function isWord(value: unknown): value is string | Secret {
  return typeof value === "string" || isSecret(value);
}

/** The `Auth` of an option: #91, a bad one is refused where it is given. */
function authOf(value: unknown): Auth | null | undefined {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) {
    const [user, password, ...rest] = value;
    if (isWord(user) && isWord(password) && rest.length === 0) return basic(user, password);
    throw new OptionsError("`auth` as a list takes a user and a password: [user, password]", {
      option: "auth",
    });
  }
  if (isAuth(value)) return value;
  throw new OptionsError(
    `\`auth\` is ${kindOf(value)}; it takes basic(), bearer(), apiKey(), [user, password] or null`,
    {
      option: "auth",
      ...(isWord(value) ? { hint: "A token goes into bearer(token), a key into apiKey(key)." } : {}),
    },
  );
}

function hookList(value: unknown, option: string): readonly never[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const hook of list) if (!isFunction(hook)) refuse(option, hook, "a function or a list of them");
  return list as readonly never[];
}

const HOOKS = ["onRequest", "onResponse", "onRetry", "onServerError"] as const;

function mergedHooks(value: unknown, base: HookLists | undefined): HookLists | undefined {
  if (value === undefined || value === null) return base;
  if (!isRecord(value)) refuse("hooks", value, `an object with ${HOOKS.join(", ")}`);
  for (const name of Object.keys(value)) {
    if (!HOOKS.some((known) => known === name)) {
      throw new OptionsError(`\`hooks.${name}\` does not exist; there are ${HOOKS.join(", ")}`, {
        option: `hooks.${name}`,
      });
    }
  }
  const of = (name: (typeof HOOKS)[number]): readonly never[] =>
    Object.hasOwn(value, name) && value[name] !== undefined ? hookList(value[name], `hooks.${name}`) : [];
  return {
    onRequest: [...(base?.onRequest ?? []), ...of("onRequest")],
    onResponse: [...(base?.onResponse ?? []), ...of("onResponse")],
    onRetry: [...(base?.onRetry ?? []), ...of("onRetry")],
    onServerError: [...(base?.onServerError ?? []), ...of("onServerError")],
  };
}

/** A copy by own property: what goes out is what was checked (S55). */
function cookiesOf(value: unknown, option: string): Readonly<Record<string, string | Secret>> {
  if (!isRecord(value)) return refuse(option, value, "an object of names and values, or false");
  const cookies: Record<string, string | Secret> = Object.create(null);
  for (const [name, cookie] of Object.entries(value)) {
    checkPair(name, isSecret(cookie) ? cookie.reveal() : cookie);
    cookies[name] = cookie as string | Secret;
  }
  return cookies;
}

function bytesOf(value: unknown, option: string): number {
  if (
    typeof value === "number" &&
    value >= 0 &&
    (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)
  )
    return value;
  return refuse(option, value, "a number of bytes, or Infinity");
}

/** Options that become settings, each read in its own line. */
const READERS: Readonly<Record<string, Reader>> = Object.assign(Object.create(null), {
  paramsStyle: (value, settings) => {
    settings.paramsStyle = value as ParamsStyle | undefined;
  },
  auth: (value, settings) => {
    settings.auth = authOf(value);
  },
  timeout: (value, settings) => {
    settings.timeouts = timeoutsOf(value, settings.timeouts);
  },
  retry: (value, settings) => {
    settings.retry = normalizeRetry(value as RequestOptions["retry"], settings.retry);
  },
  raise: (value, settings, option) => {
    if (value !== "readers" && typeof value !== "boolean" && !isFunction(value)) {
      refuse(option, value, '"readers", true, false or a function of the response');
    }
    settings.raise = value as RaiseOption;
  },
  redirect: (value, settings) => {
    settings.redirect = normalizeRedirect(value as RequestOptions["redirect"], settings.redirect);
  },
  maxBytes: (value, settings, option) => {
    settings.maxBytes = bytesOf(value, option);
  },
  maxRecord: (value, settings, option) => {
    settings.maxRecord = bytesOf(value, option);
  },
  encoding: (value, settings, option) => {
    if (typeof value !== "string") refuse(option, value, "the name of a charset");
    try {
      settings.encoding = new TextDecoder(value).encoding;
    } catch (cause) {
      throw new OptionsError(`\`encoding\` is ${JSON.stringify(value)}, which is no charset that is known`, {
        option,
        cause,
      });
    }
  },
  parseJson: (value, settings, option) => {
    if (!isFunction(value)) refuse(option, value, "a function of the text");
    settings.parseJson = value as (text: string) => unknown;
  },
  stringifyJson: (value, settings, option) => {
    if (!isFunction(value)) refuse(option, value, "a function of the value");
    settings.stringifyJson = value as (value: unknown) => string;
  },
  hooks: (value, settings) => {
    settings.hooks = mergedHooks(value, settings.hooks);
  },
  log: (value, settings, option) => {
    if (value === null) settings.log = undefined;
    else if (isLogger(value)) settings.log = value;
    else refuse(option, value, "an object with debug, info, warn and error, such as console");
  },
  stack: (value, settings, option) => {
    if (typeof value !== "boolean") refuse(option, value, "true or false");
    settings.stack = value;
  },
  signal: (value, settings, option) => {
    if (!isRecord(value) || typeof value.aborted !== "boolean" || !isFunction(value.addEventListener)) {
      refuse(option, value, "an AbortSignal");
    }
    settings.signal = value as unknown as AbortSignal;
  },
  cookies: (value, settings, option) => {
    settings.cookies = value === false ? false : cookiesOf(value, option);
  },
  stream: (value, settings, option) => {
    if (typeof value !== "boolean") refuse(option, value, "true or false");
    settings.stream = value;
  },
} satisfies Record<string, Reader>);

/** Options that shape the request itself. */
const SHAPES: ReadonlySet<string> = new Set([
  "params",
  "headers",
  "path",
  "json",
  "form",
  "multipart",
  "body",
]);

/** Refuses options that say how a request is sent where one is only built: there they would do nothing. */
export function refuseSendOptions(options: RequestOptions | undefined): void {
  for (const [option, value] of Object.entries(options ?? {})) {
    const known = option in READERS && option !== "paramsStyle" && option !== "stringifyJson";
    if (value === undefined || !known) continue;
    throw new OptionsError(`\`${option}\` says how a request is sent, and build() only makes one`, {
      option,
      hint: "Give it to send(), or to the client.",
    });
  }
}

/** The nearest known name, for a slip of the finger: the same letters but for one or two. */
function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Names that other clients use, and ours for them. */
const ELSEWHERE: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  query: "params",
  searchParams: "params",
  data: "json` or `form",
  files: "multipart",
  baseURL: "baseUrl",
  prefixUrl: "baseUrl",
  followRedirects: "redirect",
  allow_redirects: "redirect",
  retries: "retry",
  throwHttpErrors: "raise",
  timeoutMs: "timeout",
  abortSignal: "signal",
});

/** Refuses a name that is no option, with the one that was probably meant. */
export function refuseUnknown(option: string, known: readonly string[]): never {
  const meant = ELSEWHERE[option] ?? nearest(option, known);
  throw new OptionsError(`\`${option}\` is no option here`, {
    option,
    ...(meant === undefined ? {} : { hint: `Did you mean \`${meant}\`?` }),
  });
}

/** Reads one setting into `settings`; false when the name is none. */
export function readSetting(option: string, value: unknown, settings: Settings): boolean {
  const reader = READERS[option];
  if (reader === undefined) return false;
  // undefined is as good as absent, so that options can be passed on.
  if (value !== undefined) reader(value, settings, option);
  return true;
}

/** The names of the settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(READERS);

/**
 * Reads the options of a call over the settings of its client. The client's object is used as it is when no setting changes.
 *
 * @throws {OptionsError} when an option does not exist or has a bad value.
 */
export function readOptions(options: RequestOptions | undefined, base: Settings): CallInput {
  const input: CallInput = {
    settings: base,
    ownAuth: false,
    params: undefined,
    headers: undefined,
    path: undefined,
    body: undefined,
  };
  if (options === undefined) return input;
  if (!isRecord(options)) {
    throw new OptionsError(`The options are ${kindOf(options)}, not an object`, {
      option: "options",
      // `urls.map(get)` hands each url's index over as its options.
      ...(typeof options === "number" ? { hint: "In a map write urls.map((url) => get(url))." } : {}),
    });
  }
  let body: { json?: unknown; form?: never; multipart?: never; body?: never } | undefined;
  for (const option of Object.keys(options)) {
    const value: unknown = options[option];
    if (value === undefined) continue;
    switch (option) {
      case "params":
        input.params = value as ParamsInit;
        break;
      case "headers":
        input.headers = value as HeadersInit;
        break;
      case "path":
        input.path = value as PathValues;
        break;
      case "json":
      case "form":
      case "multipart":
      case "body":
        body ??= {};
        body[option] = value as never;
        break;
      default:
        if (input.settings === base) input.settings = { ...base };
        if (option === "auth") input.ownAuth = true;
        if (!readSetting(option, value, input.settings)) refuseUnknown(option, [...SETTING_NAMES, ...SHAPES]);
    }
  }
  input.body = body;
  return input;
}
