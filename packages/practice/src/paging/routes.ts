import { type Answer, json } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import { Refusal } from "../refusal.ts";
import { type Ask, query, type Route, urlOf } from "../route.ts";
import type { World } from "../world.ts";
import { FAULTS, type PagingFault } from "./faults.ts";
import { cursorTo, placeAfter, placeOf } from "./place.ts";
import { rowsToPage } from "./rows.ts";
import type { Asked, Style } from "./style.ts";
import { STYLES } from "./styles.ts";

const TICK = query("tick", "a whole number: at each, a tenth of the rows has another updated_at (0)");
const SINCE = query("updated_at_gte", "rows that were written then or later");

/** Every style over the same rows, and its faulty twins. */
export const pagingRoutes: readonly Route[] = [...STYLES.map(honest), ...STYLES.flatMap(twins)];

function honest(style: Style): Route {
  return {
    methods: [style.method],
    path: `/paging/${style.path ?? `${style.name}/:resource`}`,
    topic: "Paging",
    summary: `Pages by ${style.about}`,
    params: [...style.params, TICK, SINCE, query("{field}", "the filters of the lists")],
    handle: (ask, world) => answer(ask, world, style, undefined),
  };
}

function twins(style: Style): Route[] {
  return FAULTS.filter((fault) => style.pointing || !fault.needsPointing).map((fault) => ({
    methods: [style.method],
    path: `/paging/faulty/${fault.name}/${style.path ?? `${style.name}/:resource`}`,
    topic: "Paging that goes wrong",
    summary: fault.about,
    params: [...style.params, ...fault.params],
    handle: (ask, world) => answer(ask, world, style, fault),
  }));
}

async function answer(ask: Ask, world: World, style: Style, fault: PagingFault | undefined): Promise<Answer> {
  const fields = style.method === "POST" ? await readFields(ask.req.raw) : {};
  const own = [...style.own, "tick", "updated_at_gte", ...(fault?.params ?? []).map(({ name }) => name)];
  try {
    const resource = style.resource?.(fields) ?? ask.req.param("resource") ?? "";
    const kept = own.filter((name) => name !== "updated_at_gte");
    const selection = rowsToPage(ask, world, resource, kept);
    const asked: Asked = {
      ...{ ask, fields, resource },
      cursorTo: (from) => cursorTo(selection, from),
      placeOf: (cursor) => placeOf(selection, cursor),
      placeAfter: (id) => placeAfter(selection, id),
    };
    const { page, from, size } = style.read(asked);
    const url = urlOf(ask);
    const slice = (first: number, count: number = size) => {
      const start = Math.min(Math.max(0, first), selection.count);
      return selection.slice(start, Math.min(start + count, selection.count));
    };
    const total = selection.count;
    if (fault) return fault.answer({ asked, world, style, page, size, from, url, slice, total });
    const next = from + size < total ? page + 1 : undefined;
    return style.show({ rows: slice(from), page, from, size, total, next }, url, asked);
  } catch (error) {
    // GraphQL's own way: 200, and what is wrong in the body.
    if (style.name !== "graphql" || !(error instanceof Refusal)) throw error;
    return json({ data: null, errors: [{ message: error.message }] });
  }
}
