import { atPath } from "./body-path.ts";
import type { PageStyle } from "./style.ts";

/** `?cursor=abc`, with what the body of the last page gave; its absence, null, false or an empty string is the end. */
export function byCursor(path: string, param: string): PageStyle {
  return {
    first: { params: {} },
    next({ data }) {
      const cursor = atPath(data, path);
      if (typeof cursor === "number") return { params: { [param]: cursor } };
      return typeof cursor === "string" && cursor !== "" ? { params: { [param]: cursor } } : undefined;
    },
  };
}
