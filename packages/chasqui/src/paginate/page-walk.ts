import type { StandardSchemaV1 } from "@standard-schema/spec";
import { tellWalk } from "../errors/chasqui-error.ts";
import { DecodeError } from "../errors/decode-error.ts";
import type { Request } from "../request/request.ts";
import { askedWith } from "./asked-with.ts";
import { type Behind, checkpointOf } from "./behind.ts";
import { type Checkpoint, isFirst, refuseOther } from "./checkpoint.ts";
import { detect, withoutStyle } from "./detect.ts";
import { Evidence } from "./evidence.ts";
import type { Explanation } from "./explanation.ts";
import { fetchPage } from "./fetch-page.ts";
import { isJsonLines } from "./json-lines.ts";
import { Lookahead } from "./lookahead.ts";
import type { Page } from "./options.ts";
import { onPage } from "./page-error.ts";
import { type CameFrom, type PageCall, PageOrigin, type PageSource } from "./page-source.ts";
import { type Fetched, probe } from "./probe.ts";
import { Progress } from "./progress.ts";
import { checkedRows } from "./row-schema.ts";
import { pageLinks, readSigns } from "./signs.ts";
import type { Onward, PageRequest, PageSeen, PageStyle } from "./style.ts";
import { END } from "./style.ts";
import { Tally } from "./tally.ts";
import { readTotals, wholeNumbersIn } from "./total.ts";
import type { Walk } from "./walk.ts";

/** What is known behind the last page that was read. */
interface Standing {
  /** Undefined where the walk goes on from a checkpoint. */
  readonly from: CameFrom | undefined;
  readonly onward: Onward;
  readonly left: boolean;
}

/** One walk over the pages, from the first or from a checkpoint. */
export class PageWalk<T> {
  readonly #walk: Walk;
  readonly #source: PageSource;
  readonly #progress: Progress;
  readonly #lookahead: Lookahead | undefined;
  #style: PageStyle | undefined;
  readonly #evidence: Evidence;
  /** What the first page is asked with: its query, and the plain fields of a posted body. */
  #asked: URLSearchParams | undefined;
  #first: PageSeen | undefined;
  /** A page that was fetched to find out how pages are asked for, and proved to be the second. */
  #found: Fetched | undefined;
  #standing: Standing | undefined;
  readonly #tally: Tally;
  /** Where the walk stands behind the last page that was read whole, or the checkpoint that it goes on from. */
  #place: Behind | Checkpoint | undefined;
  /** The same of the page before. */
  #placeBefore: Behind | Checkpoint | undefined;
  #ended = false;
  /** The print of a first page that an earlier walk has given its caller already. */
  #given: string | undefined;
  #request: Request | undefined;

  constructor(walk: Walk, source: PageSource) {
    this.#walk = walk;
    this.#source = source;
    this.#style = walk.style?.();
    this.#evidence = new Evidence(this.#style === undefined ? "no page has been read" : "`by` says so");
    this.#tally = new Tally(walk);
    this.#progress = new Progress(walk, () => this.checkpoint);
    this.#lookahead = walk.prefetch || walk.concurrency > 1 ? new Lookahead() : undefined;
  }

  /** The next page, whether or not it has rows; undefined behind the last. */
  async next(): Promise<Page<T> | undefined> {
    try {
      const first = this.#asked === undefined ? this.#begin() : undefined;
      if (first !== undefined) {
        const page = await this.#read(first, undefined);
        if (this.#given === undefined) return page;
        this.#refuseOtherFirst(this.#given);
      }
      const onward = this.#standing?.onward ?? END;
      const asks = onward.kind === "next" ? onward.request : await this.#behind(onward);
      if (asks !== undefined) return await this.#read(this.#prepare(asks), asks);
      this.#ended = true;
      return undefined;
    } catch (error) {
      this.stop();
      const { pages = 0, rows = 0 } = this.#place ?? {};
      tellWalk(error, { pages, rows, partial: [] }, () => this.checkpoint);
      throw this.#source.adopt(error, this.#request);
    }
  }

  /** Gives up what is fetched ahead. */
  stop(): void {
    this.#lookahead?.stop();
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#checkpointAt(this.#place);
  }

  get before(): Checkpoint | undefined {
    return this.#checkpointAt(this.#placeBefore);
  }

  #checkpointAt(place: Behind | Checkpoint | undefined): Checkpoint | undefined {
    if (place === undefined || "version" in place) return place;
    return checkpointOf(place, { style: this.#style, progress: this.#progress, source: this.#source });
  }

  explain(): Explanation {
    const { pages, rows, duplicates, finder } = this.#progress;
    const style = this.#style;
    return {
      style: style?.name,
      by: style?.spec,
      reason: this.#evidence.reason,
      confidence: pages === 0 ? "unknown" : this.#evidence.confidence,
      rows: finder.path,
      ended: this.#ended,
      ...{
        pages,
        rowsRead: rows,
        duplicates,
        total: this.#tally.state.total ?? undefined,
        probes: this.#evidence.probes,
      },
    };
  }

  /** Makes the first page ready; undefined where the walk goes on from a checkpoint. */
  #begin(): PageCall | undefined {
    const call = this.#source.first(this.#style?.first ?? {});
    this.#request = call.request;
    this.#asked = askedWith(call.request.target, this.#walk.json, this.#style);
    const { from } = this.#walk;
    if (from === undefined) return call;
    refuseOther(from, this.#source.home);
    this.#place = from;
    if (isFirst(from)) {
      this.#given = from.seen[0] ?? "";
      return call;
    }
    this.#progress.resume(from);
    this.#evidence.given("the checkpoint says so");
    this.#tally.resume(from.tally);
    const { next, beyond, lost } = from;
    const end: Onward =
      lost !== null ? { kind: "lost", ...lost } : beyond === null ? END : { kind: "end", beyond };
    const onward: Onward = next === null ? end : { kind: "next", request: next };
    this.#standing = { from: undefined, onward, left: from.left };
    return undefined;
  }

  /** What asks for a page where the last one names none; undefined at the end. */
  async #behind(onward: Exclude<Onward, { kind: "next" }>): Promise<PageRequest | undefined> {
    if (onward.kind === "lost") {
      if (onward.silent === true && this.#style === undefined && this.#first !== undefined) {
        return this.#search(this.#first, onward);
      }
      throw this.#progress.error(onward.why, onward.message, { hint: onward.hint });
    }
    if (onward.beyond !== undefined && (await this.#isMore(onward.beyond))) return onward.beyond;
    const against = this.#tally.objection(this.#progress, this.#style, this.#asked ?? new URLSearchParams());
    if (against !== undefined) {
      throw this.#progress.error(against.why, against.message, { hint: against.hint });
    }
    const { mayLack, state } = this.#tally;
    if (mayLack) {
      this.#evidence.assumed(
        `${this.#evidence.reason}, but page ${state.shortPage} was shorter than another, and not the last`,
      );
    }
    return undefined;
  }

  /** Whether there is a page behind the last of which the server told. Its own word stands where it answers with an error. */
  async #isMore(beyond: PageRequest): Promise<boolean> {
    const page = await this.#look(beyond);
    if (page?.data === undefined) return false;
    const rows = this.#progress.look(page.data, page.response);
    // A server may answer with its last page, whatever comes behind it.
    if (rows === undefined || rows.length === 0 || this.#progress.isKnown(rows)) return false;
    this.#found = page;
    this.#evidence.doubt("there are more rows than the server says");
    return true;
  }

  /** Fetches a page to look at it; undefined where it may not be asked for, or is no data. */
  async #look(asks: PageRequest): Promise<Fetched | undefined> {
    const { from, left = false } = this.#standing ?? {};
    const call = this.#source.next(asks, from, left);
    if ("refused" in call) return undefined;
    try {
      return await this.#fetch(call, true);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  /** Whether the first page is the one that the caller has. */
  #refuseOtherFirst(given: string): void {
    this.#given = undefined;
    if (this.#progress.seen.lastOf(1)[0] === given) return;
    throw this.#progress.error(
      "shifted",
      "The first page is not the one that the checkpoint was made after",
      {
        hint: "Rows were written or deleted meanwhile, and this list shows no place in it to go on from: begin anew.",
      },
    );
  }

  /** The first page has said nothing of a second: it is asked for, in the usual ways, and other rows decide. */
  async #search(first: PageSeen, lost: Extract<Onward, { kind: "lost" }>): Promise<PageRequest | undefined> {
    const found = await probe({
      ...{ first, lost, source: this.#source, strict: this.#walk.strict },
      left: this.#standing?.left ?? false,
      rowsOf: (data, response) => this.#progress.look(data, response),
      fetch: (call) => this.#fetch(call, true),
    });
    this.#evidence.probed(found.probes);
    if (found.kind === "lost") {
      const { why, message, hint } = found;
      throw this.#progress.error(why, message, { hint });
    }
    if (found.kind === "complete" && found.confidence === "assumed") this.#evidence.assumed(found.reason);
    else this.#evidence.proven(found.reason);
    if (found.kind === "complete") return undefined;
    this.#style = found.style;
    this.#asked = found.asked;
    this.#first = undefined;
    this.#found = found.page;
    return found.request;
  }

  #prepare(asks: PageRequest): PageCall {
    const call = this.#source.next(asks, this.#standing?.from, this.#standing?.left ?? false);
    if (!("refused" in call)) return call;
    throw this.#progress.error("refused", `The next URL was not followed: ${call.refused}`);
  }

  async #read(call: PageCall, asks: PageRequest | undefined): Promise<Page<T>> {
    const progress = this.#progress;
    progress.begin(call, asks, this.#source);
    this.#request = call.request;
    const fetched = this.#found ?? (await this.#fetch(call, false));
    this.#found = undefined;
    const { response, data } = fetched;
    const found = progress.take(data, response, this.#evidence.guess);
    const seen = this.#seen(fetched, found);
    this.#checkTotal(seen);
    // Before the caller has the page: what it does to the rows or the body must not decide where the walk goes.
    const onward = this.#onward(seen);
    const before = progress.duplicates;
    const fresh = progress.fresh(found);
    this.#tally.notice(seen, fresh, progress.seen.last, this.#style, asks);
    this.#prove(seen, onward);
    const from = new PageOrigin(response);
    this.#standing = { from, onward, left: call.left };
    const { schema } = this.#walk;
    const rows = schema === undefined ? fresh : await this.#checked(fresh, schema, call);
    this.#fetchAhead(seen, onward, call.left);
    // Last: where something before it throws, nobody is given the page, and a checkpoint must not stand behind it.
    this.#remember(onward, from, call.left);
    const duplicates = progress.duplicates - before;
    // Without a schema the type is what the caller says of the API.
    return { number: progress.pages, rows: rows as readonly T[], duplicates, data, response };
  }

  #fetch(call: PageCall, probing: boolean): Promise<Fetched> {
    const awaited = { number: this.#progress.pages + 1, counts: this.#style?.counts, probing };
    return fetchPage(call, this.#lookahead, awaited);
  }

  async #checked(
    rows: readonly unknown[],
    schema: StandardSchemaV1,
    call: PageCall,
  ): Promise<readonly unknown[]> {
    try {
      return await checkedRows(rows, schema);
    } catch (error) {
      throw onPage(error, this.#progress.pages, call);
    }
  }

  #seen({ response, data }: Fetched, list: readonly unknown[]): PageSeen {
    const { pages, rows, firstCount } = this.#progress;
    const links = pageLinks(response);
    return {
      data,
      response,
      list,
      count: list.length,
      pages,
      rows,
      firstCount,
      signs: readSigns(data, response, links),
      totals: readTotals(data, response, this.#walk.total, this.#walk.json, links),
      asked: this.#asked ?? new URLSearchParams(),
      posted: this.#walk.json,
    };
  }

  /** A path that leads to no number would have the walk end wherever the server likes. */
  #checkTotal({ data, pages, count, totals }: PageSeen): void {
    const { total } = this.#walk;
    if (typeof total !== "string" || pages > 1 || count === 0 || totals.rows !== undefined) return;
    const paths = wholeNumbersIn(data);
    const there =
      paths.length === 0 ? "no whole number beside its rows" : `whole numbers at ${paths.join(", ")}`;
    throw this.#progress.error("undetected", `Page 1 has no number of rows at \`${total}\``, {
      hint: `\`total\` is the path of a whole number in the body; this one has ${there}.`,
    });
  }

  #onward(seen: PageSeen): Onward {
    if (this.#style === undefined) {
      if (isJsonLines(seen.response)) {
        this.#evidence.proven("the response is JSON Lines, which is one page");
        return END;
      }
      const detected = detect(seen);
      if (detected === undefined) {
        const reason = "the first page shows no way to another";
        const onward = withoutStyle(seen);
        if (onward.kind === "lost" && seen.pages === 1) this.#first = seen;
        if (onward.kind === "end") this.#evidence.proven(reason);
        else this.#evidence.unknown(reason);
        return onward;
      }
      this.#style = detected.style;
      this.#evidence.detected(detected.reason, seen);
    } else if (this.#evidence.confidence === "unknown") this.#evidence.given();
    return this.#style.next(seen);
  }

  #prove(seen: PageSeen, onward: Onward): void {
    if (this.#evidence.weigh(seen, onward, this.#walk.allowRepeats)) return;
    throw this.#progress.error("repeated", "Page 2 has no row that was not on page 1", {
      hint: "Does the server know the param that asks for a page? Say with `by` how pages are asked for.",
    });
  }

  /** Keeps where the walk stands behind a page that was read whole. */
  #remember(onward: Onward, from: CameFrom, left: boolean): void {
    const { pages, rows, duplicates, firstCount, seen, keys } = this.#progress;
    const { state: tally } = this.#tally;
    this.#placeBefore = this.#place;
    this.#place = {
      onward,
      from,
      left,
      tally,
      pages,
      rows,
      duplicates,
      firstCount,
      seen: seen.count,
      keys,
    };
  }

  #fetchAhead(seen: PageSeen, onward: Onward, left: boolean): void {
    const ahead = this.#lookahead;
    if (ahead === undefined || onward.kind !== "next") return;
    const { concurrency, maxPages, maxRows } = this.#walk;
    if (this.#progress.rows >= maxRows) return;
    const most = Math.min(concurrency, maxPages - this.#progress.pages);
    for (let by = 0; by < most; by++) {
      const asks = by === 0 ? onward.request : this.#style?.ahead?.(seen, by);
      if (asks === undefined) return;
      const call = this.#source.next(asks, seen.response, left);
      if ("refused" in call) return;
      ahead.fetch(call);
    }
  }
}
