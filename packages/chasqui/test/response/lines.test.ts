import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BodyTooLargeError } from "../../src/errors/body-too-large-error.ts";
import { OptionsError } from "../../src/errors/options-error.ts";
import { LineSplitter, lines } from "../../src/response/lines.ts";

const MANY = 16 * 1024 * 1024;

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(
  text: string | Uint8Array,
  size: number = 1024,
  maxRecord = MANY,
  encoding?: string,
): Promise<string[]> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const all: string[] = [];
  for await (const line of lines(pieces(bytes, size), { maxRecord, encoding })) all.push(line);
  return all;
}

describe("#120 lines", () => {
  test.each<[string, string[]]>([
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\nb", ["a", "b"]],
    ["a\nb\n", ["a", "b"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["a\rb\r", ["a", "b"]],
    ["a\nb\r\nc\rd", ["a", "b", "c", "d"]],
    ["\n", [""]],
    ["\r", [""]],
    ["\r\n", [""]],
    ["\n\n", ["", ""]],
    ["\r\r", ["", ""]],
    ["\n\r", ["", ""]],
    ["\r\n\r\n", ["", ""]],
    ["\r\r\n\n", ["", "", ""]],
    ["a\n\n\nb", ["a", "", "", "b"]],
    ["a\r\n\r\nb", ["a", "", "b"]],
    // Only these three end a line: not what str.splitlines takes for one.
    ["a\u2028b\u0085c\vd\fe", ["a\u2028b\u0085c\vd\fe"]],
    ["\ufeffa\n\ufeffb", ["a", "\ufeffb"]],
    ["ü\n日本\n😀", ["ü", "日本", "😀"]],
  ])("%j, whole and byte by byte", async (text, expected) => {
    for (const size of [1024, 1, 2, 3]) expect(await read(text, size)).toEqual(expected);
  });

  test("#121 empty pieces change nothing", async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      for (const piece of ["", "a\r", "", "\n", "", "b", ""]) yield Buffer.from(piece);
    }
    const all: string[] = [];
    for await (const line of lines(source(), { maxRecord: MANY })) all.push(line);
    expect(all).toEqual(["a", "b"]);
  });

  test("#120 #121 however the bytes are cut, the lines are the same", async () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "ü", "日", "😀", "\n", "\r", "\r\n", "\ufeff"),
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(80), { maxLength: 8 }), async (given, cuts) => {
        const bytes = Buffer.from(given);
        const expected = given.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
        if (expected.at(-1) === "") expected.pop();
        async function* source(): AsyncGenerator<Uint8Array> {
          let from = 0;
          for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
            yield bytes.subarray(from, cut);
            from = Math.max(from, Math.min(cut, bytes.length));
          }
        }
        const all: string[] = [];
        for await (const line of lines(source(), { maxRecord: MANY })) all.push(line);
        expect(all).toEqual(expected);
        expect(await read(bytes, 1)).toEqual(expected);
      }),
      { seed: 120, numRuns: 500 },
    );
  });

  test("a line is there as soon as its end is", async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("first\r");
      await new Promise(() => {});
    }
    expect(await lines(source(), { maxRecord: MANY }).next()).toEqual({ done: false, value: "first" });
  });
});

describe("other encodings", () => {
  test("bytes are read in the encoding that is named", async () => {
    expect(await read(Buffer.from("é\x80\nb", "latin1"), 1, MANY, "latin1")).toEqual(["é€", "b"]);
    expect(await read(Buffer.from("\ufeffé\r\nb", "utf16le"), 3, MANY, "utf-16le")).toEqual(["é", "b"]);
  });

  test("one that nobody knows is an OptionsError", async () => {
    await expect(read("a", 1, MANY, "klingon")).rejects.toThrow(OptionsError);
  });

  test("bytes that are no text are U+FFFD, at the end too", async () => {
    expect(await read(new Uint8Array([0x61, 0xff, 0x0a, 0xe2, 0x82]), 1)).toEqual(["a\ufffd", "\ufffd"]);
  });
});

describe("maxRecord", () => {
  test.each([
    // text, limit, what comes before the error, or undefined for no error
    ["abcd\n", 4, undefined],
    ["abcd", 4, undefined],
    ["abcd\r\nabcd", 4, undefined],
    ["abcde\n", 4, []],
    ["abcde", 4, []],
    ["ab\n\nabcde\nab\n", 4, ["ab", ""]],
    ["ab\nabcde", 4, ["ab"]],
    // Bytes count, not characters.
    ["üü\n", 4, undefined],
    ["üüa\n", 4, []],
    ["日a\n", 4, undefined],
    ["日本\n", 4, []],
    ["😀\n", 4, undefined],
    ["😀a\n", 4, []],
  ])("%j with %i bytes, however it is cut", async (text, maxRecord, before) => {
    for (const size of [1024, 1, 2, 3, 5]) {
      const all: string[] = [];
      const reading = (async () => {
        for await (const line of lines(pieces(Buffer.from(text), size), { maxRecord })) all.push(line);
      })();
      if (before === undefined) {
        await reading;
      } else {
        const error: unknown = await reading.catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(BodyTooLargeError);
        expect(error).toMatchObject({ limit: maxRecord, what: "record" });
        expect(all).toEqual(before);
      }
    }
  });

  test("an endless line is given up at the limit, and its source freed", async () => {
    let given = 0;
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          given++;
          yield Buffer.alloc(1000, "x");
        }
      } finally {
        closed = true;
      }
    }
    const reading = lines(source(), { maxRecord: 10_000 });
    await expect(reading.next()).rejects.toBeInstanceOf(BodyTooLargeError);
    expect(given).toBe(11);
    expect(closed).toBe(true);
    expect(await reading.next()).toEqual({ done: true, value: undefined });
  });

  test("many lines of a large piece are no line too long", async () => {
    const text = "0123456789\n".repeat(10_000);
    expect(await read(text, text.length, 10)).toHaveLength(10_000);
    expect(await read(text, 7, 10)).toHaveLength(10_000);
  });

  test("a splitter that overflowed says so, and takes no more", () => {
    const splitter = new LineSplitter(3);
    expect(splitter.push("ab\nabcd\nab\n")).toEqual(["ab"]);
    expect(splitter.overflow).toBe(true);
    expect(() => splitter.push("a")).toThrow(BodyTooLargeError);
    expect(() => splitter.flush()).toThrow(BodyTooLargeError);
  });
});

describe("cost", () => {
  test.each([
    ["one long line in many pieces", "x".repeat(4_000_000), 100],
    ["only ends", "\n".repeat(500_000), 65_536],
    ["only other ends", "\r".repeat(500_000), 65_536],
    ["both in turn", "\r\n".repeat(300_000), 65_536],
    ["one kind early, the other late", `${"\n".repeat(300_000)}\r`, 400_000],
  ])("%s cost their length", async (_, text, size) => {
    // Its square would be minutes, and the runner's limit ends that.
    const ends = text.match(/\r\n|\n|\r/g)?.length ?? 1;
    expect(await read(text, size)).toHaveLength(ends);
    expect(await read(text, size, 4_000_000)).toHaveLength(ends);
  });
});

describe("the reader", () => {
  function watched(): { source: AsyncIterable<Uint8Array>; left: () => number } {
    let left = 0;
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: Buffer.from("a\nb\n") }),
        return: () => {
          left++;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    return { source, left: () => left };
  }

  test("P20 leaving frees the source: in a loop, unread, disposed, by an error", async () => {
    const looped = watched();
    for await (const line of lines(looped.source, { maxRecord: MANY })) {
      expect(line).toBe("a");
      break;
    }
    expect(looped.left()).toBe(1);

    const unread = watched();
    await lines(unread.source, { maxRecord: MANY }).return();
    expect(unread.left()).toBe(1);

    const disposed = watched();
    {
      await using reading = lines(disposed.source, { maxRecord: MANY });
      await reading.next();
    }
    expect(disposed.left()).toBe(1);

    const thrown = watched();
    const failure = new Error("enough");
    await expect(lines(thrown.source, { maxRecord: MANY }).throw(failure)).rejects.toBe(failure);
    expect(thrown.left()).toBe(1);
  });

  test("after leaving there is nothing more", async () => {
    const reading = lines(watched().source, { maxRecord: MANY });
    await reading.next();
    await reading.return();
    expect(await reading.next()).toEqual({ done: true, value: undefined });
  });

  test("an error of the source passes through after the lines before it", async () => {
    const failure = new Error("the line is dead");
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("a\nhalf");
      throw failure;
    }
    const reading = lines(source(), { maxRecord: MANY });
    expect(await reading.next()).toEqual({ done: false, value: "a" });
    await expect(reading.next()).rejects.toBe(failure);
    expect(await reading.next()).toEqual({ done: true, value: undefined });
  });

  test("who asks several times at once gets the lines in order", async () => {
    const reading = lines(pieces(Buffer.from("a\nb\nc\nd"), 1), { maxRecord: MANY });
    const results = await Promise.all(Array.from({ length: 6 }, () => reading.next()));
    expect(results.map(({ value }) => value)).toEqual(["a", "b", "c", "d", undefined, undefined]);
    expect(results.map(({ done }) => done)).toEqual([false, false, false, false, true, true]);
  });
});
