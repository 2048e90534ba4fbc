import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { Agent, type Dispatcher } from "undici";
import type { BenchClient, Connect } from "../scenario.ts";

/** As little as one can do over undici: no promise, stream or check but what the data need. */
class JsonHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (data: unknown) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];

  constructor(resolve: (data: unknown) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(): void {}

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#resolve(JSON.parse(whole.toString()));
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
  const send = (options: Omit<Dispatcher.DispatchOptions, "origin">): Promise<unknown> =>
    new Promise((resolve, reject) => {
      agent.dispatch({ origin, ...options }, new JsonHandler(resolve, reject));
    });
  const client: BenchClient = {
    getJson: (url, turn) =>
      send({ path: url.slice(origin.length), method: "GET", headers: { "x-turn": String(turn) } }),
    postJson: (url, turn, data) =>
      send({
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
  };
  return client;
};

export default connect;
