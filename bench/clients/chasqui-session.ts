/** As a client that a team calls every day: a base URL, credentials and a cookie. The server checks that they come. */
import { bearer, Client } from "chasqui";
import type { BenchClient, Connect } from "../scenario.ts";

const connect: Connect = async (origin) => {
  const client = new Client({ baseUrl: `${origin}/session`, auth: bearer("0123456789abcdef") });
  await client.get(`${origin}/login`);
  const session: BenchClient = {
    getJson: (url, turn) =>
      client.get(url.slice(origin.length), { headers: { "x-turn": String(turn) } }).json(),
  };
  return session;
};

export default connect;
