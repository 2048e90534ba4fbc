import { createWriteStream } from "node:fs";
import { Agent } from "node:http";
import { pipeline } from "node:stream/promises";
import fetch, { FormData, fileFrom } from "node-fetch";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => {
  // Without an agent it asks the server to close each connection.
  const agent = new Agent({ keepAlive: true });
  return {
    getJson: async (url, turn) => (await fetch(url, { agent, headers: { "x-turn": String(turn) } })).json(),
    async postJson(url, turn, data) {
      const response = await fetch(url, {
        agent,
        method: "POST",
        headers: { "content-type": "application/json", "x-turn": String(turn) },
        body: JSON.stringify(data),
      });
      return response.json();
    },
    async download(url, path) {
      const { body } = await fetch(url, { agent });
      if (body === null) throw new Error("there is no body");
      await pipeline(body, createWriteStream(path));
    },
    sumOfIds: (first) =>
      walkByHand(first, async (url) => {
        const response = await fetch(url, { agent });
        return { rows: await response.json(), link: response.headers.get("link") };
      }),
    async upload(url, path) {
      const form = new FormData();
      form.set("note", "hi");
      form.set("file", await fileFrom(path));
      return (await fetch(url, { agent, method: "POST", body: form })).json();
    },
  };
};
