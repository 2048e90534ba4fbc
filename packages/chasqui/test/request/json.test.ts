import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionsError } from "../../src/errors/options-error.ts";
import { makeBody } from "../../src/request/body.ts";
import { stringifyJson } from "../../src/request/json.ts";
import { secret } from "../../src/secret.ts";

const utf8 = new TextDecoder();

function sent(json: unknown): string {
  const content = makeBody({ json })?.content;
  return typeof content === "string" ? content : utf8.decode(content);
}

describe("#30 a JSON body", () => {
  test("is application/json, and its length counts bytes (#37)", () => {
    const body = makeBody({ json: { name: "Añu 😀" } });
    expect(body?.contentType).toBe("application/json");
    expect(body?.length).toBe(20);
    expect(body?.content).toBe('{"name":"Añu 😀"}');
    expect(body?.replayable).toBe(true);
  });

  test.each([
    [{}, "{}"],
    [[], "[]"],
    [0, "0"],
    [-0, "0"],
    [false, "false"],
    ["", '""'],
    [null, "null"],
  ])("#31 %j is sent", (json, text) => {
    expect(sent(json)).toBe(text);
  });

  test("#31 only undefined means that there is none", () => {
    expect(makeBody({ json: undefined })).toBeUndefined();
    expect(makeBody({})).toBeUndefined();
  });

  test("#33 is compact and keeps what is not ASCII", () => {
    expect(sent({ a: [1, { b: "été" }], c: null })).toBe('{"a":[1,{"b":"été"}],"c":null}');
  });

  test("honours toJSON, drops undefined and functions as JSON does", () => {
    const value = {
      when: new Date(0),
      url: new URL("https://h/"),
      own: { toJSON: () => ({ x: null }) },
      no: undefined,
      f: () => 1,
    };
    expect(sent(value)).toBe('{"when":"1970-01-01T00:00:00.000Z","url":"https://h/","own":{"x":null}}');
  });

  test("keeps what is ordinary though it looks like something lost", () => {
    const own = Object.assign(new Error("no"), { toJSON: () => ({ message: "no" }) });
    const value = { byIndex: { "0": "a", "1": {} }, own, gap: [undefined, null] };
    expect(sent(value)).toBe('{"byIndex":{"0":"a","1":{}},"own":{"message":"no"},"gap":[null,null]}');
  });

  test("reveals a secret, which JSON.stringify would send as ***", () => {
    expect(sent({ user: "ann", password: secret("pa55"), list: [secret("x")] })).toBe(
      '{"user":"ann","password":"pa55","list":["x"]}',
    );
    expect(sent(secret("top"))).toBe('"top"');
    expect(sent({ a: "***" })).toBe('{"a":"***"}');
  });

  test("may hold one object twice, nulls and empty objects", () => {
    const one = { id: null };
    expect(sent({ a: one, b: [one, one], c: {}, d: [] })).toBe(
      '{"a":{"id":null},"b":[{"id":null},{"id":null}],"c":{},"d":[]}',
    );
    expect(sent(Object.assign(Object.create(null), { a: null }))).toBe('{"a":null}');
  });
});

describe("#32 what JSON cannot hold is an error with its path", () => {
  const circle: Record<string, unknown> = { name: "x" };
  circle.inner = [{ back: circle }];
  const table: [title: string, value: unknown, message: RegExp][] = [
    ["NaN", { items: [{ price: 1 }, { price: Number.NaN }] }, /\$\.items\[1\]\.price is NaN/],
    ["NaN at the top", Number.NaN, /\$ is NaN/],
    ["NaN in an array", [0, Number.NaN], /\$\[1\] is NaN/],
    ["Infinity", { a: Number.POSITIVE_INFINITY }, /\$\.a is Infinity/],
    ["-Infinity under an odd name", { "a b": Number.NEGATIVE_INFINITY }, /\$\["a b"\] is -Infinity/],
    ["NaN out of a toJSON", { a: { toJSON: () => Number.NaN } }, /\$\.a is NaN/],
    ["an invalid Date", { since: new Date(Number.NaN) }, /\$\.since is an invalid Date/],
    ["a bigint", { ids: [1n] }, /\$\.ids\[0\] is the bigint 1/],
    ["a circle", circle, /\$\.inner\[0\]\.back is \$ again, a circle/],
    ["a promise", { user: Promise.resolve(1) }, /\$\.user is a Promise/],
    ["a Map", { m: new Map([["a", 1]]) }, /\$\.m is a Map/],
    ["a Set", new Set([1]), /\$ is a Set/],
    ["a Blob", { f: new Blob(["x"]) }, /\$\.f is a Blob/],
    ["an Error", { why: [new TypeError("no")] }, /\$\.why\[0\] is an Error/],
    ["a RegExp", { filter: { like: /a/ } }, /\$\.filter\.like is a RegExp/],
    ["a typed array", { bytes: new Uint8Array([7, 8]) }, /\$\.bytes is a Uint8Array/],
    ["an empty typed array", [new Float64Array(0)], /\$\[0\] is a Float64Array/],
    ["an ArrayBuffer", { bytes: new ArrayBuffer(2) }, /\$\.bytes is an ArrayBuffer/],
    ["a function in an array", { ids: [1, () => 2] }, /\$\.ids\[1\] is a function/],
    ["a symbol in an array", [Symbol("x")], /\$\[0\] is a symbol/],
    ["a function", () => 1, /\$ is a function/],
    ["a symbol", Symbol("x"), /\$ is a symbol/],
  ];

  test.each(table)("%s", (_, value, message) => {
    expect(() => stringifyJson(value)).toThrow(OptionsError);
    expect(() => stringifyJson(value)).toThrow(message);
  });

  test("what is nested too deep ends in an error of the family or in text, as the engine can", () => {
    const nested = (inner: unknown): unknown => {
      let deep = inner;
      for (let i = 0; i < 200_000; i++) deep = [deep];
      return deep;
    };
    expect(() => stringifyJson(nested(Number.NaN))).toThrow(OptionsError);
    try {
      expect(stringifyJson(nested(1))).toHaveLength(400_001);
    } catch (error) {
      expect(error).toBeInstanceOf(OptionsError);
    }
  });

  test("what a toJSON throws is the cause", () => {
    const cause = new Error("no");
    const value = {
      toJSON(): never {
        throw cause;
      },
    };
    expect(() => stringifyJson(value)).toThrow(
      expect.objectContaining({ message: "json cannot be written: no", cause }),
    );
  });
});

describe("stringifyJson of the caller", () => {
  test("is used as it is", () => {
    const write = (value: unknown): string =>
      JSON.stringify(value, (_, one) => (typeof one === "bigint" ? Number(one) : one));
    expect(makeBody({ json: { id: 5n } }, write)?.content).toBe('{"id":5}');
  });

  test("must return a string", () => {
    const write = ((): unknown => undefined) as (value: unknown) => string;
    expect(() => makeBody({ json: 1 }, write)).toThrow(
      /stringifyJson must return a string, and returned undefined/,
    );
  });
});

test("property: whatever JSON can hold is written as JSON.stringify writes it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(stringifyJson(value)).toBe(JSON.stringify(value));
      expect(stringifyJson({ value, again: [value, null, {}] })).toBe(
        JSON.stringify({ value, again: [value, null, {}] }),
      );
    }),
    { seed: 12, numRuns: 500 },
  );
});

test("property: what comes back is what was given, or there was an error", () => {
  const value = fc.object({
    values: [fc.double(), fc.string(), fc.boolean(), fc.constant(null)],
    maxDepth: 3,
  });
  fc.assert(
    fc.property(value, (given) => {
      let text: string;
      try {
        text = stringifyJson(given);
      } catch (error) {
        expect(error).toBeInstanceOf(OptionsError);
        return;
      }
      // JSON has no -0.
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(given)));
      expect(JSON.stringify(given)).toBe(text);
      expect(containsNonFinite(given)).toBe(false);
    }),
    { seed: 13, numRuns: 500 },
  );
});

function containsNonFinite(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return typeof value === "object" && value !== null && Object.values(value).some(containsNonFinite);
}
