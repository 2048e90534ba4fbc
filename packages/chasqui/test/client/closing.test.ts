import { expect, test } from "vitest";
import { AbortError, bearer, Client, type ClientOptions } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate } from "../peers/gate.ts";
import { serve } from "../peers/http-server.ts";

type Waiting = () => Promise<never>;

test.each<[string, (wait: Waiting) => ClientOptions]>([
  ["a token provider", (wait) => ({ auth: bearer(wait) })],
  ["onRequest", (wait) => ({ hooks: { onRequest: wait } })],
  ["onResponse", (wait) => ({ hooks: { onResponse: wait } })],
  ["onServerError", (wait) => ({ hooks: { onServerError: wait } })],
  ["a use middleware", (wait) => ({ use: [wait] })],
  ["a wire middleware", (wait) => ({ wire: [wait] })],
  ["a cookie store that is asked", (wait) => ({ cookies: { getCookieHeader: wait, setCookies: () => {} } })],
  ["a cookie store that is told", (wait) => ({ cookies: { getCookieHeader: () => "", setCookies: wait } })],
])("#127 close() ends a call that waits for %s, at once", async (_, options) => {
  await using server = await serve((response) => {
    response.writeHead(500, { "set-cookie": "a=b" }).end();
  });
  const waiting = gate();
  const client = new Client({
    retry: false,
    ...options(() => {
      waiting.open();
      return new Promise<never>(() => {});
    }),
  });
  const error = caught(client.get(server.origin), AbortError);
  await waiting.opened;
  await client.close();
  expect((await error).message).toContain("The client was closed");
});

const HINT = "Await the call before close(), or the end of the block: `return await client.get(…)`.";

test("a stream that is held while close() is called is told what fits there too", async () => {
  await using server = await serve((response) => void response.write("a"));
  const client = new Client();
  const stream = await client.get(server.origin).stream();
  const read = caught(
    (async () => {
      for await (const _piece of stream) await client.close();
    })(),
    AbortError,
  );
  expect((await read).hint).toBe(HINT);
});

test("a call that is returned out of the block of its client and not awaited there is told how to be", async () => {
  await using server = await serve((response) => void response.end("ok"));
  const leave = async (read: boolean): Promise<unknown> => {
    await using client = new Client();
    // An object, for an async function would wait for the call after the block has ended.
    return { call: read ? client.get(server.origin).text() : client.get(server.origin) };
  };
  for (const read of [false, true]) {
    const left = await leave(read);
    if (typeof left !== "object" || left === null || !("call" in left)) throw new Error("no call");
    const error = await caught(Promise.resolve(left.call), AbortError);
    expect(error.hint).toBe(HINT);
  }
});

test("a token provider that asks with its own client does so without the token", async () => {
  await using server = await serve((response, { headers, target }) => {
    response.end(target === "/token" ? "T1" : headers.authorization);
  });
  const client: Client = new Client({
    baseUrl: server.origin,
    auth: bearer(() => client.get("/token", { auth: null }).text()),
  });
  expect(await client.get("/").text()).toBe("Bearer T1");
  await client.close();
});
