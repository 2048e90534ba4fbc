import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ofetch } from "ofetch";
import { formOf } from "../form-of-file.ts";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => ({
  getJson: (url, turn) => ofetch(url, { headers: { "x-turn": String(turn) } }),
  postJson: (url, turn, data) =>
    ofetch(url, { method: "POST", body: { ...data }, headers: { "x-turn": String(turn) } }),
  async download(url, path) {
    const body = await ofetch(url, { responseType: "stream" });
    await pipeline(Readable.fromWeb(body), createWriteStream(path));
  },
  sumOfIds: (first) =>
    walkByHand(first, async (url) => {
      const { _data: rows, headers } = await ofetch.raw(url);
      return { rows, link: headers.get("link") };
    }),
  upload: async (url, path) => ofetch(url, { method: "POST", body: await formOf(path) }),
});
