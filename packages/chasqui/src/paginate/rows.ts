import { atPath } from "./body-path.ts";

/** Where APIs put their rows, the commonest first. */
const NAMES = [
  "data",
  "items",
  "results",
  "entries",
  "records",
  "rows",
  "values",
  "content",
  "objects",
  "elements",
];

function lists(data: object): [string, readonly unknown[]][] {
  return Object.entries(data).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
}

/**
 * The rows of a body: the body itself, or the list that it holds, by its name or because there is only one. One level down
 * it is looked for too (`{ data: { items: [] } }`). Undefined where it cannot be told.
 */
export function findRows(data: unknown): readonly unknown[] | undefined {
  if (Array.isArray(data)) return data;
  if (typeof data !== "object" || data === null) return undefined;
  const here = inObject(data);
  if (here !== undefined) return here;
  for (const name of NAMES) {
    const inner = atPath(data, name);
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
      const found = inObject(inner);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function inObject(data: object): readonly unknown[] | undefined {
  const found = lists(data);
  for (const name of NAMES) {
    const named = found.find(([key]) => key === name);
    if (named !== undefined) return named[1];
  }
  return found.length === 1 ? found[0]?.[1] : undefined;
}
