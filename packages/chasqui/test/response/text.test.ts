import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BodyTooLargeError } from "../../src/errors/body-too-large-error.ts";
import { OptionsError } from "../../src/errors/options-error.ts";
import { charsetOf, decodeJson, decodeText } from "../../src/response/text.ts";

/** The bytes of a text in UTF-16 or UTF-32. */
function wide(text: string, bits: 16 | 32, littleEndian: boolean): Uint8Array {
  const units = text.split("");
  const values = (bits === 16 ? units : Array.from(text)).map((each) => each.codePointAt(0) ?? 0);
  const bytes = new Uint8Array(values.length * (bits / 8));
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) {
    if (bits === 16) view.setUint16(at * 2, value, littleEndian);
    else view.setUint32(at * 4, value, littleEndian);
  }
  return bytes;
}

describe("#113 the charset of a Content-Type", () => {
  test.each<[string | null | undefined, string | undefined]>([
    [undefined, undefined],
    [null, undefined],
    ["", undefined],
    ["text/html", undefined],
    ["text/html; charset=utf-8", "utf-8"],
    ["text/html;charset=UTF-8", "utf-8"],
    ['text/html; charset="ISO-8859-1"', "iso-8859-1"],
    ["text/html; charset='utf-8'", "utf-8"],
    [String.raw`text/html; charset="utf\-8"`, "utf-8"],
    ['text/html; charset="utf-8', "utf-8"],
    ["text/html ; q=1 ; Charset = latin1", undefined],
    ["text/html ; q=1 ; Charset=latin1 ; x=y", "latin1"],
    ["text/html; x-charset=latin1", undefined],
    ['text/html; x="; charset=latin1"', undefined],
    ['text/html; x="\\"; charset=latin1"; charset=utf-8', "utf-8"],
    ["text/html; x; charset=latin1", "latin1"],
    ["text/html; charset=; charset=latin1", "latin1"],
    ["text/html; charset=latin1; charset=utf-8", "latin1"],
    ["charset=latin1", undefined],
    [`text/html${";".repeat(100_000)}charset=latin1`, "latin1"],
  ])("%j", (contentType, charset) => {
    expect(charsetOf(contentType)).toBe(charset);
  });
});

describe("#113 D12 the text of a body", () => {
  test.each<[string, Uint8Array, string | undefined, string]>([
    ["nothing", new Uint8Array(), "text/plain", ""],
    ["UTF-8 without a charset, not Latin-1", Buffer.from("é日😀"), "text/plain", "é日😀"],
    ["no Content-Type at all", Buffer.from("é"), undefined, "é"],
    ["Latin-1", Buffer.from([0xe9]), "text/plain; charset=ISO-8859-1", "é"],
    ["windows-1252", Buffer.from([0x80]), "text/plain; charset=windows-1252", "€"],
    [
      "the quotes of latin1, which is windows-1252",
      Buffer.from([0x93, 0x81, 0xe9, 0x94]),
      "text/plain; charset=latin1",
      "“\u0081é”",
    ],
    ["Shift_JIS", Buffer.from([0x93, 0xfa]), "text/plain; charset=Shift_JIS", "日"],
    ["UTF-16", wide("é😀", 16, true), "text/plain; charset=utf-16", "é😀"],
    ["UTF-16BE", wide("é😀", 16, false), "text/plain; charset=utf-16be", "é😀"],
    ["UTF-32", wide("é😀", 32, false), "text/plain; charset=utf-32", "é😀"],
    ["UTF-32LE", wide("é😀", 32, true), "text/plain; charset=UTF-32LE", "é😀"],
    ["an unknown charset is UTF-8", Buffer.from("é"), "text/plain; charset=klingon", "é"],
    ["a charset that is none is UTF-8", Buffer.from("é"), "text/plain; charset=__proto__", "é"],
    ["a mark of UTF-8 is removed", Buffer.from("\ufeffé"), "text/plain", "é"],
    ["a mark of UTF-8 beats the charset", Buffer.from("\ufeffé"), "text/plain; charset=latin1", "é"],
    ["a mark of UTF-16LE beats the charset", wide("\ufeffé", 16, true), "text/plain; charset=utf-8", "é"],
    ["a mark of UTF-16BE beats the charset", wide("\ufeffé", 16, false), "text/plain", "é"],
    ["a second mark is text", Buffer.from("\ufeff\ufeffé"), "text/plain", "\ufeffé"],
    ["what is no text is U+FFFD", Buffer.from([0x61, 0xff, 0x62]), "text/plain", "a\ufffdb"],
  ])("%s", (_, bytes, contentType, text) => {
    expect(decodeText(bytes, contentType)).toBe(text);
  });

  test("the caller's encoding beats the header and the mark", () => {
    expect(decodeText(Buffer.from([0xe9]), "text/plain; charset=utf-8", "latin1")).toBe("é");
    expect(decodeText(Buffer.from("\ufeffé"), "text/plain", "LATIN1")).toBe("ï»¿Ã©");
    expect(decodeText(Buffer.from("\ufeffé"), "text/plain; charset=latin1", "utf-8")).toBe("é");
    expect(decodeText(wide("é", 32, true), undefined, "utf-32le")).toBe("é");
  });

  test("an encoding that nobody knows is an OptionsError", () => {
    expect(() => decodeText(new Uint8Array(), undefined, "klingon")).toThrow(OptionsError);
    expect(() => decodeText(new Uint8Array(), undefined, "")).toThrow(
      expect.objectContaining({ option: "encoding" }),
    );
  });

  test("a part of a larger buffer is read as that part", () => {
    const bytes = Buffer.from("xx\ufeffaéb\ufeffyy").subarray(2, 9);
    expect(decodeText(bytes, undefined)).toBe("aéb");
    expect(decodeText(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), undefined)).toBe("aéb");
  });

  test("any bytes come out as the Encoding Standard says", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            0x61,
            0xc3,
            0xa9,
            0xe2,
            0x82,
            0xac,
            0xf0,
            0x9f,
            0x98,
            0x80,
            0xed,
            0xa0,
            0xff,
            0xef,
            0xbb,
            0xbf,
          ),
          { maxLength: 40 },
        )
        .map((list) => new Uint8Array(list)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        const marked = (given[0] === 0xff && given[1] === 0xfe) || (given[0] === 0xfe && given[1] === 0xff);
        if (!marked) expect(decodeText(given, undefined)).toBe(new TextDecoder().decode(given));
      }),
      { seed: 113, numRuns: 3000 },
    );
  });
});

describe("#114 JSON in UTF-8, UTF-16 and UTF-32", () => {
  const documents = ['{"a":"é日😀"}', "[]", '"日本"', "1", '""', "null", '["\u0100"]'];
  const encodings: [string, (text: string) => Uint8Array][] = [
    ["UTF-8", (text) => Buffer.from(text)],
    ["UTF-16LE", (text) => wide(text, 16, true)],
    ["UTF-16BE", (text) => wide(text, 16, false)],
    ["UTF-32LE", (text) => wide(text, 32, true)],
    ["UTF-32BE", (text) => wide(text, 32, false)],
  ];

  test.each(encodings)("%s, with a mark and without", (_, encode) => {
    for (const text of documents) {
      expect(decodeJson(encode(text))).toBe(text);
      expect(decodeJson(encode(`\ufeff${text}`))).toBe(text);
    }
  });

  test("nothing is nothing", () => {
    expect(decodeJson(new Uint8Array())).toBe("");
    expect(decodeJson(wide("\ufeff", 32, true))).toBe("");
  });

  test("UTF-32 that is none becomes U+FFFD", () => {
    const bytes = new Uint8Array([0x22, 0, 0, 0, 0, 0, 0x11, 0, 0, 0xd8, 0, 0, 0x22, 0, 0, 0, 1]);
    expect(decodeJson(bytes)).toBe('"\ufffd\ufffd"\ufffd');
  });

  test("any JSON in any of them, also in the middle of a buffer", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 2 }),
        fc.constantFrom(...encodings),
        fc.boolean(),
        fc.nat(5),
        (text, [, encode], mark, offset) => {
          const own = encode(mark ? `\ufeff${text}` : text);
          const room = new Uint8Array(own.length + offset + 3).fill(0x2c);
          room.set(own, offset);
          expect(decodeJson(room.subarray(offset, offset + own.length))).toBe(text);
        },
      ),
      { seed: 114, numRuns: 500 },
    );
  });

  test("a long document in UTF-32 is whole", () => {
    const text = `"${"😀é".repeat(10_000)}"`;
    expect(decodeJson(wide(text, 32, false))).toBe(text);
  });
});

test.each<[string, (bytes: Uint8Array) => string]>([
  ["text", (bytes) => decodeText(bytes, undefined)],
  ["text in another charset", (bytes) => decodeText(bytes, "text/plain; charset=latin1")],
  ["text of an encoding that was given", (bytes) => decodeText(bytes, undefined, "utf-8")],
  ["JSON", decodeJson],
])("a body that is longer than a string can be is too large, as %s", (_, decode) => {
  // Zeros that are only read: the system gives no memory of its own for them.
  const bytes = new Uint8Array(2 ** 29);
  bytes.fill(0x20, 0, 4);
  expect(() => decode(bytes)).toThrow(
    expect.toSatisfy(
      (error) =>
        error instanceof BodyTooLargeError &&
        error.limit === bytes.length &&
        error.message === "The text of a response body of 536870912 bytes is longer than a string can be",
    ),
  );
});
