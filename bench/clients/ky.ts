import ky from "ky";
import type { BenchClient } from "../scenario.ts";

export default (): BenchClient => ({
  getJson: (url, turn) => ky(url, { headers: { "x-turn": String(turn) } }).json(),
  postJson: (url, turn, data) => ky.post(url, { json: data, headers: { "x-turn": String(turn) } }).json(),
});
