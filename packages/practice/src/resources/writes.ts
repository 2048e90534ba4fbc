import { type Answer, empty, json } from "../answer/answer.ts";
import { Refusal } from "../refusal.ts";
import { Budget } from "../rows/budget.ts";
import { type Collection, holds } from "../rows/collection.ts";
import { type Row, textOf } from "../rows/row.ts";
import type { World } from "../world.ts";
import { keyOf } from "./names.ts";
import { childrenOf } from "./relations.ts";

/**
 * POST: 201 with what was sent and the id last. Faked, the id is always the next one, as in the original; kept, an id that
 * was sent counts.
 *
 * @throws {Refusal} 409 when a kept row has an id that is taken.
 */
export function create(world: World, collection: Collection, url: URL, fields: Row): Answer {
  const { id: sent, ...rest } = fields;
  const keep = world.settings.keep !== false;
  const named = keep && (typeof sent === "number" || (typeof sent === "string" && sent !== ""));
  if (named && holds(collection, sent))
    throw new Refusal(409, `${collection.name} has a row ${textOf(sent)} already`);
  const id = named ? sent : collection.nextId();
  const row = { ...rest, id };
  if (keep) collection.write(textOf(id), row);
  const location = `${url.origin}/${collection.name}/${encodeURIComponent(textOf(id))}`;
  return json(row, 201, { Location: location, "Access-Control-Expose-Headers": "Location" });
}

/** PUT replaces all of a row but its id; PATCH changes the fields that are sent. A missing row is 404. */
export function change(
  world: World,
  collection: Collection,
  id: string,
  fields: Row,
  whole: boolean,
): Answer {
  const old = collection.get(id);
  if (!old) throw new Refusal(404, `${collection.name} has no row ${id} to ${whole ? "replace" : "change"}`);
  const row: Row = whole ? { ...fields, id: old.id } : { ...old, ...fields, id: old.id };
  if (world.settings.keep !== false) collection.write(id, row);
  return json(row);
}

/**
 * DELETE: 200 and `{}`, or 204 where `Prefer: return=minimal` asks for it (RFC 7240, 4.2). Kept, the rows that hang on it go
 * along, as in json-server, and a missing row is 404; faked, it is 200, as in the original.
 */
export function remove(world: World, collection: Collection, id: string, minimal: boolean): Answer {
  if (world.settings.keep !== false) {
    if (!collection.get(id)) return json({}, 404);
    removeTree(world, collection, id, new Budget());
  }
  return minimal ? empty(204, { "Preference-Applied": "return=minimal" }) : json({});
}

function removeTree(world: World, collection: Collection, id: string, budget: Budget): void {
  collection.write(id, null);
  for (const children of world.collections.values()) {
    if (children.name === collection.name) continue;
    for (const child of childrenOf(collection, id, children, budget))
      removeTree(world, children, textOf(child.id), budget);
  }
}

/** POST below a parent: the parent's id is set as the path has it, which is a string, as in the original. */
export function createChild(
  world: World,
  parent: string,
  id: string,
  children: Collection,
  url: URL,
  fields: Row,
): Answer {
  return create(world, children, url, { ...fields, [keyOf(parent)]: id });
}
