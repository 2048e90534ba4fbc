import type { Answer } from "../answer/answer.ts";
import { type Ask, query, type Route } from "../route.ts";
import type { World } from "../world.ts";
import { FAULTS, type PagingFault } from "./faults.ts";
import { pageSize, rowsToPage } from "./rows.ts";
import { STYLES, type Style } from "./style.ts";

/** Every style over the same rows, and its faulty twins. */
export const pagingRoutes: readonly Route[] = [...STYLES.map(honest), ...STYLES.flatMap(twins)];

function honest(style: Style): Route {
  return {
    methods: ["GET"],
    path: `/paging/${style.name}/:resource`,
    topic: "Paging",
    summary: `Pages by ${style.about}`,
    params: [...style.params, query("{field}", "the filters of the lists")],
    handle: (ask, world) => answer(ask, world, style, undefined),
  };
}

function twins(style: Style): Route[] {
  return FAULTS.filter((fault) => style.pointing || !fault.needsPointing).map((fault) => ({
    methods: ["GET"],
    path: `/paging/faulty/${fault.name}/${style.name}/:resource`,
    topic: "Paging that goes wrong",
    summary: fault.about,
    params: [...style.params, ...fault.params],
    handle: (ask, world) => answer(ask, world, style, fault),
  }));
}

function answer(ask: Ask, world: World, style: Style, fault: PagingFault | undefined): Answer {
  const own = [style.pageParam, style.sizeParam, ...(fault?.params ?? []).map(({ name }) => name)];
  const selection = rowsToPage(ask, world, own);
  const size = pageSize(ask, style.sizeParam);
  const { page, from } = style.read(ask, size);
  const url = new URL(ask.req.url);
  const slice = (first: number) => {
    const start = Math.min(first, selection.count);
    return selection.slice(start, Math.min(start + size, selection.count));
  };
  if (fault) return fault.answer({ ask, world, style, page, size, from, url, slice, total: selection.count });
  const next = from + size < selection.count ? page + 1 : undefined;
  return style.show({ rows: slice(from), page, from, size, total: selection.count, next }, url);
}
