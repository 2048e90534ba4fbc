/** The walk with eight pages at a time, where `chasqui` asks for one after the other. */
import { Client } from "chasqui";
import type { BenchClient, Row } from "../scenario.ts";

export default (): BenchClient => {
  const client = new Client();
  return {
    async sumOfCounted(first) {
      let sum = 0;
      for await (const { id } of client.paginate<Row>(first, { by: "page", concurrency: 8 })) sum += id;
      return sum;
    },
  };
};
