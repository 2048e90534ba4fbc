import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GatheredBody } from "../../src/transport/gathered-body.ts";

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
