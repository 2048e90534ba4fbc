import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, OptionsError } from "../../src/index.ts";
import { type RawServer, serveRaw } from "../peers/raw-server.ts";

/** What a request was on the wire: its lines, and its body in Latin-1. */
interface Written {
  readonly line: string;
  readonly fields: readonly string[];
}

let server: RawServer;
let client: Client;
let heads: string[] = [];

beforeAll(async () => {
  server = await serveRaw((socket, head) => {
    heads.push(head);
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
  // Nothing of the client's own besides Host and Connection.
  const headers = { accept: null, "accept-encoding": null, "user-agent": null };
  client = new Client({ baseUrl: `${server.origin}/base`, headers, connections: 1, retry: false });
});
afterAll(async () => {
  await client.close();
  await server.close();
});

/** What reached the server of a call: one request and nothing behind it, or nothing where the call was refused. */
async function written(call: () => PromiseLike<unknown>): Promise<Written | undefined> {
  heads = [];
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsError);
    expect(heads).toEqual([]);
    return undefined;
  }
  expect(heads).toHaveLength(1);
  const [line = "", ...fields] = heads[0]?.split("\r\n") ?? [];
  for (const field of fields)
    expect(field).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: ?[\t\x20-\x7e\x80-\xff]*$/);
  return { line, fields: fields.filter((field) => !/^(?:host|connection):/i.test(field)) };
}

const target = (line: string | undefined): URL => {
  const path = /^GET (\S+) HTTP\/1\.1$/.exec(line ?? "")?.[1];
  expect(path).toBeDefined();
  return new URL(path ?? "", server.origin);
};

/** Text with what would end a line, a head or a segment, and what looks like it. */
const hostile = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          ...[
            "\r\n",
            "\r",
            "\n",
            "\0",
            "\t",
            " ",
            "\x1b",
            "\x7f",
            "\x85",
            "\u2028",
            "\ud83d",
            "\uff0d\uff0a",
          ],
          ...["%0d%0a", "%00", "..", "/", "\\", "?", "#", "&", "=", "+", "%", ";", ":", "@", '"', "{", "}"],
          ...["HTTP/1.1", "X: y", "\r\n\r\nGET /evil HTTP/1.1\r\n\r\n", "é", "日", "😀", "ĊĊ", "č"],
        ),
      },
    ),
    { maxLength: 5 },
  )
  .map((pieces) => pieces.join(""));

const RUNS = { numRuns: 400 };

describe("whatever comes in, one request goes out that says it, or none", () => {
  test("S8 S54 headers arrive as they were given, each in a line of its own", async () => {
    const name = fc.oneof(
      { weight: 4, arbitrary: fc.stringMatching(/^[xX]-[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,8}$/) },
      { weight: 1, arbitrary: hostile },
    );
    const value = fc.oneof(
      { weight: 1, arbitrary: fc.stringMatching(/^(?:[!-~][ -~]{0,8})?$/) },
      { weight: 1, arbitrary: hostile },
    );
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 3 }), async (pairs) => {
        const seen = await written(() => client.get("/", { headers: pairs }));
        if (seen === undefined) refused++;
        else expect(seen.fields).toEqual(pairs.map(([key, text]) => `${key}: ${text}`));
      }),
      { ...RUNS, seed: 54 },
    );
    expect(refused).toBeGreaterThan(50);
    expect(refused).toBeLessThan(350);
  });

  test("S8 #1 #6 params are the pairs that the server reads", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(hostile, hostile), { maxLength: 4 }), async (pairs) => {
        const seen = await written(() => client.get("/x", { params: pairs }));
        const halves = pairs.flat().some((text) => !text.isWellFormed());
        if (seen === undefined) expect(halves).toBe(true);
        else expect([...target(seen.line).searchParams]).toEqual(pairs);
      }),
      { ...RUNS, seed: 6 },
    );
  });

  test("S8 S18 a path value is one segment, and the same one", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (id) => {
        const seen = await written(() => client.get("/a/{id}/z", { path: { id } }));
        if (seen === undefined) {
          expect(["", ".", ".."].includes(id) || !id.isWellFormed()).toBe(true);
          return;
        }
        const [, base, a, segment = "", z, ...more] = target(seen.line).pathname.split("/");
        expect([base, a, decodeURIComponent(segment), z, more]).toEqual(["base", "a", id, "z", []]);
      }),
      { ...RUNS, seed: 18 },
    );
  });

  test("S8 S51 a URL goes to the base's server, in one line", async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(hostile, async (url) => {
        const seen = await written(() => client.get(url));
        if (seen === undefined) return;
        taken++;
        expect(seen.line).toMatch(/^GET \/[!-~]* HTTP\/1\.1$/);
        expect(seen.fields).toEqual([]);
      }),
      { ...RUNS, seed: 51 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  test("S8 S68 a method is a token", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (method) => {
        const seen = await written(() => client.request(method, "/x"));
        if (seen !== undefined) expect(seen.line).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Z]+ \/base\/x HTTP\/1\.1$/);
      }),
      { ...RUNS, seed: 68 },
    );
  });

  test("S27 S73 a cookie is one pair, as it was given", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (name, value) => {
        const seen = await written(() => client.get("/", { cookies: { [name]: value } }));
        if (seen === undefined) return;
        expect(seen.fields).toEqual([`cookie: ${name}=${value}`]);
        expect(`${name}${value}`).not.toMatch(/[;\r\n\0]/);
      }),
      { ...RUNS, seed: 27 },
    );
  });
});
