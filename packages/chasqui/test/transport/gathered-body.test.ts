import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GatheredBody } from "../../src/transport/gathered-body.ts";

setFlagsFromString("--expose-gc");
/** Frees what nobody holds. */
const collect: () => void = runInNewContext("gc");

const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 2, maxLength: 12 });

function gathered(announced: number, [first, ...rest]: readonly Uint8Array[]): Uint8Array {
  const body = new GatheredBody(announced, first ?? new Uint8Array());
  for (const piece of rest) body.add(piece);
  return body.whole();
}

describe("a body that comes in pieces", () => {
  test("is the pieces one after the other, whatever was announced", () => {
    const announced = fc.oneof(fc.constant(Number.NaN), fc.nat({ max: 600 }), fc.constant(2 ** 40));
    fc.assert(
      fc.property(pieces, announced, (parts, length) => {
        expect([...gathered(length, parts)]).toEqual(parts.flatMap((part) => [...part]));
      }),
      { seed: 34 },
    );
  });

  test("is the pieces where the announced length is right", () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const bytes = parts.flatMap((part) => [...part]);
        expect([...gathered(bytes.length, parts)]).toEqual(bytes);
      }),
      { seed: 35 },
    );
  });

  test("gets no memory for what a server announces and does not send", () => {
    // More than there can be: to ask for it would throw.
    const body = new GatheredBody(2 ** 52, new Uint8Array(1000));
    for (let i = 0; i < 100; i++) body.add(new Uint8Array(1000));
    expect(body.whole().length).toBe(101_000);
  });
});

describe("a body that is cut into very many pieces", () => {
  test("is the pieces in their order, small and large ones in turn", () => {
    const sizes = fc.array(fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 4000, max: 70_000 })), {
      minLength: 65,
      maxLength: 300,
    });
    const announced = fc.oneof(fc.constant(Number.NaN), fc.nat({ max: 4_000_000 }));
    fc.assert(
      fc.property(sizes, announced, (lengths, length) => {
        const parts = lengths.map((size, n) => new Uint8Array(size).fill(n % 251));
        expect(Buffer.from(gathered(length, parts)).equals(Buffer.concat(parts))).toBe(true);
      }),
      { seed: 36, numRuns: 40 },
    );
  });

  test("S14 takes about what it is, and not an object for each of its bytes", () => {
    const heap = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const body = new GatheredBody(Number.NaN, new Uint8Array(1));
    const before = heap();
    const source = new Uint8Array(500_000);
    for (let i = 0; i < source.length; i++) body.add(source.subarray(i, i + 1));
    // With an object for each it is 40 MB.
    expect(heap() - before).toBeLessThan(10_000_000);
    expect(body.whole().length).toBe(500_001);
  });

  test("S14 holds nothing of what came with it and is none of it", async () => {
    const read: WeakRef<ArrayBufferLike>[] = [];
    const piece = (): Uint8Array => {
      const memory = new Uint8Array(512 * 1024);
      read.push(new WeakRef(memory.buffer));
      return memory.subarray(100, 101);
    };
    const body = new GatheredBody(Number.NaN, piece());
    for (let i = 0; i < 60; i++) body.add(piece());
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(read.filter((memory) => memory.deref() !== undefined).length).toBeLessThanOrEqual(5);
    expect(body.whole().length).toBe(61);
  });
});
