import { createWriteStream } from "node:fs";
import { Agent } from "node:http";
import { pipeline } from "node:stream/promises";
import got from "got";
import { formOf } from "../form-of-file.ts";
import type { BenchClient, Row } from "../scenario.ts";

export default (): BenchClient => {
  const client = got.extend({ agent: { http: new Agent({ keepAlive: true }) } });
  return {
    getJson: (url, turn) => client(url, { headers: { "x-turn": String(turn) } }).json(),
    postJson: (url, turn, data) =>
      client.post(url, { json: data, headers: { "x-turn": String(turn) } }).json(),
    download: (url, path) => pipeline(client.stream(url), createWriteStream(path)),
    upload: async (url, path) => client.post(url, { body: await formOf(path) }).json(),
    async sumOfIds(first) {
      let sum = 0;
      for await (const { id } of client.paginate<Row>(first)) sum += id;
      return sum;
    },
  };
};
