/**
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012): a keyed hash that is made at once, which no runtime but Node has.
 * Who does not know the key can neither guess what was hashed nor find two texts with one hash.
 *
 * @module
 */

/** A number of 64 bits as two of 32, the upper half first. */
type Word = [high: number, low: number];

/** Four words, mixed. */
class State {
  readonly v0: Word;
  readonly v1: Word;
  readonly v2: Word;
  readonly v3: Word;

  constructor(key: DataView) {
    const [k0, k1] = [wordAt(key, 0), wordAt(key, 8)];
    this.v0 = [k0[0] ^ 0x736f6d65, k0[1] ^ 0x70736575];
    this.v1 = [k1[0] ^ 0x646f7261, k1[1] ^ 0x6e646f6d ^ 0xee];
    this.v2 = [k0[0] ^ 0x6c796765, k0[1] ^ 0x6e657261];
    this.v3 = [k1[0] ^ 0x74656462, k1[1] ^ 0x79746573];
  }

  rounds(count: number): void {
    const { v0, v1, v2, v3 } = this;
    for (let round = 0; round < count; round++) {
      add(v0, v1);
      turn(v1, 13, v0);
      swap(v0);
      add(v2, v3);
      turn(v3, 16, v2);
      add(v0, v3);
      turn(v3, 21, v0);
      add(v2, v1);
      turn(v1, 17, v2);
      swap(v2);
    }
  }

  take(word: Word): void {
    xor(this.v3, word);
    this.rounds(2);
    xor(this.v0, word);
  }

  /** All four as one, in the order of bytes that the reference writes. */
  hex(): string {
    const all: Word = [0, 0];
    for (const word of [this.v0, this.v1, this.v2, this.v3]) xor(all, word);
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setUint32(0, all[1], true);
    bytes.setUint32(4, all[0], true);
    return bytes.getBigUint64(0).toString(16).padStart(16, "0");
  }
}

function wordAt(bytes: DataView, at: number): Word {
  return [bytes.getUint32(at + 4, true), bytes.getUint32(at, true)];
}

function xor(word: Word, other: Word): void {
  word[0] ^= other[0];
  word[1] ^= other[1];
}

function add(word: Word, other: Word): void {
  const low = (word[1] >>> 0) + (other[1] >>> 0);
  word[0] = (word[0] + other[0] + (low > 0xffffffff ? 1 : 0)) | 0;
  word[1] = low | 0;
}

/** Rotated to the left by less than 32 bits, and mixed with another. */
function turn(word: Word, bits: number, other: Word): void {
  const [high, low] = word;
  word[0] = ((high << bits) | (low >>> (32 - bits))) ^ other[0];
  word[1] = ((low << bits) | (high >>> (32 - bits))) ^ other[1];
}

/** Rotated by 32 bits. */
function swap(word: Word): void {
  word.reverse();
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
  const whole = bytes.length - (bytes.length % 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < whole; at += 8) state.take(wordAt(view, at));
  const last = new DataView(new ArrayBuffer(8));
  for (let at = whole; at < bytes.length; at++) last.setUint8(at - whole, view.getUint8(at));
  last.setUint8(7, bytes.length & 0xff);
  state.take(wordAt(last, 0));
  state.v2[1] ^= 0xee;
  state.rounds(4);
  const first = state.hex();
  state.v1[1] ^= 0xdd;
  state.rounds(4);
  return first + state.hex();
}
