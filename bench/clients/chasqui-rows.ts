/** The walk row by row, where `chasqui` goes page by page. */
import { Client } from "chasqui";
import type { BenchClient, Row } from "../scenario.ts";

export default (): BenchClient => {
  const client = new Client();
  return {
    async sumOfIds(first) {
      let sum = 0;
      for await (const { id } of client.paginate<Row>(first, { maxPages: 20_000 })) sum += id;
      return sum;
    },
  };
};
