import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { request } from "undici";
import { formByHand } from "../form-by-hand.ts";
import type { BenchClient } from "../scenario.ts";
import { sumOf, walkByHand } from "../walk-by-hand.ts";

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
  async upload(url, path) {
    const { body } = await request(url, { method: "POST", ...(await formByHand(path)) });
    return body.json();
  },
  async sumOfCounted(first) {
    const url = new URL(first);
    let sum = 0;
    for (let read = 0; ; ) {
      const { headers, body } = await request(url);
      const rows = await body.json();
      sum += sumOf(rows);
      read += Array.isArray(rows) ? rows.length : 0;
      if (read >= Number(headers["x-total-count"])) return sum;
      url.searchParams.set("page", String(Number(url.searchParams.get("page")) + 1));
    }
  },
  sumOfIds: (first) =>
    walkByHand(first, async (url) => {
      const { headers, body } = await request(url);
      return { rows: await body.json(), link: headers.link };
    }),
});
