import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Client, fileFrom } from "chasqui";
import type { BenchClient } from "../scenario.ts";
import { sumOf } from "../walk-by-hand.ts";

export default (): BenchClient => {
  const client = new Client();
  return {
    getJson: (url, turn) => client.get(url, { headers: { "x-turn": String(turn) } }).json(),
    postJson: (url, turn, data) =>
      client.post(url, { json: data, headers: { "x-turn": String(turn) } }).json(),
    download: (url, path) => pipeline(client.get(url).stream(), createWriteStream(path)),
    upload: async (url, path) =>
      client.post(url, { multipart: { note: "hi", file: await fileFrom(path) } }).json(),
    async sumOfIds(first) {
      let sum = 0;
      for await (const { rows } of client.paginate(first).pages()) sum += sumOf(rows);
      return sum;
    },
    async sumOfCounted(first) {
      let sum = 0;
      for await (const { rows } of client.paginate(first, { by: "page" }).pages()) sum += sumOf(rows);
      return sum;
    },
  };
};
