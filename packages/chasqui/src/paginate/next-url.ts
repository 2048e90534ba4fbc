import { atPath } from "./body-path.ts";
import { afterMissing, ledTo, notUnderstood } from "./pointed.ts";
import { urlIn } from "./signs.ts";
import { END, type PageStyle } from "./style.ts";

/**
 * The URL of the next page as the body gives it, absolute or relative to the page; HAL's and JSON:API's `{ href }` too. Its
 * absence, null, false or an empty string is the end.
 */
export function byNextUrl(path: string): PageStyle {
  return {
    name: "next",
    spec: { next: path },
    first: {},
    next(page) {
      const found = atPath(page.data, path);
      const url = urlIn(found);
      if (typeof url === "string" && url.trim() !== "") return ledTo(page, { url });
      if (found === undefined) return afterMissing(page, `\`${path}\``);
      if (url === null || url === false || typeof url === "string") return END;
      return notUnderstood(page, path, found, "a URL");
    },
  };
}
