/**
 * Tokens in a file of their owner's.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { StoredToken, TokenStore } from "../auth/token-store.ts";
import { AuthError } from "../errors/auth-error.ts";
import { writePrivateFile } from "../save/private-file.ts";
import { codeOf } from "./disk-error.ts";
import { FileLock, type StillHeld } from "./file-lock.ts";
import { disk } from "./target-file.ts";

/** Thousands of tokens; beyond, it is another file. */
const LARGEST = 64 * 1024 * 1024;
const VERSION = 1;

/** Tokens by their keys. */
type Kept = Map<string, StoredToken>;

/** The tokens of a file, which need not be there yet. */
export async function openTokenFile(path: string | URL): Promise<Required<TokenStore>> {
  const absolute = resolve(disk.pathOf(path));
  await mkdir(dirname(absolute), { recursive: true, mode: 0o700 });
  // Where the name is a link, what it leads to is replaced, and not the link.
  return new TokenFile(await realpath(absolute).catch(() => absolute));
}

class TokenFile implements Required<TokenStore> {
  readonly #path: string;
  readonly #locks: string;
  /** The key whose lock the work under way was given, and whether it still has it. */
  readonly #held = new AsyncLocalStorage<{ readonly key: string; readonly still: StillHeld }>();

  constructor(path: string) {
    this.#path = path;
    this.#locks = `${path}.locks`;
  }

  async get(key: string): Promise<StoredToken | undefined> {
    return (await readTokens(this.#path)).get(key);
  }

  set(key: string, token: StoredToken): Promise<void> {
    const held = this.#held.getStore();
    return this.#change(async (tokens) => {
      if (held?.key === key && !(await held.still())) {
        // Too late: others have had the lock. What they have got since is not written over; whoever asks next is given that.
        const there = tokens.get(key);
        if (there !== undefined && there.obtainedAt >= token.obtainedAt) return false;
      }
      tokens.set(key, token);
      return true;
    });
  }

  delete(key: string): Promise<void> {
    return this.#change(async (tokens) => tokens.delete(key));
  }

  lock<T>(key: string, work: () => Promise<T>): Promise<T> {
    // A renewal waits for a server; those of other keys need not wait with it.
    const name = createHash("sha256").update(key).digest("hex").slice(0, 16);
    return new FileLock(this.#locks, name).hold((still) => this.#held.run({ key, still }, work));
  }

  /**
   * Reads, changes and writes the file while nobody else does; once more from the beginning where others have had the lock meanwhile, for
   * what was read is old then.
   *
   * @param change - False where nothing is to be written.
   */
  async #change(change: (tokens: Kept) => Promise<boolean>): Promise<void> {
    let over = false;
    while (!over) {
      over = await new FileLock(this.#locks, "file").hold(async (still) => {
        const tokens = await readTokens(this.#path);
        if (!(await change(tokens))) return true;
        const text = JSON.stringify({ version: VERSION, tokens: Object.fromEntries(tokens) }, null, 2);
        return writePrivateFile(disk, this.#path, `${text}\n`, still);
      });
    }
  }
}

async function readTokens(path: string): Promise<Kept> {
  const shown = JSON.stringify(path);
  let handle: FileHandle;
  try {
    handle = await open(path);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return new Map();
    throw new AuthError(`The file of tokens ${shown} cannot be read`, { cause });
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > LARGEST) throw new AuthError(`${shown} is no file of tokens`);
    // Windows has no such bits: what Node gives there says nothing.
    if (process.platform !== "win32" && (stats.mode & 0o077) !== 0) {
      throw new AuthError(`The file of tokens ${shown} can be read by others`, { hint: `chmod 600 ${path}` });
    }
    const tokens = parsed(await handle.readFile("utf8"));
    // Without a cause: a parser's error is the place where a piece of a token would show.
    if (tokens === undefined) throw new AuthError(`${shown} is no file of tokens`);
    return tokens;
  } finally {
    await handle.close();
  }
}

function parsed(text: string): Kept | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens = own(value, "tokens");
  if (own(value, "version") !== VERSION || typeof tokens !== "object" || tokens === null) return undefined;
  const entries = Object.entries(tokens).map(
    ([key, token]: [string, unknown]) => [key, readToken(token)] as const,
  );
  const kept: Kept = new Map();
  for (const [key, token] of entries) {
    if (token === undefined) return undefined;
    kept.set(key, token);
  }
  return kept;
}

function readToken(value: unknown): StoredToken | undefined {
  const accessToken = own(value, "accessToken");
  const obtainedAt = own(value, "obtainedAt");
  if (typeof accessToken !== "string" || typeof obtainedAt !== "number") return undefined;
  const expiresAt = own(value, "expiresAt");
  const refreshToken = own(value, "refreshToken");
  const scope = own(value, "scope");
  return {
    accessToken,
    obtainedAt,
    ...(typeof expiresAt === "number" ? { expiresAt } : {}),
    ...(typeof refreshToken === "string" ? { refreshToken } : {}),
    ...(typeof scope === "string" ? { scope } : {}),
  };
}

function own(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
