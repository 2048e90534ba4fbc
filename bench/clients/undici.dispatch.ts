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
  };
  return client;
};

export default connect;
