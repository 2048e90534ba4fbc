import type { Answer } from "../answer/answer.ts";
import type { Ask, Param } from "../route.ts";
import type { Row } from "../rows/row.ts";

/** One page as a style shows it. Pages are counted from 0. */
export interface Page {
  readonly rows: readonly Row[];
  /** The page that was asked for. */
  readonly page: number;
  /** The first of its rows. A client may ask for any, and for another size on each page. */
  readonly from: number;
  readonly size: number;
  /** How many rows there are in all. */
  readonly total: number;
  /** The page that comes next, as the answer says it; undefined at the end. */
  readonly next: number | undefined;
}

/** What a request asks for, wherever the style has it: in the query, a header or the body. */
export interface Asked {
  readonly ask: Ask;
  /** The fields of a posted body; empty for GET. */
  readonly fields: Row;
  /** The resource that is walked. */
  readonly resource: string;
  /** The cursor of a place in the list that is walked. */
  cursorTo(from: number): string;
  /** The place that a cursor stands at. */
  placeOf(cursor: string): number;
  /** The place behind the row with an id. */
  placeAfter(id: number): number;
}

/** A way to tell a client which rows an answer has and where the others are. */
export interface Style {
  readonly name: string;
  readonly about: string;
  readonly method: "GET" | "POST";
  /** The path below `/paging/`; default the name and the resource. */
  readonly path?: string;
  /** Parameters of the query that are the style's own, and no filters. */
  readonly own: readonly string[];
  readonly params: readonly Param[];
  /** Whether the server says which page is next, rather than that the client counts. Only then can it say so wrongly. */
  readonly pointing: boolean;
  /** Whether a place in the list is that of a row, which stays when rows before it come or go. A number of a page or of rows moves. */
  readonly stable: boolean;
  /** The resource, where the path does not name it. */
  readonly resource?: (fields: Row) => string;
  /** The page that is asked for, from 0, the first of its rows, and how many it may have. */
  read(asked: Asked): { readonly page: number; readonly from: number; readonly size: number };
  show(page: Page, url: URL, asked: Asked): Answer;
}
