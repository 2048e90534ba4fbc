import { createWriteStream } from "node:fs";
import { Agent } from "node:http";
import { finished } from "node:stream/promises";
import superagent from "superagent";
import type { BenchClient } from "../scenario.ts";
import { walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => {
  const agent = new Agent({ keepAlive: true });
  return {
    async getJson(url, turn) {
      const { body } = await superagent
        .get(url)
        .agent(agent)
        .set({ "x-turn": String(turn) });
      return body;
    },
    async postJson(url, turn, data) {
      const { body } = await superagent
        .post(url)
        .agent(agent)
        .set({ "x-turn": String(turn) })
        .send(data);
      return body;
    },
    download: (url, path) => finished(superagent.get(url).agent(agent).pipe(createWriteStream(path))),
    sumOfIds: (first) =>
      walkByHand(first, async (url) => {
        const { body, headers } = await superagent.get(url).agent(agent);
        return { rows: body, link: headers.link };
      }),
    async upload(url, path) {
      const { body } = await superagent.post(url).agent(agent).field("note", "hi").attach("file", path);
      return body;
    },
  };
};
