import { readNetrc } from "#platform";
import { AuthError } from "../errors/auth-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Auth, AuthorizeRequest, Credentials } from "./auth.ts";
import { basicCredentials } from "./basic.ts";
import { opaque, uniquely } from "./identity.ts";
import { type AuthLookup, lookup } from "./lookup.ts";
import { type NetrcEntry, type NetrcFile, NetrcSyntaxError, netrcLogin, parseNetrc } from "./netrc-file.ts";
import { sealed } from "./sealed.ts";

/**
 * Basic authentication with what a netrc file says of the host: `machine api.example.com login ann password pa55`.
 *
 * It is used where it is named, and never by itself. The file is read when it is first needed, once. The entry of the URL's
 * host counts, whatever the port, and `default` for a host that has none; an entry without a login or a password gives
 * nothing. A user in the URL (`https://ann@host/`) takes that login's password only, a user with a password comes before the
 * file. A redirect to another host takes that host's entry, if there is one, and never `default` nor the first host's.
 *
 * @param path the file; without one `$NETRC`, or `~/.netrc`, which others than its owner must not be able to read. The
 * environment's is ignored with `trustEnv: false`.
 * @throws {OptionsError} when the path is no text; from the call, outside Node.
 * @throws {AuthError} (from the call) when the file cannot be read, is malformed, or, unless the program named it, is
 * readable by others. A `~/.netrc` that is not there is as good as an empty one.
 *
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { get, netrc } from "chasqui";
 * const api = new URL("http://localhost:4010");
 * const path = `${mkdtempSync(`${tmpdir()}/practice-`)}/netrc`;
 * writeFileSync(path, `machine ${api.hostname} login user password passwd`, { mode: 0o600 });
 * const { status } = await get(`${api.origin}/auth/basic`, { auth: netrc(path) });
 * console.log(status); // 200
 * ```
 */
export function netrc(path?: string): Auth {
  const given: unknown = path;
  if (given !== undefined && (typeof given !== "string" || given === "")) {
    throw new OptionsError(
      `netrc() takes the path of a file, not ${given === "" ? "an empty string" : kindOf(given)}`,
      {
        option: "auth",
      },
    );
  }
  return sealed(new Netrc(path), "netrc");
}

class Netrc implements AuthLookup {
  readonly #path: string | undefined;
  readonly #name: string = uniquely();
  #entries: Promise<readonly NetrcEntry[]> | undefined;
  readonly [lookup]: AuthLookup[typeof lookup];

  constructor(path: string | undefined) {
    this.#path = path;
    this[lookup] = {
      fromEnvironment: path === undefined,
      elsewhere: {
        authorize: (request) => this.#found(request, undefined, false),
        identity: () => opaque("elsewhere", this.#name),
      },
      forLogin: (login) => ({
        authorize: async (request) => {
          const { headers } = await this.#found(request, login, true);
          // Nobody of that name in the file: the URL's own user, as if there were no file.
          return { headers: headers ?? { authorization: basicCredentials(login, "") } };
        },
        identity: () => opaque("login", login, this.#name),
      }),
    };
  }

  /** The file, not what stands in it, which may not have been read yet: it is read once, and says one thing of a host. */
  identity(): string {
    return this.#name;
  }

  authorize(request: AuthorizeRequest): Promise<Credentials> {
    return this.#found(request, undefined, true);
  }

  async #found(
    { origin }: AuthorizeRequest,
    login: string | undefined,
    withDefault: boolean,
  ): Promise<Credentials> {
    this.#entries ??= entriesOf(this.#path).catch((error: unknown) => {
      // What was wrong with the file may be mended while the program runs.
      this.#entries = undefined;
      throw error;
    });
    const found = netrcLogin(await this.#entries, new URL(origin).hostname, login, withDefault);
    return found === undefined
      ? {}
      : { headers: { authorization: basicCredentials(found.login, found.password) } };
  }
}

async function entriesOf(named: string | undefined): Promise<readonly NetrcEntry[]> {
  const file = await readNetrc(named);
  if (file === undefined) return [];
  const entries = parsed(file);
  // As ftp(1) and Python have it. A file that the program names may be a mounted secret, with the mode of its mount.
  if (
    named === undefined &&
    file.readableByOthers &&
    entries.some(({ password }) => password !== undefined)
  ) {
    throw new AuthError(
      `The netrc file ${JSON.stringify(file.path)} has passwords and can be read by others`,
      {
        hint: `chmod 600 ${file.path}`,
      },
    );
  }
  return entries;
}

function parsed({ path, text }: NetrcFile): NetrcEntry[] {
  try {
    return parseNetrc(text);
  } catch (error) {
    if (!(error instanceof NetrcSyntaxError)) throw error;
    // Without the cause: a parser's error is the place where a piece of a password would show.
    throw new AuthError(
      `The netrc file ${JSON.stringify(path)} is malformed in line ${error.line}: ${error.message}`,
    );
  }
}
