import type { Credentials } from "../auth/auth.ts";
import { isLasting } from "../auth/lasting.ts";
import { AuthError } from "../errors/auth-error.ts";
import { ChasquiError } from "../errors/chasqui-error.ts";
import { Headers } from "../request/headers.ts";
import { kindOf } from "../request/kind-of.ts";
import { isSecret, Secret } from "../secret.ts";

/** What credentials add to a request. */
export interface CredentialLines {
  readonly headers: Headers;
  /** Lower-case names of the headers. */
  readonly names: ReadonlySet<string>;
  readonly query: readonly (readonly [name: string, value: Secret])[];
}

/** Those that cannot change, which are most, are read and checked once and not at each call. */
const known = new WeakMap<Credentials, CredentialLines>();

/**
 * Reads credentials.
 *
 * @throws {AuthError} when an `Auth` of the caller's gave something else.
 * @throws {OptionsError} when a name or a value cannot stand in a header.
 */
export function credentialLines(credentials: Credentials): CredentialLines {
  const read = known.get(credentials);
  if (read !== undefined) return read;
  const [given, query] = reading(() => {
    checkCredentials(credentials);
    return [own(credentials, "headers"), own(credentials, "query")];
  });
  const headers = new Headers();
  const names = new Set<string>();
  for (const [name, value] of given) {
    headers.set(name, value);
    names.add(name.toLowerCase());
  }
  const lines: CredentialLines = { headers, names, query };
  if (isLasting(credentials)) known.set(credentials, lines);
  return lines;
}

/** What an `Auth` of the caller's does when it is read may throw, as it may when it is asked. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ChasquiError) throw cause;
    throw new AuthError("What authorize() gave could not be read", { cause });
  }
}

function checkCredentials(credentials: unknown): void {
  if (typeof credentials !== "object" || credentials === null) {
    throw new AuthError(`authorize() gave ${kindOf(credentials)}, not { headers } or { query }`, {
      ...(typeof credentials === "string"
        ? { hint: "A function that gives tokens goes into bearer()." }
        : {}),
    });
  }
  const odd = Object.keys(credentials).find((name) => name !== "headers" && name !== "query");
  if (odd !== undefined) {
    throw new AuthError(
      `authorize() gave ${JSON.stringify(odd.slice(0, 60))}, not { headers } or { query }`,
      {
        hint: `A header goes into headers: { headers: { name: value } }.`,
      },
    );
  }
}

/** What an `Auth` gives is secret whatever its name is; read by own property only (S55). */
function own(credentials: Credentials, place: keyof Credentials): (readonly [string, Secret])[] {
  const given = Object.hasOwn(credentials, place) ? (credentials[place] ?? {}) : {};
  // A Map, or Headers, has nothing of its own to be read: the request would go without credentials, and nobody be told.
  if (typeof given !== "object" || Symbol.iterator in given) {
    throw new AuthError(`authorize() gave ${kindOf(given)} for ${place}, not an object`, {
      hint: `As in { ${place}: { name: value } }.`,
    });
  }
  return Object.entries(given).map(([name, value]) => [
    name,
    secretOf(value, `${place}[${JSON.stringify(name)}]`),
  ]);
}

function secretOf(value: unknown, place: string): Secret {
  if (isSecret(value)) return value;
  if (typeof value === "string") return new Secret(value);
  throw new AuthError(`authorize() gave ${kindOf(value)} for ${place}, not a string or a Secret`);
}
