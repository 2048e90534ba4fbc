/** `save()`, where `chasqui` pipes the streamed body itself. */
import { Client } from "chasqui";
import type { BenchClient } from "../scenario.ts";

export default (): BenchClient => {
  const client = new Client();
  return { download: (url, path) => client.get(url).save(path) };
};
