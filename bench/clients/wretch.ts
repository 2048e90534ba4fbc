import wretch from "wretch";
import type { BenchClient } from "../scenario.ts";

export default (): BenchClient => ({
  getJson: (url, turn) =>
    wretch(url)
      .headers({ "x-turn": String(turn) })
      .get()
      .json(),
  postJson: (url, turn, data) =>
    wretch(url)
      .headers({ "x-turn": String(turn) })
      .post(data)
      .json(),
});
