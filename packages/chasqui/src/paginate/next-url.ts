import { atPath } from "./body-path.ts";
import type { PageStyle } from "./style.ts";

/** The URL of the next page as the body gives it, absolute or relative to the page; HAL's `{ href }` too. */
export function byNextUrl(path: string): PageStyle {
  return {
    first: { params: {} },
    next({ data, response }) {
      const found = atPath(data, path);
      const href = typeof found === "object" && found !== null ? atPath(found, "href") : found;
      if (typeof href !== "string" || href === "") return undefined;
      return { url: URL.parse(href, response.url)?.href ?? href };
    },
  };
}
