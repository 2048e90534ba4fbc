import type { Socket } from "node:net";
import type { DispatchController } from "../dispatch.ts";
import type { Receiver } from "../read-memory.ts";
import { Chunks } from "./chunks.ts";
import { ConnectionEnded, LengthMismatch, MalformedResponse } from "./fault.ts";
import { HeadReader } from "./head-reader.ts";
import { type Framing, framingOf, idleLimitOf, isKept } from "./message.ts";
import type { RequestHead } from "./request-head.ts";
import type { ResponseHead } from "./response-head.ts";

/** What a connection tells the exchange that it carries. */
export interface Http1Handler {
  /** The first byte is about to be written. */
  onRequestStart(controller: DispatchController): void;
  /** A piece of the body was handed to the connection. */
  onBodySent(): void;
  /** @param length - Of the body in bytes; NaN where that is not said. Of an interim response it means nothing. */
  onHead(controller: DispatchController, head: ResponseHead, length: number): void;
  onResponseData(controller: DispatchController, chunk: Uint8Array): void;
  onResponseEnd(): void;
  onResponseError(controller: DispatchController | null, error: unknown): void;
}

/** Who has the connection. */
export interface Http1Owner<H extends Http1Handler> {
  /** How long it is kept when it is idle, in milliseconds, where the server says nothing of it. */
  readonly idleTimeout: number;
  now(): number;
  /** It carries nothing any more, and never will. What it was given and has not begun to write is given back. */
  onGone(connection: Http1Connection<H>, unsent?: Unsent<H>): void;
}

/** A request that was not begun. */
export interface Unsent<H extends Http1Handler> {
  readonly request: RequestHead;
  readonly handler: H;
}

/** What comes next: nothing, the head of a response, its body by one of three ways; or the connection is over. */
type Awaited = "nothing" | "head" | Exclude<Framing, "none"> | "over";

/** A body of up to so many bytes is copied to stand right behind its head: of more the copy costs as much as it saves. */
const SMALL = 16 * 1024;
/** As long as a timer of Node's can be. */
const MOST_MS = 2 ** 31 - 1;
/** A connection that was used less long ago than that has been heard, in milliseconds. */
const FRESH = 1;

/**
 * One connection that speaks HTTP/1.1 (RFC 9112), one exchange at a time: it writes requests to a socket and reads the responses out
 * of what comes. It does not look further than it was asked to: what comes unasked ends it, and so does what is no HTTP.
 */
export class Http1Connection<H extends Http1Handler> implements Receiver, DispatchController {
  readonly #socket: Socket;
  readonly #owner: Http1Owner<H>;
  readonly #reader: HeadReader = new HeadReader();
  #awaited: Awaited = "nothing";
  #request: RequestHead | undefined;
  #handler: H | undefined;
  /** Whether the request is written, or has begun to be. */
  #isWritten = false;
  /** Whether a body is on its way out. */
  #isSending = false;
  #isKept = false;
  #hasReceived = false;
  /**
   * Whether the last read brought all that the system had. It did where it left some of its memory: of TLS one read brings many
   * records, one after the other, and who has filled his memory reads on.
   */
  #isHeard = false;
  /** Bytes of the body that have yet to come. */
  #left = 0;
  #chunks: Chunks | undefined;
  #isPaused = false;
  /** Tells who waits for the socket to take more. */
  #drained: (() => void) | undefined;

  #idleSince = 0;
  #idleLimit: number;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = 0;
  #wasUsed = false;
  #closed: Promise<void> | undefined;

  constructor(socket: Socket, owner: Http1Owner<H>) {
    this.#socket = socket;
    this.#owner = owner;
    this.#idleLimit = owner.idleTimeout;
    socket.on("data", (bytes: Buffer) => this.receive(bytes, bytes.length, false));
    socket.on("drain", () => this.#proceed());
    socket.on("end", () => this.#onEnd());
    socket.on("error", (error) => this.#lose(error));
    socket.on("close", () => this.#lose(new ConnectionEnded()));
  }

  /** Whether it carries nothing any more, and never will. */
  get isOver(): boolean {
    return this.#awaited === "over";
  }

  /** Whether anything has come since the exchange began. */
  get hasReceived(): boolean {
    return this.#hasReceived;
  }

  /** Whether all that was given to send is with the kernel, or encrypted and there. */
  get hasWritten(): boolean {
    return this.#socket.writableLength === 0;
  }

  /**
   * Sends a request, of which the handler is told what comes of it.
   *
   * @param at - When, by the clock of the owner: it may be a little behind.
   */
  send(request: RequestHead, handler: H, at: number): void {
    this.#request = request;
    this.#handler = handler;
    this.#isWritten = false;
    this.#hasReceived = false;
    this.#socket.ref();
    if (!this.#wasUsed || (this.#isHeard && at - this.#idleSince < FRESH)) this.#write(request, handler);
    else this.#lookFirst(request, handler);
  }

  /**
   * What has come while nobody looked, the end of the connection or what nobody asked for, is seen before a request is written: the
   * loop asks the system between two of its turns. What came before a request was written must not be its answer.
   */
  #lookFirst(request: RequestHead, handler: H): void {
    const write = (): void => {
      if (this.#request === request) this.#write(request, handler);
    };
    setImmediate(() => setImmediate(write));
  }

  letProcessEnd(): void {
    this.#socket.unref();
  }

  holdProcess(): void {
    this.#socket.ref();
  }

  /** Its last exchange was over then, by the clock of the owner. */
  used(at: number): void {
    this.#idleSince = at;
  }

  /** It waits for another exchange since then. */
  rest(): void {
    this.#socket.unref();
    if (this.#idleTimer !== undefined && this.#idleLimit < this.#armedFor) this.#stopIdle();
    if (this.#idleTimer === undefined) this.#limitIdle(this.#idleLimit);
  }

  #stopIdle(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
  }

  /** One timer goes on while exchanges come and go, and looks when it falls due. */
  #limitIdle(ms: number): void {
    if (!Number.isFinite(ms)) return;
    const timer = setTimeout(
      () => {
        this.#idleTimer = undefined;
        if (this.#awaited !== "nothing" || this.#handler !== undefined) return;
        const left = this.#idleLimit - (this.#owner.now() - this.#idleSince);
        if (left > 1) this.#limitIdle(left);
        else this.#end();
      },
      Math.min(ms, MOST_MS),
    );
    timer.unref();
    this.#idleTimer = timer;
    this.#armedFor = ms;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  abort(reason: Error): void {
    this.#fail(reason);
  }

  /** Ends it at once; what it carries is told of it. Resolves when the socket is closed. */
  destroy(reason?: Error): Promise<void> {
    this.#fail(reason ?? new ConnectionEnded());
    return this.#whenClosed();
  }

  #whenClosed(): Promise<void> {
    this.#closed ??= this.#socket.closed
      ? Promise.resolve()
      : new Promise((resolve) => this.#socket.once("close", () => resolve()));
    return this.#closed;
  }

  #write(head: RequestHead, handler: H): void {
    this.#isWritten = true;
    this.#isKept = !head.isLast;
    handler.onRequestStart(this);
    // Who is told may have given it up.
    if (this.#handler !== handler) return;
    if (head.pieces !== undefined) void this.#writePieces(head, head.pieces, handler);
    else {
      this.#awaited = "head";
      this.#writeWhole(head);
    }
  }

  #writeWhole({ text, whole, length }: RequestHead): void {
    const socket = this.#socket;
    if (length === 0) {
      socket.write(text, "latin1");
    } else if (length > SMALL) {
      socket.cork();
      socket.write(text, "latin1");
      socket.write(whole);
      socket.uncork();
    } else if (typeof whole === "string" && whole.length === length) {
      // All of it is ASCII: a character a byte.
      socket.write(text + whole, "latin1");
    } else {
      const all = Buffer.allocUnsafe(text.length + length);
      all.write(text, 0, "latin1");
      if (typeof whole === "string") all.write(whole, text.length, "utf8");
      else all.set(whole, text.length);
      socket.write(all);
    }
  }

  async #writePieces(
    { text, announced }: RequestHead,
    pieces: AsyncIterable<Uint8Array>,
    handler: H,
  ): Promise<void> {
    const socket = this.#socket;
    const isChunked = announced === undefined;
    let head: string | undefined = text;
    const framing = isChunked ? "transfer-encoding: chunked" : `content-length: ${announced}`;
    let sent = 0;
    this.#isSending = true;
    try {
      for await (const piece of pieces) {
        if (this.#handler !== handler) return;
        if (piece.length === 0) continue;
        sent += piece.length;
        if (announced !== undefined && sent > announced) {
          throw new LengthMismatch(`it has more than the ${announced} bytes that were announced`);
        }
        socket.cork();
        // With the first piece: of a body that cannot be read nothing is sent.
        if (head !== undefined) this.#begin(`${head}${framing}`);
        head = undefined;
        if (isChunked) socket.write(`${piece.length.toString(16)}\r\n`, "latin1");
        let takesMore = socket.write(piece);
        if (isChunked) takesMore = socket.write("\r\n", "latin1");
        socket.uncork();
        if (!takesMore) await this.#whenDrained();
        if (this.#handler !== handler) return;
        handler.onBodySent();
      }
      if (this.#handler !== handler) return;
      if (announced !== undefined && sent < announced) {
        throw new LengthMismatch(`it has ${sent} bytes, and ${announced} were announced`);
      }
      if (head !== undefined) this.#begin(`${head}content-length: 0`);
      else if (isChunked) socket.write("0\r\n\r\n", "latin1");
      this.#isSending = false;
    } catch (error) {
      if (this.#handler === handler) this.#fail(error);
    }
  }

  /** Writes the head of what comes in pieces. What comes before it is no answer to it. */
  #begin(head: string): void {
    this.#awaited = "head";
    this.#socket.write(`${head}\r\n\r\n`, "latin1");
  }

  #whenDrained(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #proceed(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  receive(given: Buffer, to: number, isLent: boolean): void {
    this.#hasReceived = true;
    this.#isHeard = isLent;
    try {
      this.#read(given, to, isLent);
    } catch (error) {
      this.#fail(error);
    }
  }

  #read(given: Buffer, to: number, isGivenLent: boolean): void {
    let bytes = given;
    let end = to;
    let isLent = isGivenLent;
    let at = 0;
    while (at < end) {
      switch (this.#awaited) {
        case "head": {
          at = this.#reader.read(bytes, at, end);
          const { head } = this.#reader;
          if (head !== undefined) this.#onHead(head, at === end);
          break;
        }
        case "counted": {
          const from = at;
          at = Math.min(end, from + this.#left);
          this.#left -= at - from;
          this.#handler?.onResponseData(this, pieceOf(bytes, from, at, isLent));
          if (this.#left === 0 && this.#awaited === "counted") this.#complete(at === end);
          break;
        }
        case "chunks":
          if (isLent) {
            // One copy for all the pieces that are in it: they may be small and many.
            bytes = copyOf(bytes, at, end);
            end = bytes.length;
            at = 0;
            isLent = false;
          }
          at = this.#readChunk(bytes, at, end);
          break;
        case "all":
          this.#handler?.onResponseData(this, pieceOf(bytes, at, end, isLent));
          at = end;
          break;
        case "nothing":
          // RFC 9112 9.2: nobody has asked for it, and it must not be the answer to what is asked next.
          this.#lose(new ConnectionEnded());
          return;
        case "over":
          return;
      }
    }
  }

  #onHead(head: ResponseHead, isAll: boolean): void {
    const handler = this.#handler;
    const method = this.#request?.asked.method;
    if (handler === undefined || method === undefined) return;
    // RFC 9110 15.2.2: the connection would speak something else from here on.
    if (head.status === 101) throw new MalformedResponse("101 Switching Protocols, which was not asked for");
    const framing = framingOf(head, method);
    if (head.status < 200) {
      handler.onHead(this, head, 0);
      return;
    }
    this.#idleLimit = idleLimitOf(head, this.#owner.idleTimeout);
    this.#isKept &&= this.#idleLimit > 0 && isKept(head, framing);
    this.#left = framing === "counted" ? Number(head.header("content-length")) : 0;
    if (framing === "chunks") this.#chunks = new Chunks();
    if (framing !== "none") this.#awaited = framing;
    handler.onHead(this, head, framing === "none" || framing === "counted" ? this.#left : Number.NaN);
    if (framing === "none" && this.#handler === handler) this.#complete(isAll);
  }

  #readChunk(bytes: Buffer, from: number, to: number): number {
    const chunks = this.#chunks;
    if (chunks === undefined) return to;
    const at = chunks.read(bytes, from, to);
    const { length } = chunks;
    if (length > 0) this.#handler?.onResponseData(this, pieceOf(bytes, at - length, at, false));
    if (chunks.ended && this.#awaited === "chunks") this.#complete(at === to);
    return at;
  }

  /**
   * The response is whole.
   *
   * @param isAll - Whether nothing came behind it, which nobody would have asked for.
   */
  #complete(isAll: boolean): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#request = undefined;
    this.#chunks = undefined;
    this.#wasUsed = true;
    // Behind a request that the server does not take the next one would wait for ever.
    if (this.#isKept && isAll && !this.#isSending && !this.#socket.writableNeedDrain) {
      this.#awaited = "nothing";
      this.resume();
    } else this.#end();
    try {
      handler?.onResponseEnd();
    } catch (error) {
      this.#fail(new ConnectionEnded());
      handler?.onResponseError(this, error);
    }
  }

  /** RFC 9112 8: the end of the connection is that of a body without a length, and of nothing else. */
  #onEnd(): void {
    if (this.#awaited === "all") this.#complete(false);
    else this.#lose(new ConnectionEnded());
  }

  /** It is over, in good order or not, and the owner alone is told. */
  #end(unsent?: Unsent<H>): void {
    if (this.#awaited === "over") return;
    this.#awaited = "over";
    this.#stopIdle();
    this.#proceed();
    this.#socket.destroy();
    this.#owner.onGone(this, unsent);
  }

  /** The connection is lost. What has not been written is none the worse for it. */
  #lose(error: unknown): void {
    const request = this.#request;
    const handler = this.#handler;
    if (request === undefined || handler === undefined || this.#isWritten) {
      this.#fail(error);
      return;
    }
    this.#request = undefined;
    this.#handler = undefined;
    this.#end({ request, handler });
  }

  #fail(error: unknown): void {
    const handler = this.#handler;
    this.#request = undefined;
    this.#handler = undefined;
    this.#end();
    handler?.onResponseError(this, error);
  }
}

/** What is lent is read into again, and is copied out of there. */
function pieceOf(bytes: Buffer, from: number, to: number, isLent: boolean): Buffer {
  if (isLent) return copyOf(bytes, from, to);
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** Memory of its own, which whoever gets it may transfer or keep. */
function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}
