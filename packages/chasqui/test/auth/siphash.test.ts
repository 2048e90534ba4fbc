import { expect, test } from "vitest";
import { siphash } from "../../src/auth/siphash.ts";

const KEY = Uint8Array.from({ length: 16 }, (_, at) => at);

/** Of the reference implementation (`vectors_sip128`), as OpenSSL's `SIPHASH` computes them too. */
test.each([
  [0, "a3817f04ba25a8e66df67214c7550293"],
  [1, "da87c1d86b99af44347659119b22fc45"],
  [15, "5493e99933b0a8117e08ec0f97cfc3d9"],
  [33, "77c6077146f01c32b6b69d5f4ea9ffcf"],
])("the hash of %i bytes is the reference's", (length, hash) => {
  const bytes = Uint8Array.from({ length }, (_, at) => at);
  expect(siphash(bytes, KEY)).toBe(hash);
});

test("bytes and key may lie anywhere in a larger buffer", () => {
  const shifted = (bytes: Uint8Array): Uint8Array => {
    const larger = new Uint8Array(bytes.length + 7).fill(9);
    larger.set(bytes, 3);
    return larger.subarray(3, 3 + bytes.length);
  };
  const bytes = Uint8Array.from({ length: 33 }, (_, at) => at);
  expect(siphash(shifted(bytes), shifted(KEY))).toBe("77c6077146f01c32b6b69d5f4ea9ffcf");
});
