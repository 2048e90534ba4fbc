import { Agent } from "node:http";
import superagent from "superagent";
import type { BenchClient } from "../scenario.ts";

export default (): BenchClient => {
  const agent = new Agent({ keepAlive: true });
  return {
    getJson: async (url, turn) =>
      (
        await superagent
          .get(url)
          .agent(agent)
          .set({ "x-turn": String(turn) })
      ).body,
    postJson: async (url, turn, data) =>
      (
        await superagent
          .post(url)
          .agent(agent)
          .set({ "x-turn": String(turn) })
          .send(data)
      ).body,
  };
};
