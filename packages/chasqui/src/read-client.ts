import { limitsOf } from "#platform";
import { defaultTransport } from "#transport";
import { readCache } from "./cache/cache-option.ts";
import type { ClientOptions, ClientState } from "./client-options.ts";
import { clockOf, systemClock } from "./clock.ts";
import type { CookieStore } from "./cookies/cookie-jar.ts";
import { OptionsError } from "./errors/options-error.ts";
import { readCircuit } from "./load/circuit-options.ts";
import { readHedge } from "./load/hedge-options.ts";
import type { JarHolder } from "./pipeline/call-context.ts";
import { Closing } from "./pipeline/closing.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { RetryBudget } from "./pipeline/retry-budget.ts";
import type { Middleware } from "./pipeline/stage.ts";
import { kindOf } from "./request/kind-of.ts";
import { keptParams, mergeParams } from "./request/params.ts";
import { readSetting, SETTING_NAMES } from "./request/read-setting.ts";
import { defaultSettings, type Settings } from "./request/settings.ts";
import { refuseUnknown } from "./request/unknown-option.ts";
import { parseBase } from "./request/url.ts";
import { asOwnParty, readThrottle } from "./throttle/throttle-options.ts";
import { MountedTransport, type Mounts } from "./transport/mounted.ts";
import type { PoolLimits } from "./transport/pool-limits.ts";
import type { Transport } from "./transport/transport.ts";

const NO_STATE: Omit<ClientState, "pipeline" | "pool" | "ownsPool"> = {
  settings: defaultSettings(),
  params: undefined,
  base: undefined,
  allowOrigins: undefined,
  jar: undefined,
  use: [],
  wire: [],
  clock: systemClock,
  random: Math.random,
};

function isStore(value: unknown): value is CookieStore {
  return (
    typeof value === "object" &&
    value !== null &&
    "getCookieHeader" in value &&
    typeof value.getCookieHeader === "function" &&
    "setCookies" in value &&
    typeof value.setCookies === "function"
  );
}

function jarOf(value: unknown): JarHolder | undefined {
  if (value === true) return { jar: undefined, wanted: true };
  if (value === false) return undefined;
  if (isStore(value)) return { jar: value, wanted: "jar" };
  throw new OptionsError(`\`cookies\` of a client is ${kindOf(value)}; it takes true, false or a jar`, {
    option: "cookies",
    ...(typeof value === "object" && value !== null
      ? { hint: "A jar that was saved as JSON is read by CookieJar.fromJSON(json)." }
      : {}),
  });
}

/** The origins that are allowed, each parsed once. */
function originsOf(value: unknown): readonly string[] {
  const option = "allowOrigins";
  if (!Array.isArray(value)) {
    throw new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes a list of origins`, { option });
  }
  return value.map((entry) => {
    const { origin, stem, query } = parseBase(entry, option);
    if (stem === origin && query === "") return origin;
    throw new OptionsError(`\`${option}\` names a path of ${origin}, and allows whole origins`, { option });
  });
}

/** By own property only: a polluted prototype lends a client no headers (S55). */
export function headersOf(options: ClientOptions): ClientOptions["headers"] {
  return Object.hasOwn(options, "headers") ? options.headers : undefined;
}

function middlewares(value: unknown, option: string): readonly Middleware[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isMiddleware = (entry: unknown): entry is Middleware => typeof entry === "function";
  if (list.every(isMiddleware)) return list;
  throw new OptionsError(`\`${option}\` takes a list of functions (request, next) => response`, { option });
}

function has(value: unknown, ...methods: string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries: readonly unknown[] = methods.map((method) => Reflect.get(value, method));
  return entries.every((entry) => typeof entry === "function");
}

function transportOf(value: unknown, makeDefault: () => Transport): Transport {
  const isTransport = (given: unknown): given is Transport => has(given, "send", "close");
  if (isTransport(value)) return value;
  const isMounts = (given: unknown): given is Mounts =>
    typeof given === "object" &&
    given !== null &&
    Object.keys(given).length > 0 &&
    Object.values(given).every(isTransport);
  if (isMounts(value)) return new MountedTransport(value, makeDefault);
  throw new OptionsError(`\`transport\` is ${kindOf(value)}; it takes an object with send() and close()`, {
    option: "transport",
    ...(typeof value === "function"
      ? { hint: "A function from Request to Response goes into memory(function)." }
      : typeof value === "object" && value !== null && "transport" in value && isTransport(value.transport)
        ? { hint: "Give its transport: { transport: server.transport }." }
        : {}),
  });
}

function randomOf(value: unknown): () => number {
  const isDraw = (given: unknown): given is () => number => typeof given === "function";
  if (isDraw(value)) return value;
  throw new OptionsError(`\`random\` is ${kindOf(value)}; it takes a function that draws from 0 up to 1`, {
    option: "random",
  });
}

/** Whether options lead a child to another origin than its parent's, which the parent's credentials do not belong to. */
export function leavesBase(options: ClientOptions, parent: ClientState): boolean {
  const { baseUrl } = Object.hasOwn(options, "baseUrl") ? options : {};
  if (baseUrl === undefined || parent.base === undefined) return false;
  return parseBase(baseUrl).origin !== parent.base.origin;
}

/** What a child has of its parent before its own options are read (S51, D19). */
function inheritedBy(options: ClientOptions, parent: ClientState): ClientState {
  if (!leavesBase(options, parent)) return parent;
  const { settings } = parent;
  const connection = settings.connection?.abroad;
  return { ...parent, settings: { ...settings, auth: undefined, connection }, params: undefined };
}

/**
 * Reads the options of a client over those of its parent; the headers are left to the client.
 *
 * @throws {OptionsError} when an option does not exist or has a bad value.
 */
export function stateOf(
  options: ClientOptions,
  parent: ClientState | undefined,
  closing: Closing = new Closing(),
): ClientState {
  if (typeof options !== "object" || options === null) {
    throw new OptionsError(`The options of a client are ${kindOf(options)}, not an object`, {
      option: "options",
      ...(typeof options === "string" ? { hint: "A base URL is one of them: new Client({ baseUrl })." } : {}),
    });
  }
  const from = parent === undefined ? NO_STATE : inheritedBy(options, parent);
  const settings: Settings = { ...from.settings };
  const state = { ...from, settings, jar: parent === undefined ? { jar: undefined } : parent.jar };
  let transport: Transport | undefined;
  let limits: PoolLimits | undefined;
  for (const [option, value] of Object.entries(options)) {
    // The params come when all is read: how their values are written is another option.
    if (value === undefined || option === "headers" || option === "params") continue;
    if (option === "baseUrl") state.base = parseBase(value);
    else if (option === "allowOrigins") state.allowOrigins = originsOf(value);
    else if (option === "cookies") Object.assign(state, { jar: jarOf(value) });
    else if (option === "cache") settings.cache = readCache(value, settings.cache);
    else if (option === "use") state.use = [...from.use, ...middlewares(value, option)];
    else if (option === "wire") state.wire = [...from.wire, ...middlewares(value, option)];
    else if (option === "transport")
      transport = transportOf(value, () => defaultTransport(state.clock, limits));
    else if (option === "connections") limits = limitsOf(value);
    else if (option === "circuit") settings.circuit = readCircuit(value);
    else if (option === "hedge") settings.hedge = readHedge(value);
    else if (option === "throttle") settings.throttle = readThrottle(value, from.settings.throttle);
    else if (option === "clock") state.clock = clockOf(value);
    else if (option === "random") state.random = randomOf(value);
    else if (CALL_ONLY.includes(option) || !readSetting(option, value, settings)) {
      refuseUnknown(option, CLIENT_OPTIONS);
    }
  }
  const params = Object.hasOwn(options, "params") ? options.params : undefined;
  if (params !== undefined || settings.paramsStyle !== from.settings.paramsStyle) {
    state.params = keptParams(mergeParams(from.params, params), settings.paramsStyle);
  }
  settings.throttle = asOwnParty(settings.throttle);
  const { clock } = state;
  if (typeof settings.idempotencyKey?.key === "string") {
    throw new OptionsError(
      "`idempotencyKey` of a client is a key; all of its requests would be taken for one",
      {
        option: "idempotencyKey",
        hint: "Give true, or a function that makes a key for each request.",
      },
    );
  }
  const ownsPool = parent === undefined || transport !== undefined;
  if (limits !== undefined) refuseVainLimits(ownsPool, transport);
  const pool = ownsPool
    ? { transport, given: transport !== undefined, closing, budget: new RetryBudget() }
    : parent.pool;
  const pipeline = new Pipeline({
    use: state.use,
    wire: state.wire,
    transport: () => {
      // Nothing is opened that nobody would close.
      pool.closing.refuse();
      pool.transport ??= defaultTransport(clock, limits);
      return pool.transport;
    },
  });
  return { ...state, pool, ownsPool, pipeline };
}

/** Limits that would limit nothing are refused. */
function refuseVainLimits(ownsPool: boolean, transport: Transport | undefined): void {
  if (ownsPool && (transport === undefined || transport instanceof MountedTransport)) return;
  const option = "connections";
  const why = ownsPool ? "the transport that was given makes its own" : "a child shares those of its parent";
  throw new OptionsError(`\`${option}\` limits nothing here: ${why}`, { option });
}

/** Settings of one call. */
const CALL_ONLY: readonly string[] = ["signal", "stream", "onProgress"];
const CLIENT_OPTIONS: readonly string[] = [
  ...SETTING_NAMES.filter((name) => !CALL_ONLY.includes(name)),
  ...[
    "baseUrl",
    "allowOrigins",
    "params",
    "headers",
    "use",
    "wire",
    "transport",
    "connections",
    "clock",
    "random",
  ],
];
