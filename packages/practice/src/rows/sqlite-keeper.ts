import type { Keeper } from "./keeper.ts";
import { isRow, type Row } from "./row.ts";

/**
 * Keeps written rows in an SQLite file. `origin` names what lies under them: a file that was written over other rows is
 * refused, because its rows would stand in the wrong places.
 */
export function sqliteKeeper(file: string, origin: string): Keeper {
  // Asked for only here, so that a server that keeps nothing does not load SQLite.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const db = new DatabaseSync(file);
  db.exec(
    "CREATE TABLE IF NOT EXISTS origin (name TEXT NOT NULL);" +
      "CREATE TABLE IF NOT EXISTS rows (resource TEXT NOT NULL, id TEXT NOT NULL, row TEXT, PRIMARY KEY (resource, id))",
  );
  const known = db.prepare("SELECT name FROM origin").get()?.name;
  if (known === undefined) db.prepare("INSERT INTO origin VALUES (?)").run(origin);
  else if (known !== origin) {
    db.close();
    throw new Error(`${file} keeps changes to ${String(known)}, and this server has ${origin}`);
  }
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
