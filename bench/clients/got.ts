import { createWriteStream, openAsBlob } from "node:fs";
import { Agent } from "node:http";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import got from "got";
import type { BenchClient, Row } from "../scenario.ts";

export default (): BenchClient => {
  const client = got.extend({ agent: { http: new Agent({ keepAlive: true }) } });
  return {
    getJson: (url, turn) => client(url, { headers: { "x-turn": String(turn) } }).json(),
    postJson: (url, turn, data) =>
      client.post(url, { json: data, headers: { "x-turn": String(turn) } }).json(),
    download: (url, path) => pipeline(client.stream(url), createWriteStream(path)),
    async upload(url, path) {
      const form = new FormData();
      form.set("note", "hi");
      form.set("file", await openAsBlob(path), basename(path));
      return client.post(url, { body: form }).json();
    },
    async sumOfIds(first) {
      let sum = 0;
      for await (const { id } of client.paginate<Row>(first)) sum += id;
      return sum;
    },
  };
};
