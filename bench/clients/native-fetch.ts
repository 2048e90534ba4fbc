import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { formOf } from "../form-of-file.ts";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => ({
  async getJson(url, turn) {
    const response = await fetch(url, { headers: { "x-turn": String(turn) } });
    return response.json();
  },
  async postJson(url, turn, data) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-turn": String(turn) },
      body: JSON.stringify(data),
    });
    return response.json();
  },
  async download(url, path) {
    const { body } = await fetch(url);
    if (body === null) throw new Error("there is no body");
    await pipeline(Readable.fromWeb(body), createWriteStream(path));
  },
  async upload(url, path) {
    const response = await fetch(url, { method: "POST", body: await formOf(path) });
    return response.json();
  },
  sumOfIds: (first) =>
    walkByHand(first, async (url) => {
      const response = await fetch(url);
      return { rows: await response.json(), link: response.headers.get("link") };
    }),
});
