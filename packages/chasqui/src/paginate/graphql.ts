import { atPath, isObject } from "./body-path.ts";
import { isCursor, isInexact } from "./cursor-value.ts";
import { END, onwardWith, type PageStyle } from "./style.ts";

const DEPTH = 6;

/**
 * The dotted path of the one connection in an answer: what has `pageInfo` with `hasNextPage` (the GraphQL Cursor Connections
 * Specification). Undefined where there is none, or several.
 */
export function connectionIn(data: unknown): string | undefined {
  const found: string[] = [];
  const look = (value: unknown, path: string, depth: number): void => {
    if (!isObject(value) || Array.isArray(value) || depth > DEPTH) return;
    const info = Object.hasOwn(value, "pageInfo") ? value.pageInfo : undefined;
    if (isObject(info) && Object.hasOwn(info, "hasNextPage")) {
      found.push(path);
      return;
    }
    for (const key of Object.keys(value)) look(value[key], path === "" ? key : `${path}.${key}`, depth + 1);
  };
  look(data, "", 0);
  return found.length === 1 ? found[0] : undefined;
}

/** The rows of a connection: its `nodes`, or the node of each of its `edges`. */
export function connectionRows(connection: unknown): readonly unknown[] | undefined {
  if (!isObject(connection)) return undefined;
  const nodes = atPath(connection, "nodes");
  if (Array.isArray(nodes)) return nodes;
  const edges = atPath(connection, "edges");
  return Array.isArray(edges) ? edges.map((edge) => atPath(edge, "node")) : undefined;
}

/** A GraphQL connection: `pageInfo.endCursor` goes into a variable of the query, until `hasNextPage` is false. */
export function byConnection(path: string | undefined, variable: string): PageStyle {
  let at = path;
  const lost = (message: string) =>
    ({
      kind: "lost",
      why: "undetected",
      message,
      hint: 'Name the connection, and the variable of the query that takes the cursor: { connection: "data.posts", variable: "after" }. Its pageInfo needs hasNextPage and endCursor.',
    }) as const;
  return {
    name: "graphql",
    get spec() {
      return { ...(at === undefined ? {} : { connection: at }), variable };
    },
    first: {},
    next(page) {
      at ??= connectionIn(page.data);
      if (at === undefined) return lost("The answer has no connection, or several");
      const info = atPath(page.data, `${at}.pageInfo`);
      const more = atPath(info, "hasNextPage");
      if (more === false) return END;
      const cursor = atPath(info, "endCursor");
      if (more !== true)
        return lost(`\`${at}.pageInfo\` of page ${page.pages} does not say whether there is more`);
      if (!isCursor(cursor) || isInexact(cursor))
        return lost(`\`${at}.pageInfo\` of page ${page.pages} has no endCursor`);
      return onwardWith({ body: { [`variables.${variable}`]: String(cursor) } });
    },
  };
}
