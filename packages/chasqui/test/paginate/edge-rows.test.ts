import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EdgeRows } from "../../src/paginate/edge-rows.ts";

/** The first page of which a row is known; undefined where none is. */
function firstBack(pages: readonly (readonly unknown[])[]): number | undefined {
  const edges = new EdgeRows();
  const at = pages.findIndex((rows) => edges.take(rows));
  return at < 0 ? undefined : at + 1;
}

const rows = (...ids: (number | string)[]): { id: number | string }[] => ids.map((id) => ({ id }));

describe("the first and last rows of pages", () => {
  test.each<[string, readonly (readonly unknown[])[], number | undefined]>([
    ["ids that rise", [rows(1, 2), rows(3, 4), rows(5)], undefined],
    ["ids that fall", [rows(9, 8), rows(7), rows(6, 5)], undefined],
    ["ids in no order", [rows(3, 1), rows(9, 2), rows(4, 8)], undefined],
    ["ids that are text", [rows("b", "a"), rows("d", "c")], undefined],
    ["a last row again", [rows(1, 2), rows(2, 3)], 2],
    ["a last row again, falling", [rows(9, 8), rows(8, 7)], 2],
    ["a first row again, behind new ones", [rows(9, 8), rows(11, 10), rows(9, 8)], 3],
    ["a row of two pages before", [rows(1, 2), rows(3, 4), rows(7, 1)], 3],
    ["text again", [rows("b", "a"), rows("x", "b")], 2],
    ["a single row again", [rows(5), rows(5)], 2],
    ["rows in the middle are not looked for", [rows(1, 2, 3), rows(9, 2, 8)], undefined],
  ])("%s", (_name, pages, back) => {
    expect(firstBack(pages)).toBe(back);
  });

  test("an id that is that of several rows does not make them one", () => {
    const version = (id: number, of: number): unknown => ({ id, version: of });
    const falling = [
      [version(7, 1), version(3, 1)],
      [version(7, 2), version(3, 2)],
    ];
    expect(firstBack(falling)).toBeUndefined();
    expect(firstBack([...falling, [version(1, 1), version(3, 2)]])).toBe(3);
    const rising = [
      [version(1, 1), version(2, 1)],
      [version(3, 1), version(4, 1)],
      [version(4, 2), version(5, 1)],
    ];
    expect(firstBack(rising)).toBeUndefined();
  });

  test.each<[string, readonly (readonly unknown[])[]]>([
    ["rows without an id", [[{ user: "ann" }], [{ user: "ann" }]]],
    [
      "rows that are no objects",
      [
        [1, 2],
        [2, 3],
      ],
    ],
    ["ids that are objects", [[{ id: { a: 1 } }], [{ id: { a: 1 } }]]],
  ])("%s say nothing", (_name, pages) => {
    expect(firstBack(pages)).toBeUndefined();
  });

  test("a checkpoint has the last of them, as they were then", () => {
    const edges = new EdgeRows();
    edges.take(rows("b", "a"));
    const { count } = edges;
    edges.take(rows("d", "c"));
    const state = edges.lastOf(count);
    if (state === null) throw new Error("rows have ids");
    const other = new EdgeRows();
    other.resume(JSON.parse(JSON.stringify(state)));
    expect(other.take(rows("c", "d"))).toBe(false);
    expect(other.take(rows("x", "a"))).toBe(true);
  });
});

test("a list that grows at its front by any number between any two pages is known, if rows come back", () => {
  const walks = fc.record({
    size: fc.integer({ min: 1, max: 9 }),
    count: fc.integer({ min: 1, max: 60 }),
    falling: fc.boolean(),
    text: fc.boolean(),
    grows: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 })), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(walks, ({ size, count, falling, text, grows }) => {
      // The newest come first: their ids are the highest, or the lowest.
      let newest = 0;
      const made = (): number => (falling ? ++newest : --newest);
      let list = Array.from({ length: count }, made).reverse();
      const pages: { id: number | string }[][] = [];
      for (let page = 0; page * size < list.length && page < 40; page++) {
        pages.push(rows(...list.slice(page * size, (page + 1) * size).map((id) => (text ? `r${id}` : id))));
        list = [...Array.from({ length: grows[page] ?? 0 }, made).reverse(), ...list];
      }
      const ids = pages.flat().map(({ id }) => id);
      const isBack = new Set(ids).size < ids.length;
      // The last row of the page before is known elsewhere.
      const lastIsBack = pages.some((page, at) => page.some(({ id }) => id === pages[at - 1]?.at(-1)?.id));
      expect(lastIsBack || firstBack(pages) !== undefined).toBe(isBack);
    }),
    { seed: 20_260_104, numRuns: 3000 },
  );
});
