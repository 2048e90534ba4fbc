import type { Auth } from "../auth/auth.ts";
import type { CachePolicy } from "../cache/cache-option.ts";
import type { Circuits } from "../load/circuit-options.ts";
import type { Hedges } from "../load/hedge-options.ts";
import type { ProgressListener } from "../pipeline/progress.ts";
import { normalizeRedirect, type RedirectPolicy } from "../pipeline/redirect-rules.ts";
import { normalizeRetry, type RetryPolicy } from "../pipeline/retry-policy.ts";
import type { Secret } from "../secret.ts";
import type { Telemetry } from "../telemetry.ts";
import type { ThrottlePolicy } from "../throttle/throttle-options.ts";
import type { ConnectionOptions } from "../transport/connection-options.ts";
import type { Proxies } from "../transport/proxy/proxies.ts";
import type { HookLists } from "./hook-lists.ts";
import type { IdempotencyKey } from "./idempotency-key.ts";
import type { LogSink } from "./log-option.ts";
import type { RaiseOption } from "./options.ts";
import type { ParamsStyle } from "./params.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "./timeouts.ts";

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
