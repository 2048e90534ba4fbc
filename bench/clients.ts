/** How each client does one request: fetch a small JSON and give the data. Each is loaded in a process of its own. */
export type OneGet = (url: string, turn: number) => Promise<unknown>;

/** Makes a client; the options of each call are a fresh object, as in a program. */
export const CLIENTS: Readonly<Record<string, (origin: string) => Promise<OneGet>>> = {
  "undici.request": async () => {
    const { request } = await import("undici");
    return async (url, turn) => {
      const { body } = await request(url, { headers: { "x-turn": String(turn) } });
      return body.json();
    };
  },
  chasqui: async (origin) => {
    const { Client } = await import("chasqui");
    const client = new Client({ baseUrl: origin });
    return (url, turn) => client.get(url, { headers: { "x-turn": String(turn) } }).json();
  },
  "native fetch": async () => async (url, turn) => {
    const response = await fetch(url, { headers: { "x-turn": String(turn) } });
    return response.json();
  },
  got: async () => {
    const { default: got } = await import("got");
    const { Agent } = await import("node:http");
    const client = got.extend({ agent: { http: new Agent({ keepAlive: true }) } });
    return (url, turn) => client(url, { headers: { "x-turn": String(turn) } }).json();
  },
  ky: async () => {
    const { default: ky } = await import("ky");
    return (url, turn) => ky(url, { headers: { "x-turn": String(turn) } }).json();
  },
  axios: async () => {
    const { default: axios } = await import("axios");
    const { Agent } = await import("node:http");
    const client = axios.create({ httpAgent: new Agent({ keepAlive: true }) });
    return async (url, turn) => (await client.get(url, { headers: { "x-turn": String(turn) } })).data;
  },
};
