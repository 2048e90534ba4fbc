import { isObject } from "./body-path.ts";

/** Names under which APIs keep what they say of a list beside its rows. */
const CONTAINERS: ReadonlySet<string> = new Set([
  ...["meta", "_meta", "metadata", "pagination", "paging", "page", "pageInfo", "page_info", "paginate"],
  ...["links", "_links", "response_metadata", "info", "cursors", "cursor", "next"],
  // Where rows and what is said of them stand together one level down.
  ...["data", "result", "response", "payload", "d", "hits"],
]);

const DEPTH = 3;

/** Calls back with each key beside the rows: its name, its dotted path, and its value. No list is entered. */
export function eachField(
  data: unknown,
  visit: (key: string, path: string, value: unknown) => void,
  prefix: string = "",
  depth: number = 1,
): void {
  if (!isObject(data) || Array.isArray(data)) return;
  for (const key of Object.keys(data)) {
    const value = data[key];
    const path = prefix + key;
    visit(key, path, value);
    if (depth < DEPTH && CONTAINERS.has(key)) eachField(value, visit, `${path}.`, depth + 1);
  }
}
