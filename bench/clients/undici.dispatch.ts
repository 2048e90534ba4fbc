import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { Agent, type Dispatcher } from "undici";
import { formByHand } from "../form-by-hand.ts";
import type { BenchClient, Connect } from "../scenario.ts";
import { type HandPage, walkByHand } from "../walk-by-hand.ts";

/** As little as one can do over undici: no promise, stream or check but what the data need. */
class JsonHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (page: HandPage) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];

  #link: unknown;

  constructor(resolve: (page: HandPage) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    _status: number,
    headers: Record<string, unknown>,
  ): void {
    this.#link = headers.link;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#resolve({ rows: JSON.parse(whole.toString()), link: this.#link });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}

/** Into a file, no faster than the file takes it. */
class FileHandler implements Dispatcher.DispatchHandler {
  readonly #file: WriteStream;

  constructor(file: WriteStream) {
    this.#file = file;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#file.on("drain", () => controller.resume());
  }

  onResponseStart(): void {}

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#file.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#file.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#file.destroy(error);
  }
}

const connect: Connect = (origin) => {
  const agent = new Agent();
  const fetch = (options: Dispatcher.DispatchOptions): Promise<HandPage> =>
    new Promise((resolve, reject) => {
      agent.dispatch(options, new JsonHandler(resolve, reject));
    });
  const send = async (options: Dispatcher.DispatchOptions): Promise<unknown> => (await fetch(options)).rows;
  const client: BenchClient = {
    getJson: (url, turn) =>
      send({ origin, path: url.slice(origin.length), method: "GET", headers: { "x-turn": String(turn) } }),
    postJson: (url, turn, data) =>
      send({
        origin,
        path: url.slice(origin.length),
        method: "POST",
        headers: { "content-type": "application/json", "x-turn": String(turn) },
        body: JSON.stringify(data),
      }),
    download(url, path) {
      const file = createWriteStream(path);
      agent.dispatch({ origin, path: url.slice(origin.length), method: "GET" }, new FileHandler(file));
      return finished(file);
    },
    upload: async (url, path) =>
      send({ origin: url, path: "/", method: "POST", ...(await formByHand(path)) }),
    sumOfIds: (first) =>
      walkByHand(first, (url) => fetch({ origin, path: url.slice(origin.length), method: "GET" })),
  };
  return client;
};

export default connect;
