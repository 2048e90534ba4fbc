import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { request } from "@octokit/request";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => ({
  getJson: async (url, turn) =>
    (await request({ method: "GET", url, headers: { "x-turn": String(turn) } })).data,
  postJson: async (url, turn, data) =>
    (await request({ method: "POST", url, headers: { "x-turn": String(turn) }, data })).data,
  async download(url, path) {
    const { data } = await request({ method: "GET", url, request: { parseSuccessResponseBody: false } });
    await pipeline(Readable.fromWeb(data), createWriteStream(path));
  },
  sumOfIds: (first) =>
    walkByHand(first, async (url) => {
      const { data, headers } = await request({ method: "GET", url });
      return { rows: data, link: headers.link };
    }),
});
