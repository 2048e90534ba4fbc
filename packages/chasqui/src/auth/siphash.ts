/**
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012): a keyed hash that is made at once, which no runtime but Node has.
 * Who does not know the key can neither guess what was hashed nor find two texts with one hash.
 *
 * @module
 */

/** Four words of 64 bits, each as two of 32: the lower half and the upper one. */
class State {
  #l0: number;
  #h0: number;
  #l1: number;
  #h1: number;
  #l2: number;
  #h2: number;
  #l3: number;
  #h3: number;

  constructor(key: DataView) {
    const [l0, h0, l1, h1] = [0, 4, 8, 12].map((at) => key.getUint32(at, true));
    this.#l0 = (l0 ?? 0) ^ 0x70736575;
    this.#h0 = (h0 ?? 0) ^ 0x736f6d65;
    this.#l1 = (l1 ?? 0) ^ 0x6e646f6d ^ 0xee;
    this.#h1 = (h1 ?? 0) ^ 0x646f7261;
    this.#l2 = (l0 ?? 0) ^ 0x6e657261;
    this.#h2 = (h0 ?? 0) ^ 0x6c796765;
    this.#l3 = (l1 ?? 0) ^ 0x79746573;
    this.#h3 = (h1 ?? 0) ^ 0x74656462;
  }

  /** Takes eight bytes in. */
  take(low: number, high: number): void {
    this.#l3 ^= low;
    this.#h3 ^= high;
    this.#rounds(2);
    this.#l0 ^= low;
    this.#h0 ^= high;
  }

  /** Ends with half of the hash. */
  first(): string {
    this.#l2 ^= 0xee;
    this.#rounds(4);
    return this.#hex();
  }

  /** And with the other half. */
  second(): string {
    this.#l1 ^= 0xdd;
    this.#rounds(4);
    return this.#hex();
  }

  /** Written out: in locals it takes a quarter of the time, and credentials are hashed for each request. */
  #rounds(count: number): void {
    let [l0, h0, l1, h1] = [this.#l0, this.#h0, this.#l1, this.#h1];
    let [l2, h2, l3, h3] = [this.#l2, this.#h2, this.#l3, this.#h3];
    let t: number;
    for (let round = 0; round < count; round++) {
      l0 = (l0 + l1) | 0;
      h0 = (h0 + h1 + carry(l0, l1)) | 0;
      t = l1;
      l1 = ((l1 << 13) | (h1 >>> 19)) ^ l0;
      h1 = ((h1 << 13) | (t >>> 19)) ^ h0;
      t = l0;
      l0 = h0;
      h0 = t;
      l2 = (l2 + l3) | 0;
      h2 = (h2 + h3 + carry(l2, l3)) | 0;
      t = l3;
      l3 = ((l3 << 16) | (h3 >>> 16)) ^ l2;
      h3 = ((h3 << 16) | (t >>> 16)) ^ h2;
      l0 = (l0 + l3) | 0;
      h0 = (h0 + h3 + carry(l0, l3)) | 0;
      t = l3;
      l3 = ((l3 << 21) | (h3 >>> 11)) ^ l0;
      h3 = ((h3 << 21) | (t >>> 11)) ^ h0;
      l2 = (l2 + l1) | 0;
      h2 = (h2 + h1 + carry(l2, l1)) | 0;
      t = l1;
      l1 = ((l1 << 17) | (h1 >>> 15)) ^ l2;
      h1 = ((h1 << 17) | (t >>> 15)) ^ h2;
      t = l2;
      l2 = h2;
      h2 = t;
    }
    this.#l0 = l0;
    this.#h0 = h0;
    this.#l1 = l1;
    this.#h1 = h1;
    this.#l2 = l2;
    this.#h2 = h2;
    this.#l3 = l3;
    this.#h3 = h3;
  }

  /** All four words as one, in the order of bytes that the reference writes. */
  #hex(): string {
    const low = this.#l0 ^ this.#l1 ^ this.#l2 ^ this.#l3;
    const high = this.#h0 ^ this.#h1 ^ this.#h2 ^ this.#h3;
    return hexOf(low) + hexOf(high);
  }
}

/** What a sum of 32 bits hands on to the upper half. */
function carry(sum: number, part: number): number {
  return sum >>> 0 < part >>> 0 ? 1 : 0;
}

function hexOf(half: number): string {
  const turned = (half << 24) | ((half & 0xff00) << 8) | ((half >>> 8) & 0xff00) | (half >>> 24);
  return (turned >>> 0).toString(16).padStart(8, "0");
}

/**
 * The hash of some bytes, as 32 hexadecimal digits.
 *
 * @param key - 16 bytes.
 * @example
 * ```ts
 * siphash(new TextEncoder().encode("a"), crypto.getRandomValues(new Uint8Array(16)));
 * ```
 */
export function siphash(bytes: Uint8Array, key: Uint8Array): string {
  const state = new State(new DataView(key.buffer, key.byteOffset, 16));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) state.take(view.getUint32(at, true), view.getUint32(at + 4, true));
  // What is left over, and the length in the last byte.
  const last = new DataView(new ArrayBuffer(8));
  for (let at = whole; at < bytes.length; at++) last.setUint8(at - whole, view.getUint8(at));
  last.setUint8(7, bytes.length & 0xff);
  state.take(last.getUint32(0, true), last.getUint32(4, true));
  return state.first() + state.second();
}
