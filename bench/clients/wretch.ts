import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import wretch from "wretch";
import { formOf } from "../form-of-file.ts";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => ({
  getJson: (url, turn) =>
    wretch(url)
      .headers({ "x-turn": String(turn) })
      .get()
      .json(),
  postJson: (url, turn, data) =>
    wretch(url)
      .headers({ "x-turn": String(turn) })
      .post(data)
      .json(),
  async download(url, path) {
    const { body } = await wretch(url).get().res();
    if (body === null) throw new Error("there is no body");
    await pipeline(Readable.fromWeb(body), createWriteStream(path));
  },
  sumOfIds: (first) =>
    walkByHand(first, async (url) => {
      const response = await wretch(url).get().res();
      return { rows: await response.json(), link: response.headers.get("link") };
    }),
  upload: async (url, path) =>
    wretch(url)
      .body(await formOf(path))
      .post()
      .json(),
});
