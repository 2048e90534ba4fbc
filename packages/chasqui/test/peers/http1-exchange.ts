import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { DispatchController, DispatchOptions } from "../../src/transport/dispatch.ts";
import {
  Http1Connection,
  type Http1Handler,
  type Http1Owner,
  type Unsent,
} from "../../src/transport/http1/http1-connection.ts";
import { requestHead } from "../../src/transport/http1/request-head.ts";
import type { ResponseHead } from "../../src/transport/http1/response-head.ts";
import { readMemory, type SocketReads } from "../../src/transport/read-memory.ts";

/** A request of no headers and no body, but for what is said. */
export function requestOf(parts: Partial<DispatchOptions> = {}): DispatchOptions {
  return { path: "/", method: "GET", headers: [], body: null, ...parts };
}

/** A response as it came. */
export interface Answer {
  readonly interim: readonly number[];
  readonly status: number;
  readonly reason: string;
  /** Name, value, name, value …, the names in lower case. */
  readonly fields: readonly string[];
  /** In Latin-1: a character a byte. */
  readonly body: string;
}

/** One exchange, and what it was told. */
export class Told implements Http1Handler {
  /** The response, or what went wrong. */
  readonly outcome: Promise<Answer | Error>;
  /** What was told, in its order. */
  readonly events: string[] = [];
  /** Pieces of the request's body that were handed over. */
  sent = 0;
  controller: DispatchController | undefined;
  #settle: (outcome: Answer | Error) => void = () => {};
  readonly #interim: number[] = [];
  #head: ResponseHead | undefined;
  readonly #body: Buffer[] = [];

  constructor() {
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  onRequestStart(controller: DispatchController): void {
    this.controller = controller;
    this.events.push("start");
  }

  onBodySent(): void {
    this.sent++;
  }

  onHead(_: DispatchController, head: ResponseHead, length: number): void {
    this.events.push(`head ${head.status}`);
    if (head.status < 200) this.#interim.push(head.status);
    else {
      this.events.push(`length ${length}`);
      this.#head = head;
    }
  }

  onResponseData(_: DispatchController, chunk: Uint8Array): void {
    this.#body.push(Buffer.from(chunk));
  }

  onResponseEnd(): void {
    this.events.push("end");
    this.#settle(this.soFar);
  }

  /** What has come of the response. */
  get soFar(): Answer {
    return {
      interim: [...this.#interim],
      status: this.#head?.status ?? 0,
      reason: this.#head?.statusText ?? "",
      fields: [...(this.#head?.headers.flat ?? [])],
      body: Buffer.concat(this.#body).toString("latin1"),
    };
  }

  onResponseError(_: DispatchController | null, error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error));
    this.events.push(failure.name);
    this.#settle(failure);
  }
}

/** A connection of our own to a port of this machine, and who has it. */
export class OwnConnection implements Http1Owner<Http1Handler>, AsyncDisposable {
  readonly socket: Socket;
  readonly host: string;
  /** How long the connection is kept when it is idle, in milliseconds. */
  idleTimeout = 60_000;
  /** What its clock says. */
  time = 0;
  /** What it was given back, when it was over. */
  readonly unsent: Unsent<Http1Handler>[] = [];
  readonly #http1: Http1Connection<Http1Handler>;

  private constructor(socket: Socket, reads: SocketReads, host: string) {
    this.socket = socket;
    this.host = host;
    this.#http1 = new Http1Connection(socket, this);
    reads.giveTo(this.#http1);
  }

  static async open(port: number): Promise<OwnConnection> {
    const reads = readMemory.reading();
    const socket = connect({ port, host: "127.0.0.1", onread: reads.onread });
    await once(socket, "connect");
    return new OwnConnection(socket, reads, `127.0.0.1:${port}`);
  }

  now(): number {
    return this.time;
  }

  onGone(_: Http1Connection<Http1Handler>, unsent?: Unsent<Http1Handler>): void {
    if (unsent !== undefined) this.unsent.push(unsent);
  }

  /** Sends a request; what comes of it is told. */
  send(request: DispatchOptions, told: Told = new Told()): Told {
    this.#http1.send(requestHead(request, this.host), told, this.time);
    return told;
  }

  /**
   * Gives it what a socket would have read.
   *
   * @param isLent - Whether it is in memory that has more, and that others read into afterwards.
   */
  receive(bytes: Buffer, isLent = false): void {
    if (!isLent) {
      this.#http1.receive(bytes, bytes.length, false);
      return;
    }
    const memory = Buffer.alloc(bytes.length + 64, "\r\n0");
    bytes.copy(memory);
    this.#http1.receive(memory, bytes.length, true);
    memory.fill("x");
  }

  /** Its exchange is over, and it waits for another. */
  rest(): void {
    this.#http1.used(this.time);
    this.#http1.rest();
  }

  /** Whether another request may be sent on it. */
  get isKept(): boolean {
    return !this.#http1.isOver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http1.destroy();
  }
}
