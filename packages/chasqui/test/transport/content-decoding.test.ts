import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BodyTooLargeError } from "../../src/errors/body-too-large-error.ts";
import { DecodeError } from "../../src/errors/decode-error.ts";
import { decodeBuffered, decodeStreamed } from "../../src/transport/content-decoding.ts";

const NO_LIMIT = Number.POSITIVE_INFINITY;
const MIB = 1024 * 1024;

/** What does not shrink to nothing, and is the same in every run. */
function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = (state >>> 24) & 0x3f;
  }
  return bytes;
}

const SMALL = Buffer.from(
  JSON.stringify({ id: 1, title: "post ü 日本", tags: Array(50).fill("lorem ipsum") }),
);
const LARGE = noise(2 * MIB);

const CODINGS: [string, string, (bytes: Uint8Array) => Buffer][] = [
  ["gzip", "gzip", (bytes) => gzipSync(bytes)],
  ["deflate (zlib)", "deflate", (bytes) => deflateSync(bytes)],
  ["deflate (zlib, weakest)", "deflate", (bytes) => deflateSync(bytes, { level: 1, windowBits: 9 })],
  ["deflate (raw)", "deflate", (bytes) => deflateRawSync(bytes)],
  ["br", "br", (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ["zstd", "zstd", (bytes) => zstdCompressSync(bytes)],
  [
    "zstd (checksum)",
    "zstd",
    (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  ],
];

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function buffered(bytes: Uint8Array, encodings: string[], maxBytes = NO_LIMIT): Promise<Buffer> {
  return Buffer.from(await decodeBuffered(bytes, encodings, maxBytes));
}

async function streamed(
  bytes: Uint8Array,
  encodings: string[],
  maxBytes = NO_LIMIT,
  size = 16 * 1024,
): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of decodeStreamed(pieces(bytes, size), encodings, maxBytes)) all.push(piece);
  return Buffer.concat(all);
}

const WAYS: [string, typeof buffered][] = [
  ["buffered", buffered],
  ["streamed", streamed],
  ["streamed byte by byte", (bytes, encodings, maxBytes) => streamed(bytes, encodings, maxBytes, 1)],
];

describe.each(WAYS)("%s", (_way, decode) => {
  describe.each(CODINGS)("#117 %s", (_name, coding, encode) => {
    test("is undone", async () => {
      expect(await decode(encode(SMALL), [coding])).toEqual(SMALL);
    });

    test("of nothing is nothing", async () => {
      expect(await decode(encode(new Uint8Array()), [coding])).toHaveLength(0);
    });

    test("an empty body is fine", async () => {
      expect(await decode(new Uint8Array(), [coding])).toHaveLength(0);
    });

    test("every cut is a DecodeError", async () => {
      const whole = encode(SMALL);
      for (const length of [1, 2, 5, whole.length >> 1, whole.length - 5, whole.length - 1]) {
        await expect(decode(whole.subarray(0, length), [coding])).rejects.toBeInstanceOf(DecodeError);
      }
    });

    test("what is no such thing is a DecodeError that does not print it", async () => {
      const error = await decode(Buffer.from("<html>secret page</html>"), [coding]).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(DecodeError);
      expect(error).toMatchObject({ message: expect.stringContaining(coding), hint: expect.any(String) });
      expect(`${error} ${JSON.stringify(error)}`).not.toContain("secret");
    });

    test("#118 what follows is ignored", async () => {
      for (const garbage of ["\0\0\0\0", "foo", "\x1f", "\x1f\x8b\xff and so on", "x".repeat(100)]) {
        const bytes = Buffer.concat([encode(SMALL), Buffer.from(garbage, "latin1")]);
        expect(await decode(bytes, [coding])).toEqual(SMALL);
      }
    });

    test("S14 a limit is kept to the byte", async () => {
      expect(await decode(encode(SMALL), [coding], SMALL.length)).toEqual(SMALL);
      await expect(decode(encode(SMALL), [coding], SMALL.length - 1)).rejects.toBeInstanceOf(
        BodyTooLargeError,
      );
      await expect(decode(encode(SMALL), [coding], 0)).rejects.toMatchObject({ limit: 0, what: "body" });
    });
  });

  test("stacked codings are undone from the last to the first", async () => {
    const bytes = zstdCompressSync(brotliCompressSync(deflateRawSync(deflateSync(gzipSync(SMALL)))));
    expect(await decode(bytes, ["gzip", "deflate", "deflate", "br", "zstd"])).toEqual(SMALL);
  });

  test("#117 an unknown coding keeps its bytes and all that is below it", async () => {
    expect(await decode(SMALL, ["tomorrow"])).toEqual(SMALL);
    const below = Buffer.from("anything");
    expect(await decode(gzipSync(below), ["gzip", "tomorrow", "gzip"])).toEqual(below);
    expect(await decode(SMALL, [])).toEqual(SMALL);
  });

  test("the limit holds without a coding too", async () => {
    expect(await decode(SMALL, [], SMALL.length)).toEqual(SMALL);
    await expect(decode(SMALL, [], SMALL.length - 1)).rejects.toBeInstanceOf(BodyTooLargeError);
    await expect(decode(SMALL, ["tomorrow"], 10)).rejects.toBeInstanceOf(BodyTooLargeError);
  });

  test("#118 gzip of several members, empty ones and all optional fields included", async () => {
    const plain = gzipSync(SMALL);
    const optional = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 255]),
      Buffer.from([3, 0, 1, 2, 3]),
      Buffer.from("name\0comment\0"),
      Buffer.from([0, 0]),
      plain.subarray(10),
    ]);
    const bytes = Buffer.concat([plain, gzipSync(""), optional, plain]);
    expect(await decode(bytes, ["gzip"])).toEqual(Buffer.concat([SMALL, SMALL, SMALL]));
  });

  test("#117 a second gzip member that is cut short is an error, not garbage", async () => {
    const bytes = Buffer.concat([gzipSync(SMALL), gzipSync(SMALL).subarray(0, -9)]);
    await expect(decode(bytes, ["gzip"])).rejects.toBeInstanceOf(DecodeError);
  });

  test.each([
    ["checksum", 8],
    ["length", 4],
  ])("#117 a wrong %s at the end of gzip is an error", async (_what, fromEnd) => {
    const bytes = gzipSync(SMALL);
    const at = bytes.length - fromEnd;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await expect(decode(bytes, ["gzip"])).rejects.toBeInstanceOf(DecodeError);
  });

  test("#118 zstd of several frames, empty and skippable ones included", async () => {
    const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
    const empty = zstdCompressSync("");
    const frame = zstdCompressSync(SMALL);
    const bytes = Buffer.concat([skippable, frame, empty, skippable, frame]);
    expect(await decode(bytes, ["zstd"])).toEqual(Buffer.concat([SMALL, SMALL]));
  });

  test("a second zstd frame that is cut short is an error", async () => {
    const frame = zstdCompressSync(SMALL);
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1]);
    for (const tail of [frame.subarray(0, -1), frame.subarray(0, 4), skippable, skippable.subarray(0, 6)]) {
      await expect(decode(Buffer.concat([frame, tail]), ["zstd"])).rejects.toBeInstanceOf(DecodeError);
    }
  });
});

describe("large bodies", () => {
  test.each(CODINGS)("%s", async (_name, coding, encode) => {
    const coded = encode(LARGE);
    expect(coded.length).toBeGreaterThan(MIB);
    expect((await buffered(coded, [coding])).equals(LARGE)).toBe(true);
    expect((await streamed(coded, [coding])).equals(LARGE)).toBe(true);
    await expect(buffered(coded, [coding], LARGE.length - 1)).rejects.toBeInstanceOf(BodyTooLargeError);
  });

  test("P19 what is small is decoded on the spot, what is large or grows large is not", () => {
    expect(decodeBuffered(gzipSync(SMALL), ["gzip"], NO_LIMIT)).toBeInstanceOf(Uint8Array);
    const grown = decodeBuffered(gzipSync(Buffer.alloc(2 * MIB)), ["gzip"], NO_LIMIT);
    expect(grown).toBeInstanceOf(Promise);
    const large = decodeBuffered(gzipSync(LARGE), ["gzip"], NO_LIMIT);
    expect(large).toBeInstanceOf(Promise);
    return Promise.all([grown, large]);
  });

  test("a stack that grows between its layers", async () => {
    const inner = gzipSync(LARGE);
    expect((await buffered(zstdCompressSync(inner), ["gzip", "zstd"])).equals(LARGE)).toBe(true);
  });

  test("an inner layer may be larger than what it holds", async () => {
    const incompressible = Buffer.from(noise(300_000).map((byte, at) => byte ^ (at * 197)));
    const bytes = gzipSync(deflateRawSync(gzipSync(incompressible, { level: 0 }), { level: 0 }));
    const encodings = ["gzip", "deflate", "gzip"];
    expect((await buffered(bytes, encodings, incompressible.length)).equals(incompressible)).toBe(true);
  });
});

describe("S13 S14 S16 P19 bombs", () => {
  const bombs: [string, string[], Buffer][] = [
    ["gzip", ["gzip"], gzipSync(Buffer.alloc(64 * MIB))],
    ["deflate", ["deflate"], deflateSync(Buffer.alloc(64 * MIB))],
    ["br", ["br"], brotliCompressSync(Buffer.alloc(64 * MIB))],
    ["zstd", ["zstd"], zstdCompressSync(Buffer.alloc(64 * MIB))],
    ["gzip in gzip", ["gzip", "gzip"], gzipSync(gzipSync(Buffer.alloc(64 * MIB)))],
    [
      "gzip in br that is large in the middle",
      ["gzip", "br"],
      brotliCompressSync(Buffer.concat(Array(4000).fill(gzipSync("")))),
    ],
  ];

  test.each(bombs.slice(0, 5))(
    "%s is stopped at the limit, on every path",
    async (_name, encodings, bomb) => {
      await expect(buffered(bomb, encodings, MIB / 2)).rejects.toBeInstanceOf(BodyTooLargeError);
      await expect(buffered(bomb, encodings, 2 * MIB)).rejects.toBeInstanceOf(BodyTooLargeError);
      await expect(streamed(bomb, encodings, 2 * MIB)).rejects.toBeInstanceOf(BodyTooLargeError);
    },
  );

  test("an inner layer has a limit although nothing comes of it", async () => {
    const [, encodings, bomb] = bombs[5] ?? ["", [], Buffer.alloc(0)];
    await expect(buffered(bomb, encodings, 100)).rejects.toBeInstanceOf(BodyTooLargeError);
    await expect(streamed(bomb, encodings, 100)).rejects.toBeInstanceOf(BodyTooLargeError);
  });

  test.each(bombs.slice(0, 4))(
    "%s: one read inflates one piece and no more",
    async (_name, encodings, bomb) => {
      const before = process.memoryUsage().arrayBuffers;
      const stream = decodeStreamed(pieces(bomb, bomb.length), encodings, NO_LIMIT);
      const first = await stream.next();
      expect(first.value?.length).toBeLessThanOrEqual(256 * 1024);
      await new Promise((resolve) => setImmediate(resolve));
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MIB);
      await stream.return?.();
    },
  );
});

describe("S14 limits that no count of bytes reaches", () => {
  /** A part that holds nothing, as often as said. */
  const many = (part: Uint8Array, times: number): Buffer =>
    Buffer.concat(Array<Uint8Array>(times).fill(part));
  const nothing: [string, Buffer][] = [
    ["gzip", gzipSync("")],
    ["zstd", zstdCompressSync("")],
    ["zstd", Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])],
  ];

  test.each(nothing)(
    "S14 thousands of empty parts of %s are refused, on every path",
    async (coding, part) => {
      const bytes = many(part, 20_000);
      await expect(buffered(bytes, [coding])).rejects.toThrow(/thousands of parts/);
      await expect(streamed(bytes, [coding])).rejects.toBeInstanceOf(DecodeError);
    },
  );

  test("#118 as many parts as can be decoded on the spot are fine on every path", async () => {
    const bytes = many(gzipSync(""), 3000);
    expect(await buffered(bytes, ["gzip"])).toHaveLength(0);
    expect(await streamed(bytes, ["gzip"])).toHaveLength(0);
  });

  test("#118 thousands of parts with something in them are fine", async () => {
    const bytes = many(gzipSync(noise(1100)), 4100);
    expect(await streamed(bytes, ["gzip"])).toHaveLength(1100 * 4100);
  });

  test("S14 decoding that is left goes no further", async () => {
    let leave = (): void => expect.unreachable();
    const size = 64 * MIB;
    const decoded = decodeBuffered(gzipSync(Buffer.alloc(size)), ["gzip"], NO_LIMIT, (given) => {
      leave = given;
    });
    leave();
    expect((await decoded).length).toBeLessThan(size);
  });

  /** A frame (RFC 8878 §3.1.1) that asks for a window of so many bits, of one block that repeats a byte 1,000 times. */
  function frame(windowLog: number): Buffer {
    const block = (1000 << 3) | (1 << 1) | 1;
    return Buffer.from([
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0x00,
      (windowLog - 10) << 3,
      block & 0xff,
      (block >> 8) & 0xff,
      block >> 16,
      0x61,
    ]);
  }

  test.each([10, 20, 23])("S14 zstd with a window of 2^%i bytes is undone", async (windowLog) => {
    const expected = Buffer.alloc(1000, "a");
    for (const [, decode] of WAYS) expect(await decode(frame(windowLog), ["zstd"])).toEqual(expected);
  });

  test.each([24, 27, 31])(
    "S14 zstd with a window of 2^%i bytes is refused (RFC 9659: 8 MiB)",
    async (windowLog) => {
      for (const [, decode] of WAYS) {
        await expect(decode(frame(windowLog), ["zstd"])).rejects.toBeInstanceOf(DecodeError);
      }
    },
  );
});

describe("a stream", () => {
  /** A source that tells whether it was let go. */
  function watched(give: () => AsyncGenerator<Uint8Array>): {
    source: AsyncIterable<Uint8Array>;
    closed: () => boolean;
  } {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* give();
      } finally {
        closed = true;
      }
    }
    return { source: source(), closed: () => closed };
  }

  test.each(CODINGS)("%s: leaving early frees the source", async (_name, coding, encode) => {
    const coded = encode(LARGE);
    const { source, closed } = watched(() => pieces(coded, 1024));
    for await (const piece of decodeStreamed(source, [coding], NO_LIMIT)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(closed()).toBe(true);
  });

  test.each([[[]], [["gzip"]], [["gzip", "br"]]])(
    "P20 leaving unread frees the source: %j",
    async (encodings) => {
      let left = false;
      const source: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: true, value: undefined }),
          return: () => {
            left = true;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      };
      await decodeStreamed(source, encodings, NO_LIMIT).return?.();
      expect(left).toBe(true);
    },
  );

  test("leaving while a read waits for a silent server ends that read", async () => {
    const waiting = Promise.withResolvers<IteratorResult<Uint8Array>>();
    const whole = gzipSync(SMALL);
    let reads = 0;
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          reads++ === 0 ? Promise.resolve({ done: false, value: whole.subarray(0, 10) }) : waiting.promise,
        return: () => {
          waiting.resolve({ done: true, value: undefined });
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const stream = decodeStreamed(source, ["gzip"], NO_LIMIT);
    const read = stream.next();
    await new Promise((resolve) => setImmediate(resolve));
    await stream.return?.();
    expect(await read).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("an error of the source passes through as it is, and ends it", async () => {
    const failure = new Error("the line is dead");
    const { source, closed } = watched(async function* () {
      yield gzipSync(LARGE).subarray(0, 100_000);
      throw failure;
    });
    const read = async (): Promise<void> => {
      for await (const piece of decodeStreamed(source, ["gzip"], NO_LIMIT)) void piece;
    };
    await expect(read()).rejects.toBe(failure);
    expect(closed()).toBe(true);
  });

  test("damage frees the source", async () => {
    const damaged = gzipSync(LARGE);
    damaged.fill(0xff, 1000, 2000);
    const { source, closed } = watched(() => pieces(damaged, 1024));
    await expect(decodeStreamed(source, ["gzip"], NO_LIMIT).next()).rejects.toBeInstanceOf(DecodeError);
    expect(closed()).toBe(true);
  });

  test.each([
    ["gzip", createGzip],
    ["br", createBrotliCompress],
  ])("%s: what the server flushed can be read before it sends more", async (coding, make) => {
    const encoder = make();
    const coded: Uint8Array[] = [];
    encoder.on("data", (piece: Uint8Array) => coded.push(piece));
    encoder.write("first");
    await new Promise<void>((resolve) => encoder.flush(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    async function* source(): AsyncGenerator<Uint8Array> {
      yield* coded;
      await new Promise(() => {});
    }
    const { value } = await decodeStreamed(source(), [coding], NO_LIMIT).next();
    expect(Buffer.from(value ?? []).toString()).toBe("first");
  });

  test("a source without end is not read ahead of its reader", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      const frame = zstdCompressSync(noise(10_000));
      for (;;) {
        given++;
        yield frame;
      }
    }
    const stream = decodeStreamed(endless(), ["zstd"], NO_LIMIT);
    for (let read = 0; read < 10; read++) await stream.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(given).toBeLessThanOrEqual(12);
    await stream.return?.();
  });
});

test("whatever is coded, however it is cut, comes out as it was", async () => {
  const coder = fc.constantFrom(...CODINGS);
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(200_000), fc.nat()).map(([size, seed]) => new Uint8Array(noise(size, seed))),
  );
  await fc.assert(
    fc.asyncProperty(
      data,
      fc.array(coder, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 70_000 }),
      async (bytes, coders, size) => {
        let coded: Uint8Array = bytes;
        for (const [, , encode] of coders) coded = encode(coded);
        const names = coders.map(([, coding]) => coding);
        const step = Math.max(size, Math.ceil(coded.length / 200));
        expect((await buffered(coded, names, bytes.length)).equals(bytes)).toBe(true);
        expect((await streamed(coded, names, bytes.length, step)).equals(bytes)).toBe(true);
      },
    ),
    { seed: 117, numRuns: 60 },
  );
});

test("no bytes from the network end in anything but data or an error of ours", async () => {
  const coding = fc.constantFrom("gzip", "deflate", "br", "zstd");
  const start = fc.constantFrom(
    [],
    [0x1f, 0x8b, 8, 0],
    [0x78, 0x9c],
    [0x28, 0xb5, 0x2f, 0xfd],
    [0x50, 0x2a, 0x4d, 0x18],
  );
  await fc.assert(
    fc.asyncProperty(coding, start, fc.uint8Array({ maxLength: 200 }), async (name, head, tail) => {
      const bytes = Buffer.concat([Buffer.from(head), tail]);
      for (const decode of [buffered, streamed]) {
        const result: unknown = await decode(bytes, [name], 10 * MIB).catch((thrown: unknown) => thrown);
        if (result instanceof Error) {
          expect(result instanceof DecodeError || result instanceof BodyTooLargeError).toBe(true);
        }
      }
    }),
    { seed: 118, numRuns: 300 },
  );
});

test("#117 S14 a body with flipped bits, or cut short, is itself, or an error of ours, and never more than maxBytes", async () => {
  const coder = fc.constantFrom(...CODINGS);
  const damage = fc.record({
    flips: fc.array(fc.tuple(fc.nat(), fc.nat(7)), { maxLength: 4 }),
    cut: fc.option(fc.nat(), { freq: 3 }),
    step: fc.integer({ min: 1, max: 300 }),
    limit: fc.constantFrom(100, SMALL.length, MIB),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(coder, { minLength: 1, maxLength: 3 }), damage, async (codings, how) => {
      let coded: Buffer = Buffer.from(SMALL);
      for (const [, , encode] of codings) coded = Buffer.from(encode(coded));
      for (const [at, bit] of how.flips) {
        const place = at % coded.length;
        coded[place] = (coded[place] ?? 0) ^ (1 << bit);
      }
      if (how.cut !== null) coded = coded.subarray(0, how.cut % coded.length);
      const names = codings.map(([, coding]) => coding);
      const ways = [
        () => buffered(coded, names, how.limit),
        () => streamed(coded, names, how.limit, how.step),
      ];
      for (const decode of ways) {
        const result: unknown = await decode().catch((thrown: unknown) => thrown);
        if (result instanceof Buffer) expect(result.length).toBeLessThanOrEqual(how.limit);
        else expect(result instanceof DecodeError || result instanceof BodyTooLargeError).toBe(true);
        // Half of the codings have a checksum: there what comes out is what went in.
        const checked = codings.every(([name]) => name === "gzip" || name === "zstd (checksum)");
        if (result instanceof Buffer && checked && how.cut === null && result.length > 0) {
          expect(result.equals(SMALL)).toBe(true);
        }
      }
    }),
    { seed: 119, numRuns: 400 },
  );
});
