import { createWriteStream } from "node:fs";
import { Agent } from "node:http";
import { pipeline } from "node:stream/promises";
import axios from "axios";
import { formOf } from "../form-of-file.ts";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => {
  const client = axios.create({ httpAgent: new Agent({ keepAlive: true }) });
  return {
    getJson: async (url, turn) => (await client.get(url, { headers: { "x-turn": String(turn) } })).data,
    postJson: async (url, turn, data) =>
      (await client.post(url, data, { headers: { "x-turn": String(turn) } })).data,
    async download(url, path) {
      const { data } = await client.get<NodeJS.ReadableStream>(url, { responseType: "stream" });
      await pipeline(data, createWriteStream(path));
    },
    async upload(url, path) {
      // Or it collects the body, to follow redirects with it.
      return (await client.post(url, await formOf(path), { maxRedirects: 0 })).data;
    },
    sumOfIds: (first) =>
      walkByHand(first, async (url) => {
        const { data, headers } = await client.get(url);
        return { rows: data, link: headers.link };
      }),
  };
};
