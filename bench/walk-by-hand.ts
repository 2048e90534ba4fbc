import type { Row } from "./scenario.ts";

/** A page, as a loop by hand has it. */
export interface HandPage {
  readonly rows: unknown;
  readonly link: unknown;
}

function isRows(value: unknown): value is readonly Row[] {
  return Array.isArray(value);
}

/** The sum of the ids of some rows. */
export function sumOf(rows: unknown): number {
  if (!isRows(rows)) throw new Error("the page has no rows");
  let sum = 0;
  for (const { id } of rows) sum += id;
  return sum;
}

/** The loop that everybody writes who has no walk: page by page, as long as the `Link` header names a next one. */
export async function walkByHand(
  first: string,
  fetchPage: (url: string) => Promise<HandPage>,
): Promise<number> {
  let sum = 0;
  for (let url: string | undefined = first; url !== undefined; ) {
    const { rows, link }: HandPage = await fetchPage(url);
    sum += sumOf(rows);
    url = typeof link === "string" ? /<([^>]*)>; *rel="next"/.exec(link)?.[1] : undefined;
  }
  return sum;
}
