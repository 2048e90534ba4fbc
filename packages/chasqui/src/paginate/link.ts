import type { PageStyle } from "./style.ts";

/** The `Link` header's `rel="next"` (RFC 8288); its absence is the end. */
export const byLink: PageStyle = {
  first: { params: {} },
  next({ response }) {
    const next = response.links.next;
    return next === undefined ? undefined : { url: next.url };
  },
};
