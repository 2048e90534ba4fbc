import type { DatabaseSync } from "node:sqlite";
import type { Keeper } from "./keeper.ts";
import { isRow, type Row } from "./row.ts";

/**
 * Keeps written rows in an SQLite file. `origin` names what lies under them: a file that was written over other rows is
 * refused, because its rows would stand in the wrong places. So is a file that another server has open: each would give
 * out the ids of the other's rows and write over them. The lock is the process's, and goes with it when it is killed.
 *
 * @throws {Error} for either, and for a file that is no database or cannot be opened.
 */
export function sqliteKeeper(file: string, origin: string): Keeper {
  // Asked for only here, so that a server that keeps nothing does not load SQLite.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const db = opened(file, () => new DatabaseSync(file));
  try {
    return keeperOf(db, file, origin);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite's code for a file that somebody else has locked: SQLITE_BUSY. */
const BUSY = 5;

/** What `open` gives; its errors are told with the file's name. */
function opened<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const busy = "errcode" in error && error.errcode === BUSY;
    throw new Error(busy ? `${file} is in use by another server` : `${file}: ${error.message}`, {
      cause: error,
    });
  }
}

function keeperOf(db: DatabaseSync, file: string, origin: string): Keeper {
  const schema =
    // Taken by the first transaction, and kept until the connection is closed.
    "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;" +
    "CREATE TABLE IF NOT EXISTS origin (name TEXT NOT NULL);" +
    "CREATE TABLE IF NOT EXISTS rows (resource TEXT NOT NULL, id TEXT NOT NULL, row TEXT, PRIMARY KEY (resource, id)); COMMIT";
  opened(file, () => db.exec(schema));
  const known = db.prepare("SELECT name FROM origin").get()?.name;
  if (known === undefined) db.prepare("INSERT INTO origin VALUES (?)").run(origin);
  else if (known !== origin)
    throw new Error(`${file} keeps changes to ${String(known)}, and this server has ${origin}`);
  const read = db.prepare("SELECT id, row FROM rows WHERE resource = ? ORDER BY rowid");
  const put = db.prepare(
    "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (resource, id) DO UPDATE SET row = excluded.row",
  );
  const forget = db.prepare("DELETE FROM rows WHERE resource = ? AND id = ?");
  return {
    load: (resource) =>
      new Map(
        read.all(resource).map(({ id, row }): [string, Row | null] => {
          const value: unknown = typeof row === "string" ? JSON.parse(row) : null;
          return [String(id), isRow(value) ? value : null];
        }),
      ),
    save: (resource, id, row) => {
      if (row === undefined) forget.run(resource, id);
      else put.run(resource, id, row === null ? null : JSON.stringify(row));
    },
    close: () => db.close(),
  };
}
