import { json } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import { ACCOUNTS, readBearer, same } from "../auth/accounts.ts";
import type { Route } from "../route.ts";
import { pick } from "../rows/random.ts";
import { phrase } from "../rows/words.ts";
import { Made, opaque, placeOf } from "./made.ts";

/** Notion's databases: a posted query with `start_cursor`. */

const PAGES = new Made(6, 57, (index, random) => ({
  ...{
    object: "page",
    id: `59833787-2cf9-4fdf-8782-${String(index + 1).padStart(12, "0")}`,
    archived: false,
  },
  properties: {
    Name: { id: "title", type: "title", title: [{ type: "text", plain_text: phrase(random, 2, 5) }] },
    Status: { id: "st", type: "select", select: { name: pick(random, ["to do", "doing", "done"]) } },
  },
}));

export const notion: readonly Route[] = [
  {
    methods: ["POST"],
    path: "/apis/notion/v1/databases/:id/query",
    topic: "Look-alikes: Notion",
    summary: `The pages of a database (page_size, start_cursor); wants Notion-Version and Bearer ${ACCOUNTS.token}`,
    params: [{ name: "Notion-Version", in: "header", about: "a date, such as 2022-06-28" }],
    handle: async (ask, { settings }) => {
      const refused = (status: number, code: string, message: string) =>
        json({ object: "error", status, code, message }, status);
      const token = readBearer(ask.req.header("authorization"));
      if (token === undefined || !same(token, ACCOUNTS.token))
        return refused(401, "unauthorized", "API token is invalid.");
      if (ask.req.header("notion-version") === undefined)
        return refused(400, "missing_version", "Notion-Version header should be defined.");
      const { page_size: asked, start_cursor: cursor = "" } = await readFields(ask.req.raw);
      const from = typeof cursor === "string" ? placeOf(cursor) : undefined;
      if (from === undefined)
        return refused(400, "validation_error", "The start_cursor provided is invalid.");
      const size = typeof asked === "number" && asked >= 1 ? Math.min(Math.trunc(asked), 100) : 100;
      const more = from + size < PAGES.count;
      return json({
        object: "list",
        results: PAGES.slice(from, size, settings.seed),
        next_cursor: more ? opaque(from + size) : null,
        has_more: more,
        type: "page_or_database",
        page_or_database: {},
      });
    },
  },
];
