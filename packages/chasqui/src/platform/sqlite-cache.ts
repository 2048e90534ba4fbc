import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { type CacheEntry, type CacheKey, MOST_VARIANTS, sizeOf } from "../cache/cache-store.ts";
import { type CacheLimit, limitOf } from "../cache/memory-cache.ts";
import type { SqliteCache } from "../cache/sqlite-cache.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";

/** What a file holds, unless it is told otherwise: 256 MiB. */
const DEFAULT_LIMIT = 256 * 1024 * 1024;

/** Says in the file that it is ours; and which tables are in it. A file of other tables of ours is begun anew: it is a cache. */
const APPLICATION = 0x43_68_71_63;
const VERSION = 1;

/** How long the file is waited for when it is opened, in milliseconds: everything waits meanwhile. */
const PATIENCE = 2000;
/** How long a write waits for another process, in milliseconds. */
const WRITE_PATIENCE = 500;
/** How long nothing is stored after a write that has waited in vain, in milliseconds. */
const REST = 30_000;

/** So many responses that were read are remembered before it is written down that they were used. */
const MOST_UNWRITTEN = 256;

/** `used` counts up with each use; the sum is kept by triggers, whichever process writes. */
const TABLES = `
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    resource TEXT NOT NULL,
    asker TEXT NOT NULL,
    variant TEXT NOT NULL,
    vary TEXT NOT NULL,
    status INTEGER NOT NULL,
    status_text TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB,
    requested_at REAL NOT NULL,
    received_at REAL NOT NULL,
    size INTEGER NOT NULL,
    used INTEGER NOT NULL,
    UNIQUE (resource, asker, variant)
  ) STRICT;
  CREATE INDEX entries_by_use ON entries (used);
  CREATE TABLE sums (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO sums VALUES (0);
  CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN UPDATE sums SET bytes = bytes + new.size; END;
  CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN UPDATE sums SET bytes = bytes - old.size; END;
  CREATE TRIGGER entry_changed AFTER UPDATE OF size ON entries
    BEGIN UPDATE sums SET bytes = bytes + new.size - old.size; END;
`;

/** Opens the file of a cache, or makes it. */
export function openSqliteCache(path: string | URL, limit: CacheLimit): SqliteCache {
  const maxBytes = limitOf(limit, DEFAULT_LIMIT);
  const file = path instanceof URL ? fileURLToPath(path) : path;
  if (typeof file !== "string" || file === "" || file.includes("\u0000")) {
    throw new OptionsError(`The path of a cache is ${kindOf(path)}; it takes the path of a file`, {
      option: "path",
    });
  }
  if (file === ":memory:") {
    throw new OptionsError("A cache in memory is what memoryCache() makes", { option: "path" });
  }
  let database: DatabaseSync | undefined;
  try {
    // SQLite would make a file that others may read, and gives those beside it the mode that this one has.
    closeSync(openSync(file, "a", 0o600));
    database = new DatabaseSync(file, { timeout: PATIENCE });
    prepare(database);
    database.exec(`PRAGMA busy_timeout = ${WRITE_PATIENCE}`);
    // A file that was there may have been made by others, for others.
    for (const name of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(name)) chmodSync(name, 0o600);
    return new CacheFile(database, maxBytes);
  } catch (cause) {
    database?.close();
    if (cause instanceof OptionsError) throw cause;
    throw new OptionsError(`The cache ${JSON.stringify(file)} cannot be opened`, { option: "path", cause });
  }
}

function numberIn(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0);
}

function prepare(database: DatabaseSync): void {
  const tables = () => numberIn(database, "SELECT count(*) FROM sqlite_schema");
  const application = () => numberIn(database, "PRAGMA application_id");
  if (tables() > 0 && application() !== APPLICATION) {
    throw new OptionsError("The file is a database of something else, and no cache", { option: "path" });
  }
  // Readers do not wait for who writes. What a crash of the machine loses of it is a cache.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  // Another process may be at it as well.
  database.exec("BEGIN IMMEDIATE");
  if (tables() === 0 || numberIn(database, "PRAGMA user_version") !== VERSION) {
    database.exec("DROP TABLE IF EXISTS entries; DROP TABLE IF EXISTS sums;");
    database.exec(`${TABLES} PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${VERSION};`);
  }
  database.exec("COMMIT");
}

class CacheFile implements SqliteCache {
  readonly #database: DatabaseSync;
  readonly #maxBytes: number;
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #use: StatementSync;
  readonly #trim: StatementSync;
  readonly #evict: StatementSync;
  readonly #remove: StatementSync;
  readonly #sum: StatementSync;
  /** What was read since it was last written down that something was used. */
  readonly #used = new Set<number>();
  /** Until when nothing is stored, because another process holds the file. */
  #restsUntil = 0;

  constructor(database: DatabaseSync, maxBytes: number) {
    this.#database = database;
    this.#maxBytes = maxBytes;
    const next = "(SELECT coalesce(max(used), 0) + 1 FROM entries)";
    this.#find = database.prepare("SELECT * FROM entries WHERE resource = ? AND asker = ?");
    this.#add = database.prepare(`
      INSERT INTO entries
        (resource, asker, variant, vary, status, status_text, headers, body, requested_at, received_at, size, used)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${next})
      ON CONFLICT DO UPDATE SET
        vary = excluded.vary, status = excluded.status, status_text = excluded.status_text, headers = excluded.headers,
        body = excluded.body, requested_at = excluded.requested_at, received_at = excluded.received_at,
        size = excluded.size, used = excluded.used`);
    this.#use = database.prepare(`UPDATE entries SET used = ${next} WHERE id = ?`);
    this.#trim = database.prepare(`
      DELETE FROM entries WHERE id IN
        (SELECT id FROM entries WHERE resource = ? AND asker = ? ORDER BY used DESC LIMIT -1 OFFSET ${MOST_VARIANTS})`);
    this.#evict = database.prepare(
      "DELETE FROM entries WHERE id = (SELECT id FROM entries ORDER BY used LIMIT 1)",
    );
    this.#remove = database.prepare("DELETE FROM entries WHERE resource = ?");
    this.#sum = database.prepare("SELECT bytes FROM sums");
  }

  get bytes(): number {
    return Number(this.#sum.get()?.bytes ?? 0);
  }

  get size(): number {
    return numberIn(this.#database, "SELECT count(*) FROM entries");
  }

  read({ resource, asker }: CacheKey): readonly CacheEntry[] {
    const entries: CacheEntry[] = [];
    for (const row of this.#find.all(resource, asker)) {
      this.#used.add(Number(row.id));
      entries.push(entryOf(row));
    }
    if (this.#used.size > MOST_UNWRITTEN && !this.#rests()) this.#writing(() => {});
    return entries;
  }

  write({ resource, asker }: CacheKey, entry: CacheEntry): void {
    if (this.#rests()) return;
    const { variant, vary, status, statusText, headers, body, requestedAt, receivedAt } = entry;
    const size = sizeOf(entry);
    this.#writing(() => {
      this.#add.run(
        ...[resource, asker, variant, JSON.stringify(vary), status, statusText, JSON.stringify(headers)],
        ...[body, requestedAt, receivedAt, size],
      );
      this.#trim.run(resource, asker);
      while (this.bytes > this.#maxBytes && Number(this.#evict.run().changes) > 0);
    });
  }

  remove(resource: string): void {
    this.#writing(() => this.#remove.run(resource));
  }

  clear(): void {
    this.#used.clear();
    this.#database.exec("DELETE FROM entries");
  }

  close(): void {
    if (!this.#database.isOpen) return;
    try {
      this.#writing(() => {});
    } finally {
      this.#database.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** To store is worth no wait for each response; what has become untrue is removed all the same. */
  #rests(): boolean {
    return performance.now() < this.#restsUntil;
  }

  /** Writes at once or not at all, and with it what was read meanwhile: a read by itself writes nothing, and waits for nobody. */
  #writing(work: () => void): void {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
    } catch (error) {
      this.#restsUntil = performance.now() + REST;
      throw error;
    }
    try {
      for (const id of this.#used) this.#use.run(id);
      work();
      this.#database.exec("COMMIT");
      this.#used.clear();
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

type Row = Readonly<Record<string, unknown>>;

/** @throws {TypeError} when it is no row of ours: somebody else has written to the file. */
function entryOf(row: Row): CacheEntry {
  const { body } = row;
  if (body !== null && !(body instanceof Uint8Array)) throw new TypeError("a body is no bytes");
  return {
    variant: String(row.variant),
    vary: textsOf(row.vary),
    status: Number(row.status),
    statusText: String(row.status_text),
    headers: textsOf(row.headers),
    body,
    requestedAt: Number(row.requested_at),
    receivedAt: Number(row.received_at),
  };
}

function textsOf(json: unknown): readonly string[] {
  const texts: unknown = JSON.parse(String(json));
  if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) return texts;
  throw new TypeError("a list is none of texts");
}
