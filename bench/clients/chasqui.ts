import { Client } from "chasqui";
import type { BenchClient } from "../scenario.ts";
import { sumOf } from "../walk-by-hand.ts";

export default (): BenchClient => {
  const client = new Client();
  return {
    getJson: (url, turn) => client.get(url, { headers: { "x-turn": String(turn) } }).json(),
    postJson: (url, turn, data) =>
      client.post(url, { json: data, headers: { "x-turn": String(turn) } }).json(),
    async sumOfIds(first) {
      let sum = 0;
      for await (const { rows } of client.paginate(first).pages()) sum += sumOf(rows);
      return sum;
    },
  };
};
