import { textOf } from "../rows/row.ts";

/** Whether any value inside, however deep, contains the text, which is in lower case. Keys are not searched. */
export function contains(value: unknown, text: string): boolean {
  if (typeof value === "object" && value !== null) {
    return Object.values(value).some((inner) => contains(inner, text));
  }
  return value !== undefined && value !== null && textOf(value).toLowerCase().includes(text);
}
