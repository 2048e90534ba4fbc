import { DecodeError } from "../errors/decode-error.ts";
import type { Response } from "../response/response.ts";
import { candidates } from "./detect.ts";
import type { Confidence } from "./explanation.ts";
import { askedSize } from "./page-size.ts";
import type { PageCall, PageSource } from "./page-source.ts";
import { FirstPage } from "./proof.ts";
import type { Onward, PageRequest, PageSeen, PageStyle } from "./style.ts";

type Lost = Extract<Onward, { kind: "lost" }>;

/** A page that was fetched; one with a bad status has no data. */
export interface Fetched {
  readonly response: Response;
  readonly data: unknown;
}

/** What a search for the second page has to work with. */
export interface Search {
  readonly first: PageSeen;
  /** What is wrong if nothing is found. */
  readonly lost: Lost;
  readonly source: PageSource;
  readonly left: boolean;
  readonly strict: boolean;
  rowsOf(data: unknown, response: Response): readonly unknown[];
  /** Fetches a page, whatever its status. */
  fetch(call: PageCall): Promise<Fetched>;
}

/** What came of it. `probes` are the requests, in words. */
export type Probed = { readonly probes: readonly string[] } & (
  | {
      readonly kind: "found";
      readonly style: PageStyle;
      readonly reason: string;
      readonly request: PageRequest;
      readonly asked: URLSearchParams;
      readonly page: Fetched;
    }
  | { readonly kind: "complete"; readonly reason: string; readonly confidence: Confidence }
  | Lost
);

/** A status with which a server says that it does not know such a page or param, rather than that something is wrong. */
const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([400, 404, 405, 406, 410, 416, 422]);

/**
 * Asks for a second page in the ways that APIs have, in the dialect of the request's own params first. Other rows decide for a
 * way. An empty page says that the param is understood, and that there is no more. The same rows say that it is not.
 */
export async function probe(search: Search): Promise<Probed> {
  const { first, source, left } = search;
  const proof = new FirstPage(first.list);
  const probes: string[] = [];
  let empty: string | undefined;
  let overlapping: Probed | undefined;
  for (const { style, reason } of candidates(first)) {
    const asked = withStart(first.asked, style);
    const onward = style.next({ ...first, asked });
    if (onward.kind !== "next") continue;
    const call = source.next(onward.request, first.response, left);
    if ("refused" in call) continue;
    const page = await fetched(search, call);
    const params = "params" in onward.request ? (onward.request.params ?? {}) : {};
    const name = new URLSearchParams(params).toString();
    const rows = page?.data === undefined ? [] : search.rowsOf(page.data, page.response);
    const shared = proof.shared(rows);
    if (page?.data === undefined) probes.push(`${name}: not understood`);
    else if (rows.length === 0) {
      probes.push(`${name}: no rows`);
      empty ??= name;
    } else if (shared === rows.length) probes.push(`${name}: the same rows`);
    else if (shared > 0) {
      probes.push(`${name}: some of the same rows`);
      overlapping ??= { kind: "found", style, reason, request: onward.request, asked, page, probes };
    } else {
      probes.push(`${name}: other rows`);
      return { kind: "found", style, reason, request: onward.request, asked, page, probes };
    }
  }
  // Rows may have been written meanwhile: a way that brings others beside some of the same is better than none.
  return overlapping ?? { ...nothingFound(search, empty), probes };
}

async function fetched(search: Search, call: PageCall): Promise<Fetched | undefined> {
  try {
    const page = await search.fetch(call);
    const { response } = page;
    if (!response.ok && !NOT_UNDERSTOOD.has(response.status)) throw response.statusError();
    return page;
  } catch (error) {
    // A page for people instead of data says that there is no such page.
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** What the first page was asked with, had it said the number that it was given without asking. */
function withStart(asked: URLSearchParams, style: PageStyle): URLSearchParams {
  const started = new URLSearchParams(asked);
  for (const [name, value] of Object.entries(style.first.params ?? {}))
    if (!started.has(name)) started.set(name, value);
  return started;
}

function nothingFound(
  { first, lost, strict }: Search,
  empty: string | undefined,
): Lost | { kind: "complete"; reason: string; confidence: Confidence } {
  const { totals, signs, count, asked } = first;
  if (signs.more !== undefined) return lost;
  if (totals.most > count || (totals.pages ?? 0) > 1) return { ...lost, why: "truncated" };
  if (empty !== undefined) {
    return { kind: "complete", reason: `\`${empty}\` has no rows`, confidence: "proven" };
  }
  const size = askedSize(asked);
  if (size !== undefined && count >= size.size) {
    return {
      kind: "lost",
      why: "truncated",
      message: `The first page is as full as it was asked to be (\`${size.name}=${size.size}\`), and shows no way to another`,
      hint: "Say with `by` how pages are asked for; `single: true` where no more than these rows are wanted.",
    };
  }
  if (strict) return lost;
  return {
    kind: "complete",
    reason: "the first page shows no way to another, and asking for one brought no other rows",
    confidence: "assumed",
  };
}
