import { OptionsError } from "../errors/options-error.ts";
import { badCookie, checkPair, checkPath, plainDomain } from "./cookie-by-hand.ts";
import { unsendable } from "./cookie-rules.ts";
import type { CookieCore, StoredCookie } from "./set-cookie.ts";

/** A jar in JSON. It holds the values of the cookies: keep it where only its owner reads it. */
export interface CookieJarJson {
  readonly version: 1;
  readonly cookies: readonly CookieJson[];
}

/** A cookie in JSON. Moments are ISO 8601 and absolute. */
export interface CookieJson extends CookieCore {
  readonly sameSite?: "strict" | "lax" | "none";
  readonly expires?: string;
  readonly created: string;
}

/** A cookie, written. */
export function cookieToJson(cookie: StoredCookie): CookieJson {
  const { sameSite, expiresAt, createdAt, ...rest } = cookie;
  return {
    ...rest,
    ...(sameSite === undefined ? {} : { sameSite }),
    ...(expiresAt === Number.POSITIVE_INFINITY ? {} : { expires: new Date(expiresAt).toISOString() }),
    created: new Date(createdAt).toISOString(),
  };
}

/**
 * The cookies of a jar that was written.
 *
 * @throws {OptionsError} when it is no such thing; it names the place and no value.
 */
export function cookiesFromJson(json: unknown): StoredCookie[] {
  let given = json;
  if (typeof json === "string") {
    try {
      given = JSON.parse(json);
    } catch {
      // The message of JSON.parse quotes the text, which is made of secrets.
      throw new OptionsError("The cookie jar is no JSON", { option: "cookies" });
    }
  }
  const cookies = own(given, "cookies");
  if (own(given, "version") !== 1 || !Array.isArray(cookies)) {
    throw new OptionsError("The cookie jar is not one that `toJSON` wrote", {
      option: "cookies",
      hint: 'It is { "version": 1, "cookies": [...] }.',
    });
  }
  return cookies.map((cookie: unknown, index) => readCookie(cookie, `cookies[${index}]`));
}

function readCookie(given: unknown, place: string): StoredCookie {
  const name = own(given, "name");
  const value = own(given, "value");
  const domain = own(given, "domain");
  const sameSite = own(given, "sameSite");
  const created = own(given, "created");
  const expires = own(given, "expires");
  checkPair(name, value);
  if (typeof value !== "string") throw badCookie("value", `is missing at ${place}`);
  if (typeof domain !== "string" || domain === "" || unsendable(domain)) {
    throw badCookie("domain", `is missing at ${place}`);
  }
  if (sameSite !== undefined && sameSite !== "strict" && sameSite !== "lax" && sameSite !== "none") {
    throw badCookie("sameSite", `is none at ${place}`);
  }
  return {
    name,
    value,
    domain: plainDomain(domain),
    path: checkPath(own(given, "path")),
    // Where it is not said, the narrower is meant: aiohttp lost the flag, and with it the border (S38).
    hostOnly: own(given, "hostOnly") !== false,
    secure: own(given, "secure") === true,
    httpOnly: own(given, "httpOnly") === true,
    sameSite,
    expiresAt: expires === undefined ? Number.POSITIVE_INFINITY : readMoment(expires, "expires", place),
    createdAt: created === undefined ? 0 : readMoment(created, "created", place),
  };
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

function readMoment(text: unknown, part: string, place: string): number {
  const moment = typeof text === "string" ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment)) throw badCookie(part, `is no moment at ${place}`);
  return moment;
}
