import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  BodyTooLargeError,
  Client,
  DecodeError,
  get,
  HttpError,
  OptionsError,
  ValidationError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { type HttpServer, serve } from "../peers/http-server.ts";

const Row = z.object({ id: z.number(), at: z.string().optional() });

const serving = (body: string | Uint8Array, headers: Record<string, string> = {}): Promise<HttpServer> =>
  serve((response) => void response.writeHead(200, headers).end(body));

describe("ndjson() reads", () => {
  test("one value a line; blank lines are none, and any end of a line will do", async () => {
    await using server = await serving('\ufeff{"id":1}\n\n \t\r\n{"id":\r2}\r\n"ñ"\nnull\n[3]');
    const values: unknown[] = [{ id: 1 }, { id: 2 }, "ñ", null, [3]];
    expect(await Array.fromAsync(get(server.origin).ndjson())).toEqual(values);
    expect(await Array.fromAsync((await get(server.origin)).ndjson())).toEqual(values);
    expect(await Array.fromAsync((await get(server.origin, { stream: true })).ndjson())).toEqual(values);
  });

  test("values as the server writes them", async () => {
    const more = gate();
    await using server = await serve(async (response) => {
      response.write('{"id":1}\n{"id":');
      await more.opened;
      response.end("2}");
    });
    const rows = get(server.origin).ndjson<{ id: number }>();
    expect((await rows.next()).value).toEqual({ id: 1 });
    more.open();
    expect((await rows.next()).value).toEqual({ id: 2 });
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  test("nothing out of nothing: an empty body, a 204", async () => {
    await using empty = await serving("\n\r\n");
    expect(await Array.fromAsync(get(empty.origin).ndjson())).toEqual([]);
    await using none = await serve((response) => void response.writeHead(204).end());
    expect(await Array.fromAsync(get(none.origin).ndjson(Row))).toEqual([]);
  });

  test("by a schema, typed and in order, though it is asynchronous", async () => {
    await using server = await serving('{"id":1,"x":0}\n\n{"id":2}\n{"id":3}\n');
    const Slow = Row.refine(async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, 4 - id));
      return true;
    });
    const ids: number[] = [];
    for await (const { id } of get(server.origin).ndjson(Slow)) ids.push(id);
    expect(ids).toEqual([1, 2, 3]);
    const rows = (await get(server.origin)).ndjson(Row);
    const results = await Promise.all([rows.next(), rows.next(), rows.next(), rows.next()]);
    expect(results.map(({ value }) => value)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, undefined]);
  });

  test("with the caller's parser and charset", async () => {
    await using server = await serving(Buffer.from('"\xe9"\n', "latin1"));
    const parseJson = (text: string): unknown => [JSON.parse(text)];
    expect(await Array.fromAsync(get(server.origin, { encoding: "latin1", parseJson }).ndjson())).toEqual([
      ["é"],
    ]);
  });
});

describe("ndjson() refuses", () => {
  test.each([
    ["in the middle", '{"id":1}\n\n{"id": secret}\n{"id":3}\n', 3],
    ["that was cut short", '{"id":1}\n{"id":2}\n{"secret":', 3],
    ["of two values", '{"id":1}\n{"id":2} {"secret":3}\n', 2],
  ])(
    "a line %s, by its number and without quoting it, after the values before it",
    async (_where, body, line) => {
      await using server = await serving(body, { "content-type": "application/x-ndjson" });
      const rows = get(server.origin).ndjson();
      expect((await rows.next()).value).toEqual({ id: 1 });
      const rest = (async () => {
        for await (const _row of rows);
      })();
      const error = await caught(rest, DecodeError);
      expect(error.line).toBe(line);
      expect(error.message).toContain(`Line ${line} is not JSON`);
      expect(`${error.message}${JSON.stringify(error)}${String(error.cause)}`).not.toContain("secret");
      expect(error.text).toBe(body.split("\n")[line - 1]);
      expect(error.request?.method).toBe("GET");
      expect(await rows.next()).toEqual({ done: true, value: undefined });
    },
  );

  test("a value that its schema does not know, by the number of its line, and the connection is free", async () => {
    await using server = await serve((response) => {
      response.write('{"id":1}\n\n{"id":"two"}\n');
    });
    await using client = new Client();
    const rows = client.get(server.origin).ndjson(Row);
    await rows.next();
    const error = await caught(rows.next(), ValidationError);
    expect([error.line, error.message.includes("Line 3 does not match the schema: id")]).toEqual([3, true]);
    expect(JSON.parse(JSON.stringify(error)).line).toBe(3);
    await until(() => server.open() === 0);
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  test("P20 what is no schema, and the connection is free", async () => {
    await using server = await serve((response) => void response.write("1\n"));
    await using client = new Client();
    const call = client.get(server.origin);
    await caught(Reflect.apply(call.ndjson, call, [{}]).next(), OptionsError);
    const response = await client.get(server.origin, { stream: true });
    await caught(Reflect.apply(response.ndjson, response, [{}]).next(), OptionsError);
    await until(() => server.open() === 0);
  });

  test("a line that is longer than maxRecord, and a bad status", async () => {
    await using server = await serving(`1\n"${"x".repeat(1000)}"\n`);
    const rows = get(server.origin, { maxRecord: 1000 }).ndjson();
    expect((await rows.next()).value).toBe(1);
    expect(await caught(rows.next(), BodyTooLargeError)).toMatchObject({ limit: 1000, what: "record" });
    await using gone = await serve((response) => void response.writeHead(410).end());
    await caught(get(gone.origin).ndjson().next(), HttpError);
  });
});

test("#127 P20 ndjson() that is left, or never begun, frees its connection", async () => {
  await using server = await serve((response) => {
    const pour = (): void => {
      while (!response.destroyed && response.write("1\n".repeat(1000)));
    };
    response.on("drain", pour);
    pour();
  });
  await using client = new Client();
  for await (const _row of client.get(server.origin).ndjson()) break;
  for await (const _row of client.get(server.origin).ndjson(z.number())) break;
  await client.get(server.origin).ndjson().return?.();
  await (await client.get(server.origin, { stream: true })).ndjson().return?.();
  await until(() => server.seen.length === 4 && server.open() === 0);
});

describe("S14 S16 S41 S49 S57 maxBytes counts decoded bytes on every path:", () => {
  const MAX = 1000;
  const body = `${"1234567\n".repeat(200_000)}`;
  const bomb = gzipSync(body);
  const headers = { "content-encoding": "gzip" };
  const paths: [string, (client: Client, url: string) => Promise<unknown>][] = [
    ["awaited", async (client, url) => client.get(url)],
    ["text()", (client, url) => client.get(url).text()],
    ["json()", (client, url) => client.get(url).json()],
    ["bytes()", (client, url) => client.get(url).bytes()],
    ["stream()", (client, url) => Array.fromAsync(client.get(url).stream())],
    ["lines()", (client, url) => Array.fromAsync(client.get(url).lines())],
    ["ndjson()", (client, url) => Array.fromAsync(client.get(url).ndjson())],
    ["events()", (client, url) => Array.fromAsync(client.get(`${url}events`).events())],
    ["a streamed response's text()", async (client, url) => (await client.get(url, { stream: true })).text()],
    [
      "a streamed response's body",
      async (client, url) => {
        for await (const _piece of (await client.get(url, { stream: true })).body ?? []);
      },
    ],
    [
      "a second read, after a first that was enough",
      async (client, url) => {
        const response = await client.get(url, { stream: true });
        await response.text().catch(() => {});
        return response.text();
      },
    ],
    [
      "a redirect that is not followed",
      (client, url) => client.get(`${url}moved`, { redirect: "manual" }).text(),
    ],
    [
      "a redirect that is not followed, streamed",
      (client, url) => Array.fromAsync(client.get(`${url}moved`, { redirect: { max: 0 } }).stream()),
    ],
    ["an error's body", (client, url) => client.get(`${url}error`).text()],
    ["an error's body, streamed", (client, url) => client.get(`${url}error`).lines().next()],
  ];
  test.each(paths)("%s", async (_path, read) => {
    for (const [sent, coding] of [
      [bomb, headers],
      [body, {}],
    ] as const) {
      await using server = await serve((response, { target }) => {
        const type = target.endsWith("events") ? "text/event-stream" : "application/json";
        const status = target.endsWith("error") ? 422 : target.endsWith("moved") ? 302 : 200;
        response.writeHead(status, { ...coding, "content-type": type, location: "/there" }).end(sent);
      });
      await using client = new Client({ maxBytes: MAX, retry: false });
      expect(await caught(read(client, `${server.origin}/`), BodyTooLargeError)).toMatchObject({
        limit: MAX,
        what: "body",
      });
    }
  });

  test("S15 and bodies that nobody sees are not decoded: a redirect's, a 401's, one that is retried", async () => {
    let turn = 0;
    const first = [
      [302, { location: "/there" }],
      [401, {}],
      [503, { "retry-after": "0" }],
    ] as const;
    await using server = await serve((response) => {
      const [status, more] = first[turn++] ?? [200, {}];
      if (status === 200) response.end("done");
      else response.writeHead(status, { ...headers, ...more }).end(bomb.subarray(0, 500));
    });
    const auth = { authorize: async () => ({ headers: { "x-a": "1" } }), refresh: async () => {} };
    await using client = new Client({ maxBytes: 10, retry: { backoff: { base: 0 } }, auth });
    expect(await client.get(server.origin).text()).toBe("done");
    expect(turn).toBe(4);
  });
});
