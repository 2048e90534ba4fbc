import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionsError } from "../../src/errors/options-error.ts";
import {
  appendParams,
  formEncode,
  mergeParams,
  type ParamsInit,
  type ParamsStyle,
  serializeParams,
} from "../../src/request/params.ts";
import { redactUrl } from "../../src/request/redact.ts";
import { secret } from "../../src/secret.ts";

function write(init: unknown, style?: unknown, secretNames?: Set<string>): string {
  return serializeParams(init as ParamsInit, style as ParamsStyle, "params", secretNames);
}

describe("a query", () => {
  test.each<[title: string, init: unknown, query: string]>([
    ["#1 keeps the order of an object", { z: 1, a: 2, m: 3 }, "z=1&a=2&m=3"],
    [
      "#1 keeps the order of pairs",
      [
        ["z", 1],
        ["a", 2],
        ["z", 3],
      ],
      "z=1&a=2&z=3",
    ],
    ["#2 repeats the key of an array", { tag: ["b", "a"] }, "tag=b&tag=a"],
    ["#3 leaves null and undefined out (D6)", { a: null, b: undefined, c: 1 }, "c=1"],
    ["#3 leaves null in an array out", { a: [1, null, 2, undefined] }, "a=1&a=2"],
    ["#3 has nothing of an empty array", { a: [], b: 1 }, "b=1"],
    ["#3 keeps an empty string", { a: "" }, "a="],
    ["#5 takes pairs", [["a", "1"]], "a=1"],
    [
      "#5 takes a Map",
      new Map<string, unknown>([
        ["a", 1],
        ["b", [2, 3]],
      ]),
      "a=1&b=2&b=3",
    ],
    ["#5 takes URLSearchParams", new URLSearchParams("a=1&b=x+y&a=2"), "a=1&b=x+y&a=2"],
    ["#5 takes a string as it is", "a=b+c%20d&e", "a=b+c%20d&e"],
    ["#5 takes a string with its mark", "?a=1", "a=1"],
    ["#5 fixes what a string may not have", "q=a b&p=50%&x=ü#y", "q=a%20b&p=50%25&x=%C3%BC%23y"],
    ["#5 lets no line break of a string through", "a=1\r\nX: y", "a=1%0D%0AX:%20y"],
    ["#6 writes a space as +", { q: "a b" }, "q=a+b"],
    ["#6 S59 takes nothing to be encoded already", { q: "%20 %00" }, "q=%2520+%2500"],
    ["#6 escapes what would end a value", { "a&b": "/=#?+" }, "a%26b=%2F%3D%23%3F%2B"],
    ["#6 encodes as a form does, ~!'() too", { q: "~!'()*-._" }, "q=%7E%21%27%28%29*-._"],
    ["#6 is UTF-8", { q: "ñ😀" }, "q=%C3%B1%F0%9F%98%80"],
    ["D7 has booleans in lower case", { a: true, b: false }, "a=true&b=false"],
    ["has a Date as ISO 8601", { since: new Date(0) }, "since=1970-01-01T00%3A00%3A00.000Z"],
    ["has a bigint as digits", { id: 9007199254740993n }, "id=9007199254740993"],
    ["has 0 and -0 and large numbers", { a: 0, b: -0, c: 1e21 }, "a=0&b=0&c=1e%2B21"],
    ["reveals a secret", { key: secret("k 1") }, "key=k+1"],
    ["is empty for nothing", {}, ""],
    ["is empty for undefined", undefined, ""],
  ])("%s", (_, init, query) => {
    expect(write(init)).toBe(query);
  });

  test.each<[title: string, init: unknown, message: RegExp]>([
    ["#56 NaN", { page: Number.NaN }, /"page" is NaN/],
    ["Infinity in an array", { page: [1, Number.POSITIVE_INFINITY] }, /"page" is Infinity/],
    ["an invalid Date", { since: new Date(Number.NaN) }, /"since" is an invalid Date/],
    ["D8 P16 an object without a style", { where: { a: 1 } }, /"where" is an object/],
    ["D8 an object in an array", { where: [{ a: 1 }] }, /"where" is an array that holds an object/],
    ["an array in an array", { a: [[1]] }, /holds an array/],
    ["a function", { a: () => 1 }, /a function/],
    ["a symbol", { a: Symbol("x") }, /a symbol/],
    ["a promise", { a: Promise.resolve(1) }, /a Promise/],
    ["a Map as a value", { a: new Map() }, /a Map/],
    ["half a surrogate pair", { a: "😀".slice(0, 1) }, /"a" has half of a surrogate pair/],
    ["half a surrogate pair in a name", { "\ud83d": 1 }, /half of a surrogate pair/],
    ["half a surrogate pair in a string", "a=\ud83d", /half of a surrogate pair/],
    ["a number for params", 5, /not the number 5/],
    ["a Date for params", new Date(0), /not a Date/],
    ["a promise for params", Promise.resolve({}), /not a Promise/],
    ["pairs of three", [["a", 1, 2]], /each pair/],
    ["a list of strings", ["a", "b"], /each pair/],
    ["a name that is a number", [[1, 2]], /a name must be a string/],
  ])("%s is an error that names it", (_, init, message) => {
    expect(() => write(init)).toThrow(OptionsError);
    expect(() => write(init)).toThrow(message);
  });
});

describe("P16 a style is named and never guessed", () => {
  const data = { a: [1, 2], o: { k: 1, d: { e: "x y" } } };
  const arrays = { a: [1, "x,y", null] };

  test.each<[style: unknown, init: unknown, decoded: string]>([
    ["brackets", data, "a[]=1&a[]=2&o[k]=1&o[d][e]=x y"],
    ["indices", data, "a[0]=1&a[1]=2&o[k]=1&o[d][e]=x y"],
    ["dots", data, "a=1&a=2&o.k=1&o.d.e=x y"],
    ["json", data, 'a=[1,2]&o={"k":1,"d":{"e":"x y"}}'],
    ["repeat", arrays, "a=1&a=x,y"],
    ["comma", arrays, "a=1,x,y"],
    [{ arrays: "comma", objects: "dots" }, { a: [1, 2], o: { k: [3, 4] } }, "a=1,2&o.k=3,4"],
    [{ objects: "brackets" }, data, "a=1&a=2&o[k]=1&o[d][e]=x y"],
    [{ arrays: "indices" }, { a: [[1], [2]] }, "a[0][0]=1&a[1][0]=2"],
    ["indices", { a: [{ k: 1 }, { k: 2 }] }, "a[0][k]=1&a[1][k]=2"],
    ["brackets", { a: [], o: {}, n: null }, ""],
    ["json", { a: [] }, "a=[]"],
    ["comma", { a: [] }, ""],
  ])("%j of %j", (style, init, decoded) => {
    expect(decodeURIComponent(write(init, style).replaceAll("+", " "))).toBe(decoded);
  });

  test("json: a Date, a bigint and undefined are as in the rest of a query", () => {
    const query = write({ a: { when: new Date(0), id: 5n, no: undefined } }, "json");
    expect(new URLSearchParams(query).get("a")).toBe('{"when":"1970-01-01T00:00:00.000Z","id":"5"}');
  });

  test("comma: the comma between is bare, the one within is not", () => {
    expect(write({ a: ["x,y", "z"] }, "comma")).toBe("a=x%2Cy,z");
  });

  test.each([["bracket"], [{ arrays: "brackets", objects: "comma" }], [5], [null]])(
    "%j is no style",
    (style) => {
      expect(() => write({ a: 1 }, style)).toThrow(OptionsError);
      expect(() => write({ a: 1 }, style)).toThrow(/paramsStyle must be one of repeat, comma, brackets/);
    },
  );

  test.each([
    ["comma", { o: { k: 1 } }],
    ["comma", { a: [[1]] }],
    ["repeat", { o: { k: 1 } }],
    ["dots", { a: [{ k: 1 }] }],
  ])("%s does not write %j", (style, init) => {
    expect(() => write(init, style)).toThrow(OptionsError);
  });

  test.each(["brackets", "dots", "json", "indices"])(
    "S60 %s: what is too deep is refused, a circle too",
    (style) => {
      let deep: unknown = 1;
      for (let i = 0; i < 100_000; i++) deep = { k: deep };
      expect(() => write({ deep }, style)).toThrow(/nested more than 16 deep/);
      const circle: Record<string, unknown> = {};
      circle.self = circle;
      expect(() => write({ circle }, style)).toThrow(/nested more than 16 deep/);
    },
  );
});

describe("D5 a client's and a call's", () => {
  const clients: [string, ParamsInit][] = [
    ["object", { key: "k", page: 1 }],
    [
      "pairs",
      [
        ["key", "k"],
        ["page", 1],
      ],
    ],
    [
      "Map",
      new Map<string, string | number>([
        ["key", "k"],
        ["page", 1],
      ]),
    ],
    ["URLSearchParams", new URLSearchParams("key=k&page=1")],
    ["string", "key=k&page=1"],
  ];
  const calls: [string, ParamsInit][] = [
    ["object", { page: 2, q: "x" }],
    [
      "pairs",
      [
        ["page", 2],
        ["q", "x"],
      ],
    ],
    [
      "Map",
      new Map<string, string | number>([
        ["page", 2],
        ["q", "x"],
      ]),
    ],
    ["URLSearchParams", new URLSearchParams("page=2&q=x")],
    ["string", "page=2&q=x"],
  ];
  const cases = clients.flatMap(([of, client]) =>
    calls.map(([over, call]) => [over, of, call, client] as const),
  );

  test.each(cases)("%s over %s: the call's key wins, in its place", (_over, _of, call, client) => {
    expect(write(mergeParams(client, call))).toBe("key=k&page=2&q=x");
  });

  test.each<[title: string, client: unknown, call: unknown, query: string]>([
    ["null removes the client's", { a: 1, b: 2 }, { a: null }, "b=2"],
    ["undefined keeps it", { a: 1 }, { a: undefined }, "a=1"],
    ["an empty array removes it", { a: 1 }, { a: [] }, ""],
    ["#22 names have case", { A: 1 }, { a: 2 }, "A=1&a=2"],
    [
      "all of a repeated key give way",
      [
        ["a", 1],
        ["b", 2],
        ["a", 3],
      ],
      { a: 9 },
      "a=9&b=2",
    ],
    [
      "all of a repeated key come in",
      { a: 1, b: 2 },
      [
        ["a", 8],
        ["a", 9],
      ],
      "a=8&a=9&b=2",
    ],
    ["a string is left as it is written", { key: "k" }, "q=a%20b+c&flag", "key=k&q=a%20b+c&flag"],
    ["a string's names are compared decoded", { "a b": 1 }, "a+b=2", "a+b=2"],
    ["no client", undefined, { a: 1 }, "a=1"],
    ["no call", { a: 1 }, undefined, "a=1"],
    ["neither", undefined, undefined, ""],
  ])("%s", (_, client, call, query) => {
    expect(write(mergeParams(client as ParamsInit, call as ParamsInit))).toBe(query);
  });

  test("what was merged is merged again, and reads as pairs", () => {
    const merged = mergeParams(mergeParams({ a: 1, b: 2 }, "b=3+4"), { c: 5 });
    expect(write(merged)).toBe("a=1&b=3+4&c=5");
    expect([...(merged as Iterable<unknown>)]).toEqual([
      ["a", 1],
      ["b", "3 4"],
      ["c", 5],
    ]);
  });

  test("S55 S56 are read by own property, and __proto__ is a name like any other", () => {
    Object.defineProperty(Object.prototype, "evil", {
      value: "1",
      enumerable: true,
      configurable: true,
      writable: true,
    });
    try {
      expect(write(mergeParams({ a: 1 }, { b: 2 }))).toBe("a=1&b=2");
      expect(write({ o: { k: 1 } }, "brackets")).toBe("o%5Bk%5D=1");
    } finally {
      Reflect.deleteProperty(Object.prototype, "evil");
    }
    expect(write(mergeParams({ a: 1 }, JSON.parse('{"__proto__":2}')))).toBe("a=1&__proto__=2");
    Object.defineProperty(Object.prototype, "objects", { value: "dots", configurable: true, writable: true });
    try {
      expect(() => write({ o: { k: 1 } }, { arrays: "repeat" })).toThrow(OptionsError);
    } finally {
      Reflect.deleteProperty(Object.prototype, "objects");
    }
  });
});

describe("#4 D4 joining a URL", () => {
  test.each([
    ["/x", "a=1", "/x?a=1"],
    ["/x?b=2", "a=1", "/x?b=2&a=1"],
    ["/x?b=2#top", "a=1", "/x?b=2&a=1#top"],
    ["/x#top?no", "a=1", "/x?a=1#top?no"],
    ["/x?", "a=1", "/x?a=1"],
    ["/x?b&", "a=1", "/x?b&a=1"],
    ["/x?a=1", "a=1", "/x?a=1&a=1"],
    ["/x#top", "", "/x#top"],
    ["", "a=1", "?a=1"],
  ])("%j and %j", (url, query, joined) => {
    expect(appendParams(url, query)).toBe(joined);
  });
});

test("P9 a param whose value came as a Secret is masked in a printed URL, whatever its name", () => {
  const names = new Set<string>();
  const url = appendParams("https://h/x?page=1", write({ odd: secret("s3cr3t"), q: "a" }, undefined, names));
  expect(url).toContain("s3cr3t");
  expect(redactUrl(url, names)).toBe("https://h/x?page=1&odd=***&q=a");
  const json = appendParams("https://h/x", write({ odd_json: { token: secret("s3cr3t") } }, "json", names));
  expect(json).toContain("s3cr3t");
  expect(redactUrl(json, names)).toBe("https://h/x?odd_json=***");
  const dots = appendParams("https://h/x", write({ in: { oddName: secret("s3cr3t"), q: 1 } }, "dots", names));
  expect(redactUrl(dots, names)).toBe("https://h/x?in.oddName=***&in.q=1");
});

describe("properties", () => {
  const text = fc.string({ unit: "grapheme" });

  test("a query says what was given: URLSearchParams reads the same pairs back", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        expect([...new URLSearchParams(write(pairs))]).toEqual(pairs);
      }),
      { seed: 1 },
    );
  });

  test("#6 the encoding is that of URLSearchParams", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(`a=${formEncode(value)}`).toBe(String(new URLSearchParams({ a: value })));
      }),
      { seed: 2 },
    );
  });

  test("#7 what is encoded is left alone when it comes again as a string", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        const query = write(pairs);
        expect(write(query)).toBe(query);
      }),
      { seed: 3 },
    );
  });

  test("whatever a string holds, what goes out holds neither space, line break nor fragment", () => {
    fc.assert(
      fc.property(text, (query) => {
        expect(write(query)).toMatch(/^[!$-;=?-~]*$/);
      }),
      { seed: 4 },
    );
  });
});
