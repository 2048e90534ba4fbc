import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import ky from "ky";
import { formOf } from "../form-of-file.ts";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => ({
  getJson: (url, turn) => ky(url, { headers: { "x-turn": String(turn) } }).json(),
  postJson: (url, turn, data) => ky.post(url, { json: data, headers: { "x-turn": String(turn) } }).json(),
  async download(url, path) {
    const { body } = await ky(url, { timeout: false });
    if (body === null) throw new Error("there is no body");
    await pipeline(Readable.fromWeb(body), createWriteStream(path));
  },
  sumOfIds: (first) =>
    walkByHand(first, async (url) => {
      const response = await ky(url);
      return { rows: await response.json(), link: response.headers.get("link") };
    }),
  upload: async (url, path) => ky.post(url, { body: await formOf(path), timeout: false }).json(),
});
