/**
 * A lock between processes that share a folder, and that outlives none of them.
 *
 * It is a row of files with numbers, of which the highest says who has it; whoever makes the next one, which the system lets
 * one do, has it from then on. To give it back is to lay a second file beside one's own. The highest is never removed nor
 * renamed, so that it is seen by everybody, and the numbers only rise: a lock that was left behind is taken over by making the
 * next, and there is no moment in which two could take it away from one another.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { readlinkSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { codeOf } from "./disk-error.ts";

/** How often a lock that is held is looked at, and how often its holder shows that it is there; milliseconds. */
const LOOK = 25;
const BEAT = 2_000;
/** A lock that shows nothing for so long is of nobody any more, milliseconds. */
const SILENCE = 30_000;
const FREE = ".free";

/**
 * Whether a lock is still its holder's. One that was stopped for longer than others wait for a sign of life (a machine that slept, a
 * process under SIGSTOP) has lost it without a word, and must look before it changes what the lock is for.
 */
export type StillHeld = () => Promise<boolean>;

/** What of the time is used; tests give another. */
export interface LockTime {
  /** Milliseconds that only go forward. */
  now(): number;
  wait(ms: number): Promise<void>;
}

const ownTime: LockTime = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Who has a lock. */
interface Holder {
  readonly machine: string;
  readonly pid: number;
}

/** A file of the row, and whether it says that its number is given back. */
interface Rung {
  readonly number: number;
  readonly file: string;
  readonly free: boolean;
}

/** Where process numbers mean the same: this machine, and this container of it. */
const machine = `${hostname()} ${processNamespace()}`;

function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    // Only Linux has them.
    return "";
  }
}

/** A lock of a name in a folder of its own. */
export class FileLock {
  readonly #folder: string;
  readonly #name: string;
  readonly #time: LockTime;

  constructor(folder: string, name: string, time: LockTime = ownTime) {
    this.#folder = folder;
    this.#name = name;
    this.#time = time;
  }

  /** Does some work while no other process, and nobody else in this one, does work under this name. */
  async hold<T>(work: (still: StillHeld) => Promise<T>): Promise<T> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await this.#take();
    const beat = setInterval(() => {
      const now = new Date();
      // If it cannot be shown, others will find the lock silent; the work goes on.
      utimes(file, now, now).catch(() => undefined);
    }, BEAT);
    beat.unref();
    try {
      return await work(async () => join(this.#folder, (await this.#top())?.file ?? "") === file);
    } finally {
      clearInterval(beat);
      // Where that cannot be written, the lock is free when it has been silent for long enough.
      await writeFile(`${file}${FREE}`, "", { mode: 0o600 }).catch(() => undefined);
    }
  }

  async #take(): Promise<string> {
    const id = randomBytes(9).toString("base64url");
    let silent: { readonly sign: string; readonly since: number } | undefined;
    for (;;) {
      const top = await this.#top();
      if (top === undefined || top.free || (await this.#isLeft(top))) {
        const file = await this.#make((top?.number ?? 0) + 1, id);
        if (file !== undefined) return file;
        continue;
      }
      const sign = await this.#signOf(top);
      const now = this.#time.now();
      // By our own clock, and by what changes: the clocks of two machines may differ.
      if (silent?.sign !== sign) silent = { sign, since: now };
      else if (now - silent.since >= SILENCE) {
        const file = await this.#make(top.number + 1, id);
        if (file !== undefined) return file;
        continue;
      }
      await this.#time.wait(LOOK * (0.5 + Math.random()));
    }
  }

  /** Makes the file of a number; undefined where another was faster. */
  async #make(number: number, id: string): Promise<string | undefined> {
    const file = join(this.#folder, `${this.#name}.${number}`);
    try {
      await writeFile(file, JSON.stringify({ machine, pid: process.pid, id }), { flag: "wx", mode: 0o600 });
    } catch (error) {
      if (codeOf(error) === "EEXIST") return undefined;
      throw error;
    }
    const files = await this.#files();
    if (files.some((other) => other.number > number)) {
      // What was looked at was old: others have come and gone, and the row has gone on.
      await rm(file, { force: true });
      return undefined;
    }
    const below = files.filter((other) => other.number < number);
    await Promise.all(below.map((other) => rm(join(this.#folder, other.file), { force: true })));
    return file;
  }

  /** Whether the process that has it is no more. */
  async #isLeft(rung: Rung): Promise<boolean> {
    const holder = await readHolder(join(this.#folder, rung.file));
    return holder !== undefined && holder.machine === machine && !isAlive(holder.pid);
  }

  /** Changes as long as its holder is there. */
  async #signOf({ file }: Rung): Promise<string> {
    try {
      const { mtimeMs, ino } = await stat(join(this.#folder, file));
      return `${file} ${ino} ${mtimeMs}`;
    } catch {
      return "gone";
    }
  }

  async #top(): Promise<Rung | undefined> {
    const files = await this.#files();
    const number = Math.max(0, ...files.map((file) => file.number));
    if (number === 0) return undefined;
    const free = files.some((file) => file.number === number && file.free);
    return { number, file: `${this.#name}.${number}`, free };
  }

  async #files(): Promise<Rung[]> {
    const files = await readdir(this.#folder);
    return files.flatMap((file) => {
      if (!file.startsWith(`${this.#name}.`)) return [];
      const [, digits, free] = /^(\d{1,15})(\.free)?$/.exec(file.slice(this.#name.length + 1)) ?? [];
      return digits === undefined ? [] : [{ number: Number(digits), file, free: free !== undefined }];
    });
  }
}

/** Undefined while it is being written, and where a process was killed in the middle of that. */
async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof read !== "object" || read === null) return undefined;
    const { machine: where, pid }: Record<string, unknown> = { ...read };
    return typeof where === "string" && typeof pid === "number" ? { machine: where, pid } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's, whom we may not signal, is alive.
    return codeOf(error) === "EPERM";
  }
}
