import type { Socket } from "node:net";

/** As many as there may be before a response; what comes after them is left to the parser, which refuses it. */
const MOST = 32;
/** Bytes that one may have, with its headers. */
const LONGEST = 8 * 1024;
/** Its status line as far as it says what it is; the minor version is either digit. */
const LINE = Buffer.from("HTTP/1.1 100 ");
const MINOR = 7;
/** Of the status, the first digit: by it nearly every response is known for none. */
const STATUS = 9;
const ONE = 0x31;

/**
 * Leaves out every `100 Continue` that a server sends before its response though nobody asked for it, as some do to each POST: "A
 * client MUST be able to parse one or more 1xx responses received prior to a final response, even if the client does not
 * expect one" (RFC 9110 15.2), and undici ends the connection.
 */
export class UnaskedContinue {
  #awaits = false;
  #left = 0;
  #held: Uint8Array | undefined;

  /** @param socket - Of HTTP/1, before anything is read of it. */
  constructor(socket: Socket) {
    const { read } = socket;
    socket.read = (size?: number): unknown => {
      const bytes: unknown = read.call(socket, size);
      return this.#awaits && bytes instanceof Uint8Array ? this.#without(bytes) : bytes;
    };
  }

  /** A request goes out: what comes next is the beginning of its response. */
  awaitResponse(): void {
    this.#awaits = true;
    this.#left = MOST;
    this.#held = undefined;
  }

  /** What has come without them; null where that is nothing, or may yet be the beginning of one. */
  #without(come: Uint8Array): Uint8Array | null {
    let bytes = come;
    if (this.#held !== undefined) bytes = Buffer.concat([this.#held, come]);
    this.#held = undefined;
    while (bytes.length > 0) {
      const end = mayBeOne(bytes) ? endOf(bytes) : 0;
      const length = end < 0 ? bytes.length : end;
      if (length === 0 || length > LONGEST || this.#left === 0) {
        this.#awaits = false;
        return bytes;
      }
      if (end < 0) {
        this.#held = bytes;
        return null;
      }
      this.#left--;
      bytes = bytes.subarray(end);
    }
    return null;
  }
}

/** Whether bytes begin as one does, as far as they go. */
function mayBeOne(bytes: Uint8Array): boolean {
  const first = bytes[STATUS];
  if (first !== undefined && first !== ONE) return false;
  const length = Math.min(bytes.length, LINE.length);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte === LINE[i] || (i === MINOR && byte === 0x30)) continue;
    return false;
  }
  return true;
}

/** Where its head ends; -1 where that has not come. */
function endOf(bytes: Uint8Array): number {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf("\r\n\r\n");
  return end < 0 ? -1 : end + 4;
}
