import { createWriteStream } from "node:fs";
import { Agent } from "node:http";
import { pipeline } from "node:stream/promises";
import needle from "needle";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => {
  // Without an agent it asks the server to close each connection.
  const agent = new Agent({ keepAlive: true });
  return {
    getJson: async (url, turn) =>
      (await needle("get", url, null, { agent, headers: { "x-turn": String(turn) } })).body,
    postJson: async (url, turn, data) =>
      (await needle("post", url, data, { agent, json: true, headers: { "x-turn": String(turn) } })).body,
    sumOfIds: (first) =>
      walkByHand(first, async (url) => {
        const { body, headers } = await needle("get", url, null, { agent });
        return { rows: body, link: headers.link };
      }),
    async upload(url, path) {
      const data = { note: "hi", file: { file: path, content_type: "application/octet-stream" } };
      return (await needle("post", url, data, { agent, multipart: true })).body;
    },
    download: (url, path) => pipeline(needle.get(url, { agent }), createWriteStream(path)),
  };
};
