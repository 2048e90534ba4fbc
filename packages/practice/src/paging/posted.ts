import { json } from "../answer/answer.ts";
import { Refusal } from "../refusal.ts";
import { isRow, type Row } from "../rows/row.ts";
import { cursorAfter, pageAt } from "./pointed.ts";
import type { Style } from "./style.ts";

/** Styles in which the question is posted, and the cursor with it. */

function textOf(value: unknown, name: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw new Refusal(400, `${name} is the text that the page before gave`);
}

function sizeOf(value: unknown): number {
  const size = Number(value);
  return Number.isSafeInteger(size) && size >= 1 ? Math.min(size, 100) : 10;
}

/** What a GraphQL document asks for: the first field of its selection, and its inline arguments. */
function graphqlOf(fields: Row): { resource: string; first: unknown; after: unknown } {
  const document = typeof fields.query === "string" ? fields.query : "";
  const field = /\{\s*(?<resource>\w+)\s*(?:\((?<arguments>[^)]{0,500})\))?/.exec(document)?.groups;
  if (field?.resource === undefined)
    throw new Refusal(400, "`query` is a GraphQL document such as { posts { nodes { id } } }");
  const variables = isRow(fields.variables) ? fields.variables : {};
  const argument = (name: string): unknown => {
    const found = new RegExp(`\\b${name}\\s*:\\s*(?:\\$(?<variable>\\w+)|(?<value>"[^"]*"|\\w+))`).exec(
      field.arguments ?? "",
    );
    const { variable, value } = found?.groups ?? {};
    if (variable !== undefined) return Object.hasOwn(variables, variable) ? variables[variable] : undefined;
    return value === "null" ? undefined : value?.replaceAll('"', "");
  };
  return { resource: field.resource, first: argument("first"), after: argument("after") };
}

export const POSTED: readonly Style[] = [
  {
    name: "search",
    about:
      "a posted question with start_cursor and page_size; the body has results, next_cursor and has_more",
    method: "POST",
    own: [],
    params: [],
    pointing: true,
    stable: true,
    read: ({ fields, placeOf }) =>
      pageAt(placeOf(textOf(fields.start_cursor, "start_cursor")), sizeOf(fields.page_size)),
    show: (page, _url, asked) =>
      json({
        object: "list",
        results: page.rows,
        next_cursor: cursorAfter(page, asked) ?? null,
        has_more: page.next !== undefined,
      }),
  },
  {
    name: "graphql",
    about: "a GraphQL connection: first, after; pageInfo with hasNextPage and endCursor",
    method: "POST",
    path: "graphql",
    own: [],
    params: [],
    pointing: true,
    stable: true,
    resource: (fields) => graphqlOf(fields).resource,
    read: ({ fields, placeOf }) => {
      const { first, after } = graphqlOf(fields);
      return pageAt(placeOf(textOf(after, "after")), sizeOf(first));
    },
    show: (page, _url, asked) => {
      const { fields } = asked;
      const endCursor = cursorAfter(page, asked) ?? (page.rows.length === 0 ? null : "end");
      const pageInfo = { hasNextPage: page.next !== undefined, endCursor };
      const connection = { totalCount: page.total, nodes: page.rows, pageInfo };
      return json({ data: { [graphqlOf(fields).resource]: connection } });
    },
  },
];
