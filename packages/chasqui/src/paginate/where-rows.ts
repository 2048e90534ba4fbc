import { isObject } from "./body-path.ts";

const DEPTH = 5;
/** Places that are named; more of them would be a guess. */
const MOST = 4;

/** Where rows may be in a body that shows no list at once: a hint for who has to say it. Names alone, no values. */
export function whereRowsMayBe(data: unknown): string {
  const lists: string[] = [];
  const maps: string[] = [];
  const look = (value: unknown, path: string, depth: number): void => {
    if (Array.isArray(value) && path !== "") lists.push(path);
    if (!isObject(value) || Array.isArray(value) || depth > DEPTH) return;
    if (path !== "" && isMap(value)) maps.push(path);
    for (const key of Object.keys(value)) look(value[key], path === "" ? key : `${path}.${key}`, depth + 1);
  };
  look(data, "", 0);
  const places = [
    ...lists.map((path) => `rows: ${JSON.stringify(path)}`),
    ...maps.map((path) => `rows: { map: ${JSON.stringify(path)} }`),
  ].slice(0, MOST);
  return places.length === 0
    ? 'Say where they are with `rows`, such as "data.items", or a function of the body.'
    : `Say with \`rows\` where they are: ${places.join(", or ")}; or a function of the body.`;
}

/** Whether an object looks like a map of records or of numbers: all that it has is of one kind. */
function isMap(value: Readonly<Record<string, unknown>>): boolean {
  const values = Object.values(value);
  const records = values.every((entry) => isObject(entry) && !Array.isArray(entry));
  return values.length > 1 && (records || values.every((entry) => typeof entry === "number"));
}
