import { OptionsError } from "../errors/options-error.ts";
import type { BodyOptions } from "./body.ts";
import type { HeadersInit } from "./headers.ts";
import { kindOf } from "./kind-of.ts";
import type { RequestOptions } from "./options.ts";
import type { ParamsInit } from "./params.ts";
import type { PathValues } from "./path.ts";
import { isSettingName, readSetting, SETTING_NAMES, SHAPES } from "./read-setting.ts";
import type { Settings } from "./settings.ts";
import { refuseUnknown } from "./unknown-option.ts";

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
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
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
      input.body = { ...input.body, json: options.json };
      return true;
    case "form":
      input.body = { ...input.body, form: options.form };
      return true;
    case "multipart":
      input.body = { ...input.body, multipart: options.multipart };
      return true;
    case "body":
      input.body = { ...input.body, body: options.body };
      return true;
    default:
      return false;
  }
}
