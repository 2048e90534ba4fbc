/**
 * The disk: files that are written under another name and get their own when they are whole.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, lstat, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { CallerError } from "../errors/caller-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import type { Disk, Hash, Partial, PartialNote, Target, TargetSettings } from "../save/target.ts";
import { codeOf, saidBy } from "./disk-error.ts";
import { fingerprint, isOwn, randomName, readNote, writeNote } from "./partial-note.ts";
import { checkFolder, fileUrl, isThere, lookedAt, standing } from "./save-place.ts";

// `NOFOLLOW`: whoever may write to the folder could have laid a link to a file of the caller's in its place (S7).
const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const OLD_FILE = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);
const PIECE = 1024 * 1024;

/** The disk of Node. */
export const disk: Disk = {
  pathOf(path) {
    const plain = path instanceof URL ? fileUrl(path) : path;
    if (typeof plain === "string" && plain !== "" && !plain.includes("\0")) return plain;
    throw new OptionsError("save() takes the path of a file, or a file: URL", { option: "path" });
  },
  namesFolder: (path) => path.endsWith("/") || path.endsWith(sep),
  inside: (folder, name) => join(folder, name),
  async target(path, settings) {
    const absolute = resolve(path);
    await checkFolder(dirname(absolute));
    return new TargetFile(absolute, await standing(absolute, settings.overwrite), settings);
  },
  checkFolder,
  async read(path) {
    try {
      return await readFile(path, "utf8");
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return undefined;
      throw new CallerError(`${JSON.stringify(path)} could not be read: ${saidBy(cause)}`, { cause });
    }
  },
};

/** The partial files that calls of this process write to: one call each. */
const claimed = new Set<string>();

class TargetFile implements Target {
  readonly #path: string;
  readonly #settings: TargetSettings;
  /** The bits that the file gets at its end: those of the one that it replaces, lest a private file become a public one. */
  readonly #mode: number | undefined;
  #handle: FileHandle | undefined;
  #name = "";
  #resumable = false;
  #claims = false;

  constructor(path: string, before: Stats | undefined, settings: TargetSettings) {
    this.#path = path;
    this.#settings = settings;
    this.#mode = settings.mode ?? (before?.isFile() === true ? before.mode & 0o777 : undefined);
  }

  get #part(): string {
    return `${this.#path}.chasqui-part`;
  }

  get #note(): string {
    return `${this.#path}.chasqui-part.json`;
  }

  async partial(url: string): Promise<Partial | undefined> {
    const note = await readNote(this.#note);
    if (note === undefined || note.url !== fingerprint(url)) return undefined;
    if (claimed.has(this.#part)) return undefined;
    let handle: FileHandle | undefined;
    try {
      handle = await open(this.#part, OLD_FILE);
      const stats = await handle.stat();
      const { validator, total } = note;
      if (!isOwn(stats) || stats.size === 0 || stats.size > (total ?? Number.POSITIVE_INFINITY))
        return undefined;
      return { validator, total, bytes: stats.size, isFrom: (place) => fingerprint(place) === note.place };
    } catch {
      return undefined;
    } finally {
      // Until the server has said what it sends: nothing may come of the call.
      await handle?.close();
    }
  }

  async goOn(): Promise<void> {
    try {
      if (!this.#claim()) throw new Error("another call goes on with it");
      this.#handle = await open(this.#part, OLD_FILE);
      if (!isOwn(await this.#handle.stat())) throw new Error("it is not what was left");
      this.#name = this.#part;
      this.#resumable = true;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  async begin(note: PartialNote | undefined): Promise<void> {
    await this.#close();
    // Where another call keeps its part of the file, this one comes without.
    const mayKeep = this.#settings.keepPartial && this.#claim();
    const resumable = mayKeep && note !== undefined;
    try {
      if (mayKeep) {
        // In this order, so that a note never stands beside bytes that it does not speak of. A new file, and not the old one
        // cut off: another process may be writing to that one.
        await rm(this.#note, { force: true });
        await rm(this.#part, { force: true });
      } else if (this.#name !== "") await rm(this.#name, { force: true });
      this.#name = resumable ? this.#part : join(dirname(this.#path), `.chasqui-${randomName()}.part`);
      // The mode of a private file is private from its first byte on; any other is as the process says (umask).
      this.#handle = await open(this.#name, NEW_FILE, this.#mode === undefined ? 0o666 : 0o600);
      if (resumable) await writeNote(this.#note, note);
      this.#resumable = resumable;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  async write(pieces: readonly Uint8Array[], position: number): Promise<void> {
    let left = pieces;
    let at = position;
    try {
      while (left.length > 0) {
        const { bytesWritten } = await this.#open().writev([...left], at);
        // A disk that is nearly full takes a part, and says why at the next one.
        at += bytesWritten;
        left = after(left, bytesWritten);
      }
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  async hash(algorithm: "sha256" | "sha512", bytes: number): Promise<Hash> {
    const hash = createHash(algorithm);
    const buffer = new Uint8Array(Math.min(PIECE, bytes));
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await this.#open().read(buffer, 0, Math.min(PIECE, bytes - at), at);
      if (bytesRead === 0) throw this.#failure(new Error("it became shorter"));
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return { add: (piece) => hash.update(piece), hex: () => hash.digest("hex") };
  }

  async finish(still?: () => Promise<boolean>): Promise<boolean> {
    try {
      const handle = this.#open();
      if (this.#mode !== undefined) await handle.chmod(this.#mode);
      await handle.sync();
      const own = await handle.stat();
      await this.#close();
      // Somebody else may have begun anew meanwhile: what has that name now would not be what was written.
      const there = await lstat(this.#name);
      if (there.ino !== own.ino || there.dev !== own.dev) throw new Error("another save() took its place");
      // Last of all: the disk may have taken as long as it likes, and whoever was to write may have been stopped meanwhile.
      if (still !== undefined && !(await still())) return false;
      if (this.#settings.overwrite) await rename(this.#name, this.#path);
      else await this.#nameAnew();
      if (this.#claims) {
        await rm(this.#note, { force: true });
        if (this.#name !== this.#part) await rm(this.#part, { force: true });
      }
      await syncFolder(dirname(this.#path));
      this.#release();
      return true;
    } catch (cause) {
      throw cause instanceof OptionsError ? cause : this.#failure(cause);
    }
  }

  async abandon(wrong: boolean): Promise<string | undefined> {
    try {
      await this.#remove(wrong);
      return this.#resumable && !wrong ? this.#part : undefined;
    } finally {
      this.#release();
    }
  }

  async #remove(wrong: boolean): Promise<void> {
    await this.#close();
    if (this.#name === "" || (this.#resumable && !wrong)) return;
    // Why the file is not whole is what matters; that it could not be removed either is not.
    if (this.#resumable) await rm(this.#note, { force: true }).catch(() => {});
    await rm(this.#name, { force: true }).catch(() => {});
  }

  /** Gives the file its name only where no other has it: `link` fails then, as `rename` does not. */
  async #nameAnew(): Promise<void> {
    try {
      await link(this.#name, this.#path);
    } catch (cause) {
      if (codeOf(cause) === "EEXIST") throw isThere(this.#path);
      // A file system without hard links: what is left is to look first.
      if ((await lookedAt(this.#path)) !== undefined) throw isThere(this.#path);
      await rename(this.#name, this.#path);
      return;
    }
    await rm(this.#name);
  }

  #claim(): boolean {
    if (this.#claims) return true;
    if (claimed.has(this.#part)) return false;
    claimed.add(this.#part);
    this.#claims = true;
    return true;
  }

  #release(): void {
    if (this.#claims) claimed.delete(this.#part);
    this.#claims = false;
  }

  #open(): FileHandle {
    if (this.#handle === undefined) throw new Error("the file is not open");
    return this.#handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  #failure(cause: unknown): CallerError {
    return new CallerError(`${JSON.stringify(this.#path)} could not be saved: ${saidBy(cause)}`, {
      hint: ADVICE,
      cause,
    });
  }
}

const ADVICE = "A file that stood there before is as it was.";

function after(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let left = written;
  for (const [index, piece] of pieces.entries()) {
    if (left < piece.length) return [piece.subarray(left), ...pieces.slice(index + 1)];
    left -= piece.length;
  }
  return [];
}

/** A name is on the disk when its folder is. Not every system can be asked for that. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch {
    // Windows, and some network file systems: the name is written when the system gets to it.
  } finally {
    await handle?.close();
  }
}
