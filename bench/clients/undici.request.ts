import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { request } from "undici";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => ({
  async getJson(url, turn) {
    const { body } = await request(url, { headers: { "x-turn": String(turn) } });
    return body.json();
  },
  async postJson(url, turn, data) {
    const { body } = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-turn": String(turn) },
      body: JSON.stringify(data),
    });
    return body.json();
  },
  async download(url, path) {
    const { body } = await request(url);
    await pipeline(body, createWriteStream(path));
  },
  sumOfIds: (first) =>
    walkByHand(first, async (url) => {
      const { headers, body } = await request(url);
      return { rows: await body.json(), link: headers.link };
    }),
});
