import { afterMissing, ledTo } from "./pointed.ts";
import type { PageStyle } from "./style.ts";

/** The `Link` header's `rel="next"` (RFC 8288); its absence is the end. */
export function byLink(): PageStyle {
  return {
    name: "link",
    spec: "link",
    first: {},
    next(page) {
      const { link } = page.signs;
      if (link !== undefined) return ledTo(page, { url: link });
      return afterMissing(page, "`Link` header with a next");
    },
  };
}
