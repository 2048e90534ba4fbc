import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atPath } from "../../src/paginate/body-path.ts";
import { printOfText, SeenPages } from "../../src/paginate/fingerprint.ts";
import { findRows } from "../../src/paginate/rows.ts";
import {
  queryOf,
  withMissing,
  withoutPairs,
  withPairsOf,
  withParams,
} from "../../src/request/target-query.ts";

describe("what stands at a path", () => {
  test.each<[unknown, string, unknown]>([
    [{ a: 1 }, "a", 1],
    [{ a: { b: { c: 1 } } }, "a.b.c", 1],
    [{ "@odata.nextLink": "x" }, "@odata.nextLink", "x"],
    [{ d: { "odata.next": "x" } }, "d.odata.next", "x"],
    [{ a: [{ b: 1 }] }, "a.0.b", 1],
    [{ a: null }, "a", null],
    [{ a: null }, "a.b", undefined],
    [{ a: "text" }, "a.length", undefined],
    [{}, "toString", undefined],
    [{}, "__proto__.toString", undefined],
    [[1], "0", 1],
    [null, "a", undefined],
    ["text", "0", undefined],
  ])("in %j at %s", (data, path, found) => {
    expect(atPath(data, path)).toEqual(found);
  });
});

describe("where rows may be, for who has to say it", () => {
  test.each<[unknown, string]>([
    [{ response: { result: { items: [{ id: 1 }] } } }, 'rows: "response.result.items"'],
    [{ rates: { EUR: 0.9, USD: 1.1 } }, 'rows: { map: "rates" }'],
    [{ users: { ann: { age: 1 }, bob: { age: 2 } } }, 'rows: { map: "users" }'],
    [{ pages: { 1: [1], 2: [2] } }, 'rows: "pages.1", or rows: "pages.2"'],
    [{ id: 1, name: "s3cret" }, '"data.items"'],
    [null, '"data.items"'],
    [{ a: { b: { c: { d: { e: { f: { g: [1] } } } } } } }, '"data.items"'],
  ])("%j", (body, place) => {
    const found = findRows(body);
    expect(found).toMatchObject({ hint: expect.stringContaining(place) });
    expect(JSON.stringify(found)).not.toContain("s3cret");
  });
});

describe("where the rows are", () => {
  const list = [{ id: 1 }];
  test.each<[unknown, string | undefined]>([
    [list, undefined],
    [[], undefined],
    [{ data: list }, "data"],
    [{ items: list, tags: ["a"] }, "items"],
    [{ posts: list, total: 1 }, "posts"],
    [{ data: list, included: [{ id: 9 }] }, "data"],
    [{ customers: list, links: [] }, "customers"],
    [{ data: { items: list } }, "data.items"],
    [{ data: { posts: list, errors: [] } }, "data.posts"],
    [{ _embedded: { orders: list } }, "_embedded.orders"],
    [{ d: { results: list } }, "d.results"],
    [{ hits: { hits: list, total: 1 } }, "hits.hits"],
    [{ "hydra:member": list }, "hydra:member"],
    [{ value: list, "@odata.count": 1 }, "value"],
    [{ items: null }, "items"],
  ])("%j", (body, path) => {
    expect(findRows(body)).toEqual({ rows: path === undefined ? body : (atPath(body, path) ?? []), path });
  });

  test.each<[unknown, string]>([
    [{}, "no list"],
    [null, "no list"],
    ["text", "no list"],
    [7, "no list"],
    [{ id: 1, name: "x" }, "no list"],
    [{ errors: [{ code: 1 }] }, "no list"],
    [{ data: { id: 1 } }, "no list"],
    [{ a: list, b: list }, "`a`, `b`"],
    [{ items: list, results: list }, "`items`, `results`"],
    [{ data: { a: list, b: list } }, "`data.a`, `data.b`"],
  ])("of %j they cannot be told", (body, why) => {
    expect(findRows(body)).toMatchObject({
      problem: expect.stringContaining(why),
      hint: expect.stringContaining("rows"),
    });
  });
});

describe("changes to a query leave the rest as it was written", () => {
  test.each<[string, Record<string, string>, string]>([
    ["/a", { page: "2" }, "/a?page=2"],
    ["/a?", { page: "2" }, "/a?page=2"],
    ["/a?page=1", { page: "2" }, "/a?page=2"],
    ["/a?x=%2f+%20&page=1&y", { page: "2" }, "/a?x=%2f+%20&page=2&y"],
    ["/a?page=1&page=3", { page: "2" }, "/a?page=2"],
    ["/a?p%61ge=1", { page: "2" }, "/a?page=2"],
    ["/a?page%5Bnumber%5D=1", { "page[number]": "2" }, "/a?page%5Bnumber%5D=2"],
    ["/a?mypage=1", { page: "2" }, "/a?mypage=1&page=2"],
    ["/a", { cursor: "a b&c=d#é" }, "/a?cursor=a+b%26c%3Dd%23%C3%A9"],
  ])("%s with %o is %s", (target, params, wanted) => {
    expect(withParams(target, params)).toBe(wanted);
    expect(queryOf(wanted).get(Object.keys(params)[0] ?? "")).toBe(Object.values(params)[0]);
  });

  test("params that lack are added, those that are there stay", () => {
    expect(withMissing("/a?page=3", { page: "1", limit: "5" })).toBe("/a?page=3&limit=5");
    expect(withMissing("/a?page=", { page: "1" })).toBe("/a?page=");
  });

  test("pairs of another target come as they are written there", () => {
    expect(withPairsOf("/b?lang=de", "/a?key=%41&lang=en&mine=1", new Set(["key", "lang"]))).toBe(
      "/b?lang=de&key=%41",
    );
    expect(withPairsOf("/b", "/a?key=1&key=2", new Set(["key"]))).toBe("/b?key=1&key=2");
    expect(withPairsOf("/b", "/a", new Set(["key"]))).toBe("/b");
  });

  test("unwanted pairs are known by what they mean, not by how they are written", () => {
    const secret = (name: string, value: string): boolean => name === "key" && value === "a b";
    expect(withoutPairs("/a?key=a+b&x=1&k%65y=a%20b&key=c", secret)).toBe("/a?x=1&key=c");
    expect(withoutPairs("/a?key=a+b", secret)).toBe("/a");
    expect(withoutPairs("/a?x=%2f", secret)).toBe("/a?x=%2f");
  });
});

describe("pages with the same rows", () => {
  /** For each page, whether it is told as a repetition of an earlier one. */
  const told = (pages: readonly (readonly unknown[])[]): boolean[] => {
    const seen = new SeenPages();
    return pages.map((rows) => seen.isRepeat(rows));
  };
  const [a, b, c] = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ] as const;
  const [x, y, z] = [
    [0, 1, 0, 0, 0],
    [0, 2, 0, 0, 0],
    [0, 3, 0, 0, 0],
  ] as const;
  const many = (from: number): number[] => Array.from({ length: 1000 }, (_, at) => from + at);

  test.each<[string, readonly (readonly unknown[])[], boolean[]]>([
    ["that all differ", [a, b, c], [false, false, false]],
    ["one after the other", [a, b, b], [false, false, true]],
    ["the first again", [a, b, c, a], [false, false, false, true]],
    ["a later one again", [a, b, c, b], [false, false, false, true]],
    ["different in one row of a few", [x, y, z], [false, false, false]],
    ["different in one row of a few, a later one again", [a, x, y, z, y], [false, false, false, false, true]],
    ["of many", [many(0), many(1000), many(0)], [false, false, true]],
    ["of many, moved by one", [many(0), many(1), many(2)], [false, false, false]],
    ["of many, different in the last", [many(0), [...many(0).slice(0, -1), -1]], [false, false]],
    ["one row", [[1], [2], [1]], [false, false, true]],
    ["of other order", [a, [3, 2, 1]], [false, false]],
    ["shorter", [a, [1, 2]], [false, false]],
    ["bigints", [[1n], [2n], [2n]], [false, false, true]],
    ["nothing to write", [[undefined], [undefined]], [false, true]],
  ])("%s", (_name, pages, wanted) => {
    expect(told(pages)).toEqual(wanted);
  });

  const ids = (...of: number[]): object[] => of.map((id) => ({ id, name: `row ${id}` }));
  test.each<[string, readonly (readonly unknown[])[], boolean[]]>([
    ["the first again", [ids(1, 2), ids(3, 4), ids(5), ids(1, 2)], [false, false, false, true]],
    ["a later one again", [ids(1, 2), ids(3, 4), ids(5), ids(3, 4)], [false, false, false, true]],
    ["falling, again", [ids(9, 8), ids(7, 6), ids(5), ids(7, 6), ids(5)], [false, false, false, true, true]],
    ["the last one again", [ids(1, 2), ids(3, 4), ids(3, 4)], [false, false, true]],
    ["one row each, again", [ids(1), ids(2), ids(3), ids(2)], [false, false, false, true]],
    ["others behind", [ids(5, 6), ids(7, 8), ids(1, 2), ids(3, 4)], [false, false, false, false]],
    ["one that overlaps", [ids(1, 2), ids(3, 4), ids(4, 5), ids(4, 5)], [false, false, false, true]],
    [
      "the same ids with other names",
      [ids(1), ids(2), ids(3), [{ id: 2, name: "new" }]],
      [false, false, false, true],
    ],
    [
      "numbers of several rows each",
      [
        ids(1, 2),
        [
          { id: 1, name: "b" },
          { id: 2, name: "b" },
        ],
      ],
      [false, false],
    ],
  ])("known by ids that rise or fall: %s", (_name, pages, wanted) => {
    expect(told(pages)).toEqual(wanted);
  });

  test("a page is one that came before, or none, whatever the order of its ids", () => {
    const page = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 });
    const climbing = fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 8 })
      .map((sizes) => sizes.map((size, at) => Array.from({ length: size }, (_, row) => at * 3 + row + 1)));
    fc.assert(
      fc.property(climbing, fc.array(page, { maxLength: 8 }), fc.boolean(), (first, rest, resumed) => {
        const before = new SeenPages();
        for (const of of first) expect(before.isRepeat(ids(...of))).toBe(false);
        const seen = resumed ? new SeenPages() : before;
        if (resumed) seen.add(before.lastOf(before.count));
        const known = new Set(first.map(String));
        for (const of of rest) {
          expect(seen.isRepeat(ids(...of))).toBe(known.has(String(of)));
          known.add(String(of));
        }
      }),
      { seed: 4, numRuns: 2000 },
    );
  });

  test.each([0, 5, 63, 64, 95, 96, 97, 100, 200])(
    "the last 32 of %i are at hand, and those of a page before",
    (count) => {
      const seen = new SeenPages();
      const prints = Array.from({ length: count }, (_, at) => `print ${at}`);
      seen.add(prints);
      expect(seen.lastOf(seen.count)).toEqual(prints.slice(-32));
      expect(seen.lastOf(Math.max(0, seen.count - 1))).toEqual(prints.slice(0, -1).slice(-32));
    },
  );

  test.each([1, 2, 4, 5, 100])(
    "what was compared of %i rows ends with the last of them, alike or not",
    (count) => {
      const seen = new SeenPages();
      const rows = Array.from({ length: count }, (_, at) => at);
      for (const page of [rows.map((id) => ({ id })), rows.map((at) => ({ last: at === count - 1 }))]) {
        seen.isRepeat(page);
        expect(JSON.parse(seen.last).at(-1)).toEqual(page.at(-1));
      }
    },
  );
});

describe("the print that a question is remembered by", () => {
  test.each([
    ["numbers that are counted up", (at: number) => `GET http://api.test/items?page=${at}&per_page=100`],
    ["offsets, far apart", (at: number) => `GET http://api.test/items?offset=${at * 1000}&limit=1000`],
    ["ids at the front", (at: number) => `GET http://api.test/${at}/items?after=${"x".repeat(300)}`],
    ["cursors", (at: number) => `GET http://api.test/items?cursor=${btoa(`{"id":${at},"dir":"next"}`)}`],
    ["bodies of bits", (at: number) => `POST http://api.test/s ${at.toString(2).padStart(18, "0")}`],
  ])("is another for each of 200,000: %s", (_, question) => {
    const prints = new Set<number>();
    for (let at = 0; at < 200_000; at++) prints.add(printOfText(question(at)));
    expect(prints.size).toBe(200_000);
    for (const print of prints) if (!Number.isSafeInteger(print) || print < 0) expect.fail(`${print}`);
  });

  test("is the same for the same text, however it came about", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(), (text, at) => {
        expect(printOfText(text.slice(0, at) + text.slice(at))).toBe(printOfText(text));
      }),
    );
  });
});
