import { ofetch } from "ofetch";
import type { BenchClient } from "../scenario.ts";

export default (): BenchClient => ({
  getJson: (url, turn) => ofetch(url, { headers: { "x-turn": String(turn) } }),
  postJson: (url, turn, data) =>
    ofetch(url, { method: "POST", body: { ...data }, headers: { "x-turn": String(turn) } }),
});
