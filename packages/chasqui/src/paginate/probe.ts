import type { Response } from "../response/response.ts";
import { type Candidate, candidates } from "./candidates.ts";
import type { Confidence } from "./explanation.ts";
import { byPageNumber } from "./page-number.ts";
import { askedSize } from "./page-size.ts";
import type { PageCall, PageSource } from "./page-source.ts";
import { FirstPage } from "./proof.ts";
import { asking, type Onward, type PageRequest, type PageSeen, type PageStyle } from "./style.ts";

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
  /** The rows of a page; undefined where it says that it failed. */
  rowsOf(data: unknown, response: Response): readonly unknown[] | undefined;
  /** Fetches a page, whatever its status. */
  fetch(call: PageCall): Promise<Fetched>;
}

/** A way to the second page, and that page. */
interface Way {
  readonly style: PageStyle;
  readonly reason: string;
  readonly request: PageRequest;
  readonly asked: URLSearchParams;
  readonly page: Fetched;
}

/** What came of it. `probes` are the requests, in words. */
export type Probed = { readonly probes: readonly string[] } & (
  | ({ readonly kind: "found" } & Way)
  | { readonly kind: "complete"; readonly reason: string; readonly confidence: Confidence }
  | Lost
);

/** A status with which a server says that it does not know such a page or param, rather than that something is wrong. */
const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([400, 404, 405, 406, 410, 416, 422]);

/** What a page that was asked for has, beside the first. */
type Answer = "others" | "some" | "same" | "none" | "not understood";

const WORDS: Readonly<Record<Answer, string>> = {
  others: "other rows",
  some: "some of the same rows",
  same: "the same rows",
  none: "no rows",
  "not understood": "not understood",
};

/**
 * Asks for a second page in the ways that APIs have, in the dialect of the request's own params first. Other rows decide for a
 * way. An empty page says that the param is understood, and that there is no more. The same rows say that it is not.
 *
 * Where pages have numbers, `page=2` is the third of an API that counts from 0: so `page=1` is asked for, too, before it is
 * believed, whether it brought rows or none.
 */
export async function probe(search: Search): Promise<Probed> {
  const probing = new Probing(search);
  let empty: string | undefined;
  let overlapping: Way | undefined;
  for (const candidate of candidates(search.first)) {
    const second = await probing.ask(candidate);
    if (second === undefined) continue;
    const { param, counts, shown } = candidate;
    const { answer } = second;
    const { probes } = probing;
    if (counts === "pages" && answer !== "same" && answer !== "some") {
      const first = await probing.ask1(param);
      if (first?.answer === "others") return { kind: "found", ...first, probes };
      // The param is understood beyond doubt: nothing else is worth a try.
      if (answer === "none" && first?.answer === "same") return { ...nothingFound(search, shown), probes };
    }
    if (answer === "others") return { kind: "found", ...second, probes };
    if (answer === "some") overlapping ??= second;
    if (answer === "none" && counts !== undefined) empty ??= shown;
  }
  const { probes } = probing;
  // Rows may have been written meanwhile: a way that brings others beside some of the same is better than none.
  if (overlapping !== undefined) return { kind: "found", ...overlapping, probes };
  return { ...nothingFound(search, empty), probes };
}

class Probing {
  readonly probes: string[] = [];
  readonly #search: Search;
  readonly #proof: FirstPage;

  constructor(search: Search) {
    this.#search = search;
    this.#proof = new FirstPage(search.first.list);
  }

  /** Asks for the second page in one way; undefined where that cannot be asked for. */
  async ask({ style, request, reason, shown }: Candidate): Promise<(Way & { answer: Answer }) | undefined> {
    const { first, source, left } = this.#search;
    const call = source.next(request, first.response, left);
    if ("refused" in call) return undefined;
    const page = await fetched(this.#search, call);
    const answer = this.#answerOf(page);
    this.probes.push(`${shown}: ${WORDS[answer]}`);
    return {
      ...{ style, reason, request, answer, page, asked: withStart(first.asked, style) },
    };
  }

  /** Asks for `page=1`, which has other rows than the first page where that one was page 0. */
  ask1(param: string): Promise<(Way & { answer: Answer }) | undefined> {
    const [style, request] = [byPageNumber(param, 0, "query"), asking("query", param, 1)];
    const shown = `${param}=1`;
    return this.ask({
      style,
      request,
      reason: `\`${shown}\` brought other rows`,
      shown,
      param,
      counts: "pages",
    });
  }

  #answerOf(page: Fetched): Answer {
    const rows = page.data === undefined ? undefined : this.#search.rowsOf(page.data, page.response);
    if (rows === undefined) return "not understood";
    if (rows.length === 0) return "none";
    const shared = this.#proof.shared(rows);
    if (shared === 0) return "others";
    return shared === rows.length ? "same" : "some";
  }
}

async function fetched(search: Search, call: PageCall): Promise<Fetched> {
  const page = await search.fetch(call);
  const { response } = page;
  if (!response.ok && !NOT_UNDERSTOOD.has(response.status)) throw response.statusError();
  return page;
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
  if (totals.rows === count || totals.pages === 1) {
    const all = totals.rows === undefined ? "there is one page" : `there are ${totals.rows} rows`;
    const reason = `the server says that ${all}, and asking for more brought none`;
    return { kind: "complete", reason, confidence: "proven" };
  }
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
