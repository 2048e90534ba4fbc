import { canHash } from "#platform";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { unknownField } from "../request/wrong-option.ts";
import type { CacheStore } from "./cache-store.ts";
import { limitOf, MemoryCache } from "./memory-cache.ts";
import type { CacheMode } from "./reuse.ts";
import { Writers } from "./writers.ts";

/** How a client keeps responses. */
export interface CacheOptions {
  /** Where they are kept. Default: the memory of the process, for this client and its children. */
  readonly store?: CacheStore | undefined;
  /** The most bytes that are kept in memory. Default 64 MiB. Another store has a limit of its own. */
  readonly maxBytes?: number | undefined;
  /** The most bytes of one body that is kept. Default 8 MiB, and not more than an eighth of `maxBytes`. */
  readonly maxEntry?: number | undefined;
  /** How calls use it that do not say so themselves. Default `"default"`. */
  readonly mode?: CacheMode | undefined;
  /**
   * Whether a response that says nothing of how long it is fresh, but when it was last changed, is taken to be fresh for a tenth
   * of the time since, a day at most (RFC 9111 4.2.2). Default true.
   */
  readonly heuristic?: boolean | undefined;
  /**
   * A name for who asks with the client's own credentials, such as `"ann@prod"`. What was asked with credentials is kept apart by a
   * hash that no other process knows; by a name a store that outlives the process finds it again. Default: none.
   */
  readonly identity?: string | undefined;
}

/** `true`, or how, a mode alone among it; `false` and null for none. */
export type CacheOption = boolean | CacheMode | CacheOptions | null;

/** A cache as the pipeline uses it. Children of a client, and calls that change no more than the mode, share the store. */
export interface CachePolicy {
  readonly store: CacheStore;
  /** Whether the store may be slow, and may outlive the process: any but the one in memory. */
  readonly foreign: boolean;
  readonly maxEntry: number;
  readonly mode: CacheMode;
  readonly heuristic: boolean;
  readonly identity: string | undefined;
  /** Whether a call leaves it out: nothing is read nor stored, but what the call changes is forgotten all the same (RFC 9111 4.4). */
  readonly leftOut: boolean;
  readonly writers: Writers;
}

const MODES: readonly CacheMode[] = [
  "default",
  "no-store",
  "reload",
  "no-cache",
  "force-cache",
  "only-if-cached",
];

const FIELDS: readonly (keyof CacheOptions)[] = [
  "store",
  "maxBytes",
  "maxEntry",
  "mode",
  "heuristic",
  "identity",
];

const MOST_OF_ONE = 8 * 1024 * 1024;

function isMode(value: unknown): value is CacheMode {
  return MODES.some((mode) => mode === value);
}

function refuse(option: string, value: unknown, takes: string, hint?: string): never {
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : kindOf(value);
  throw new OptionsError(`\`${option}\` is ${shown}; it takes ${takes}`, {
    option,
    ...(hint === undefined ? {} : { hint }),
  });
}

function modeOf(value: unknown): CacheMode {
  if (isMode(value)) return value;
  return refuse("cache.mode", value, MODES.map((mode) => JSON.stringify(mode)).join(", "));
}

function storeOf(value: unknown): CacheStore {
  const isStore = (given: unknown): given is CacheStore =>
    typeof given === "object" &&
    given !== null &&
    ["read", "write", "remove"].every((method) => typeof Reflect.get(given, method) === "function");
  if (isStore(value)) return value;
  const hint = value instanceof Promise ? "sqliteCache() is awaited." : undefined;
  return refuse("cache.store", value, "an object with read(), write() and remove()", hint);
}

function identityOf(value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  return refuse("cache.identity", value, "a name for who asks");
}

function bytesOf(option: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && !Number.isNaN(value)) return value;
  return refuse(option, value, "a number of bytes");
}

/**
 * Reads the option `cache` of a client.
 *
 * @param parent - What the client's parent has, whose store is shared unless another is named.
 * @throws {OptionsError} when it has a bad value.
 */
export function readCache(value: unknown, parent: CachePolicy | undefined): CachePolicy | undefined {
  if (value === false || value === null) return undefined;
  let given: object = {};
  if (isMode(value)) given = { mode: value };
  else if (typeof value === "object" && !Array.isArray(value)) given = value;
  else if (value !== true) {
    return refuse("cache", value, `true, false, a mode or { ${FIELDS.join(", ")} }`);
  }
  if (!canHash("SHA-256")) {
    throw new OptionsError("`cache` needs crypto.subtle, which a page has that came by https", {
      option: "cache",
    });
  }
  let store: CacheStore | undefined;
  let maxBytes: number | undefined;
  let maxEntry: number | undefined;
  let mode = parent?.mode ?? "default";
  let heuristic = parent?.heuristic ?? true;
  let identity = parent?.identity;
  // Its own properties only: a polluted prototype has no say in what is kept (S55).
  for (const [name, part] of Object.entries(given)) {
    if (part === undefined) continue;
    if (name === "store") store = storeOf(part);
    else if (name === "maxBytes") maxBytes = limitOf({ maxBytes: part }, 0);
    else if (name === "maxEntry") maxEntry = bytesOf("cache.maxEntry", part);
    else if (name === "mode") mode = modeOf(part);
    else if (name === "heuristic")
      heuristic = typeof part === "boolean" ? part : refuse("cache.heuristic", part, "true or false");
    else if (name === "identity") identity = identityOf(part);
    else throw unknownField("cache", name, FIELDS);
  }
  if (store !== undefined && maxBytes !== undefined) {
    throw new OptionsError("`cache` has a store and `maxBytes`, which is of the store in memory", {
      option: "cache",
      hint: "Give maxBytes to the store: sqliteCache(path, { maxBytes }).",
    });
  }
  const shared = store === undefined && maxBytes === undefined ? parent : undefined;
  const most = Math.min(MOST_OF_ONE, (maxBytes ?? Number.POSITIVE_INFINITY) / 8);
  return {
    store: store ?? shared?.store ?? new MemoryCache({ maxBytes }),
    foreign: store === undefined ? shared?.foreign === true : !(store instanceof MemoryCache),
    maxEntry: maxEntry ?? shared?.maxEntry ?? most,
    mode,
    heuristic,
    identity,
    leftOut: false,
    writers: shared?.writers ?? new Writers(),
  };
}

/**
 * Reads the option `cache` of a call.
 *
 * @param client - What the call's client has.
 * @throws {OptionsError} when it has a bad value, or asks something of a cache that is not there.
 */
export function readCacheOfCall(value: unknown, client: CachePolicy | undefined): CachePolicy | undefined {
  if (value === false || value === null) return client && { ...client, leftOut: true };
  if (!isMode(value)) {
    const clients = value === true || typeof value === "object";
    const hint = clients ? "A cache is kept by a client: new Client({ cache: true })." : undefined;
    return refuse("cache", value, `false, ${MODES.map((mode) => JSON.stringify(mode)).join(", ")}`, hint);
  }
  if (client !== undefined) return { ...client, mode: value, leftOut: false };
  if (value === "no-store") return undefined;
  throw new OptionsError(`\`cache\` of a call is ${JSON.stringify(value)}, and its client keeps nothing`, {
    option: "cache",
    hint: "Give the client a cache: new Client({ cache: true }).",
  });
}
