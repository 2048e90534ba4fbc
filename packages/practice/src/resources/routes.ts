import { type Answer, json } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import { type Ask, methodOf, type Param, query, type Route, urlOf } from "../route.ts";
import { type World, writeSingle } from "../world.ts";
import { everything, list, listChildren, one } from "./reads.ts";
import { change, create, createChild, remove } from "./writes.ts";

const topic = "Resources";
const LIST: readonly Param[] = [
  query("_page", "page from 1; anything else is 1"),
  query("_limit", "rows of a page (10), or at most so many"),
  query("_start", "first row, from 0; with _end or _limit"),
  query("_end", "the row before which to stop"),
  query("_sort", "fields to sort by, separated by commas; dotted paths"),
  query("_order", "asc or desc for each of them"),
  query("q", "text to look for in every value"),
  query(
    "{field}",
    "value of a field; repeated is OR; also {field}_gte, _lte, _ne, _like (a regular expression)",
  ),
];
const RELATED: readonly Param[] = [query("_embed", "children to add"), query("_expand", "parent to add")];

/** The rows: lists, single rows, children, and `/db`. They come first, so that own data may use any name. */
export const resourceRoutes: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/db",
    topic,
    summary: "Everything",
    handle: (_, world) =>
      world.collections.has("db") || world.singles.has("db") ? undefined : everything(world),
  },
  {
    methods: ["GET", "POST"],
    path: "/:resource",
    topic,
    summary: "List rows; create one",
    params: [...LIST, ...RELATED],
    handle: async (ask, world) => {
      const collection = collectionOf(ask, world);
      if (!collection) return undefined;
      const url = urlOf(ask);
      if (ask.req.method === "POST") return create(world, collection, url, await readFields(ask.req.raw));
      return list(world, collection, url, url.searchParams);
    },
  },
  {
    methods: ["GET", "POST", "PUT", "PATCH"],
    path: "/:single",
    topic,
    summary: "Read, replace or change an object of own data",
    handle: single,
  },
  {
    methods: ["GET", "PUT", "PATCH", "DELETE"],
    path: "/:resource/:id",
    topic,
    summary: "Read, replace, change or delete a row; DELETE answers 204 with Prefer: return=minimal",
    params: RELATED,
    handle: async (ask, world) => {
      const collection = collectionOf(ask, world);
      const id = ask.req.param("id") ?? "";
      if (!collection) return undefined;
      switch (methodOf(ask)) {
        case "GET":
          return one(world, collection, id, urlOf(ask));
        case "DELETE":
          return remove(world, collection, id, prefersMinimal(ask));
        default:
          return change(world, collection, id, await readFields(ask.req.raw), ask.req.method === "PUT");
      }
    },
  },
  {
    methods: ["GET", "POST"],
    path: "/:resource/:id/:children",
    topic,
    summary: "List the children of a row; create one",
    params: [...LIST, ...RELATED],
    handle: async (ask, world) => {
      const parent = collectionOf(ask, world);
      const children = world.collections.get(ask.req.param("children") ?? "");
      const id = ask.req.param("id") ?? "";
      if (!parent) return undefined;
      if (!children) return json({}, 404);
      const url = urlOf(ask);
      if (methodOf(ask) === "GET") return listChildren(world, parent.name, id, children, url);
      return createChild(world, parent.name, id, children, url, await readFields(ask.req.raw));
    },
  },
];

function collectionOf(ask: Ask, world: World) {
  return world.collections.get(ask.req.param("resource") ?? "");
}

function prefersMinimal(ask: Ask): boolean {
  return /(?:^|[,\s])return\s*=\s*"?minimal\b/i.test(ask.req.header("prefer") ?? "");
}

async function single(ask: Ask, world: World): Promise<Answer | undefined> {
  const name = ask.req.param("single") ?? "";
  const row = world.singles.get(name);
  if (!row) return undefined;
  if (methodOf(ask) === "GET") return json(row);
  const fields = await readFields(ask.req.raw);
  const written = ask.req.method === "PATCH" ? { ...row, ...fields } : fields;
  if (world.settings.keep !== false) writeSingle(world, name, written);
  return json(written, ask.req.method === "POST" ? 201 : 200);
}
