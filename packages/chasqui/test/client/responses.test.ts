import { inspect } from "node:util";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  BodyTooLargeError,
  Client,
  ConsumedBodyError,
  DecodeError,
  EmptyBodyError,
  get,
  HttpError,
  head,
  type RequestOptions,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { until } from "../peers/gate.ts";
import { type Answer, json, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { serveRaw } from "../peers/raw-server.ts";

const TEXT = "Añu ".repeat(5000);

function coded(encoding: string, body: Uint8Array): Answer {
  return (response) => void response.writeHead(200, { "content-encoding": encoding }).end(body);
}

/** The two ways in which a body is read. */
const WAYS: [string, (url: string, options?: RequestOptions) => Promise<string>][] = [
  ["buffered", (url, options) => get(url, { retry: false, ...options }).text()],
  [
    "streamed",
    async (url, options) => {
      const read: Uint8Array[] = [];
      const response = await get(url, { retry: false, stream: true, ...options });
      for await (const piece of response.stream()) read.push(piece);
      return Buffer.concat(read).toString();
    },
  ],
  [
    "streamed, then buffered",
    async (url, options) => (await get(url, { retry: false, stream: true, ...options })).text(),
  ],
];

describe.each(WAYS)("a coded body, %s", (_way, read) => {
  test.each<[string, string, Uint8Array]>([
    ["gzip", "gzip", gzipSync(TEXT)],
    ["x-gzip", "x-gzip", gzipSync(TEXT)],
    ["deflate of zlib", "deflate", deflateSync(TEXT)],
    ["deflate, bare", "deflate", deflateRawSync(TEXT)],
    ["br", "br", brotliCompressSync(TEXT)],
    ["zstd", "zstd", zstdCompressSync(TEXT)],
    ["stacked", "gzip, br", brotliCompressSync(gzipSync(TEXT))],
    ["identity", "identity", Buffer.from(TEXT)],
    ["with capitals", "GZip", gzipSync(TEXT)],
    [
      "gzip of two members and garbage (#118)",
      "gzip",
      Buffer.concat([gzipSync(TEXT.slice(0, 9)), gzipSync(TEXT.slice(9)), Buffer.from("??")]),
    ],
  ])("#117 %s", async (_what, encoding, body) => {
    await using server = await serve(coded(encoding, body));
    expect(await read(server.origin)).toBe(TEXT);
  });

  test.each(["gzip", "deflate", "br", "zstd", "gzip, br"])(
    "#117 nothing at all under %s is nothing",
    async (encoding) => {
      await using server = await serve(coded(encoding, Buffer.alloc(0)));
      expect(await read(server.origin)).toBe("");
    },
  );

  test("#117 a coding that nobody knows passes the bytes through", async () => {
    await using server = await serve(coded("vnd.secret", Buffer.from("as it is")));
    expect(await read(server.origin)).toBe("as it is");
  });

  test.each(["gzip", "deflate", "br", "zstd"])(
    "#117 damage under %s is a DecodeError with its request",
    async (encoding) => {
      await using server = await serve(coded(encoding, Buffer.from("this is not coded at all, I fear")));
      const error = await caught(read(server.origin), DecodeError);
      expect(error.request?.url).toBe(`${server.origin}/`);
      expect(error.message).toContain(encoding);
    },
  );

  test("#117 a coded body that is cut short is a DecodeError too", async () => {
    const whole = gzipSync(TEXT);
    await using server = await serve(coded("gzip", whole.subarray(0, whole.length - 10)));
    await caught(read(server.origin), DecodeError);
  });

  test.each<[string, string | string[]]>([
    ["in one line", "gzip, gzip, gzip, gzip, gzip, gzip"],
    ["S28 over repeated lines", ["gzip, gzip", "gzip, gzip", "gzip, gzip"]],
    ["of a name that nobody knows", "a, b, c, d, e, f"],
  ])("#119 S13 S66 more than five codings are an error, %s, and no connection is lost", async (_, lines) => {
    await using server = await serve((response) => {
      response.setHeader("content-encoding", lines);
      response.end(gzipSync("x"));
    });
    for (let turn = 0; turn < 3; turn++) await caught(read(server.origin), DecodeError);
    // Kept for the next one or closed, as the body was read to its end or not.
    await until(() => server.open() <= 1);
  });

  test("S14 S16 S57 P19 a bomb ends at maxBytes, counted decoded", async () => {
    await using server = await serve(coded("gzip", gzipSync(Buffer.alloc(64 * 1024 * 1024))));
    const error = await caught(read(server.origin, { maxBytes: 1_000_000 }), BodyTooLargeError);
    expect(error).toMatchObject({ limit: 1_000_000, what: "body" });
  });

  test("S49 S57 a plain body ends at maxBytes, and the connection with it", async () => {
    let closed = false;
    await using server = await serve((response) => {
      response.on("close", () => {
        closed = !response.writableEnded;
      });
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", pour);
      pour();
    });
    await caught(read(server.origin, { maxBytes: 100_000 }), BodyTooLargeError);
    await until(() => closed);
  });

  test("maxBytes is decoded bytes to the byte, also where the coded ones are more", async () => {
    await using server = await serve(coded("gzip", gzipSync("12345")));
    expect(await read(server.origin, { maxBytes: 5 })).toBe("12345");
    await caught(read(server.origin, { maxBytes: 4 }), BodyTooLargeError);
  });

  test("#128 a body that is shorter than its Content-Length", async () => {
    await using server = await serveRaw((socket, text) => {
      const connection = text.includes("/close") ? "close" : "keep-alive";
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: ${connection}\r\n\r\nhalf`);
    });
    for (const path of ["/close", "/keep"]) {
      await expect(read(server.origin + path)).rejects.toMatchObject({ code: "ERR_NETWORK", kind: "closed" });
    }
  });

  test("#128 a chunk that is none", async () => {
    await using server = await serveRaw((socket) => {
      socket.write(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\nzz\r\nbad\r\n0\r\n\r\n",
      );
    });
    await expect(read(server.origin)).rejects.toMatchObject({ code: "ERR_NETWORK", kind: "protocol" });
  });

  test("#128 chunks that end before their end", async () => {
    await using server = await serveRaw((socket, text) => {
      const connection = text.includes("/close") ? "close" : "keep-alive";
      socket.end(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: ${connection}\r\n\r\n4\r\ngood\r\n`,
      );
    });
    for (const path of ["/close", "/keep"]) {
      await expect(read(server.origin + path)).rejects.toMatchObject({ code: "ERR_NETWORK", kind: "closed" });
    }
  });

  test("a body without a length ends with its connection", async () => {
    await using server = await serveRaw((socket) => void socket.end("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
    expect(await read(server.origin)).toBe("until the end");
  });

  test.each([204, 205, 304])("a %i has no body", async (status) => {
    await using server = await serve((response) => void response.writeHead(status).end());
    expect(await read(server.origin)).toBe("");
  });
});

test("P19 a cap of 256 MiB is on by default for what is buffered: announced, sent, and decoded", async () => {
  const limit = 256 * 1024 * 1024;
  const bomb = gzipSync(Buffer.alloc(limit + 1));
  await using server = await serve((response, { target }) => {
    if (target === "/announced") response.writeHead(200, { "content-length": limit + 1 }).write("x");
    else response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  for (const path of ["/announced", "/bomb"]) {
    const error = await caught(get(server.origin + path, { retry: false }), BodyTooLargeError);
    expect(error).toMatchObject({ limit, what: "body" });
  }
  // What is streamed is the caller's to stop.
  await using response = await get(`${server.origin}/announced`, { stream: true });
  expect((await response.stream().next()).value?.length).toBe(1);
});

describe("the head", () => {
  test.each([["buffered"], ["streamed"]])(
    "#128 HEAD with a Content-Length does not wait for a body (%s)",
    async (way) => {
      await using server = await serve(
        (response) => void response.writeHead(200, { "content-length": "5000000" }).end(),
      );
      const stream = way === "streamed";
      await using client = new Client({ clock: new ManualClock(), maxBytes: 100 });
      for (let turn = 0; turn < 3; turn++) {
        const response = await client.head(server.origin, { stream });
        expect(response.headers.get("content-length")).toBe("5000000");
        expect(await response.text()).toBe("");
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(server.connections()).toBe(1);
    },
  );

  test("HEAD may say that it is coded", async () => {
    await using server = await serve(
      (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(),
    );
    expect((await head(server.origin)).headers.get("content-encoding")).toBe("gzip");
  });

  test("#128 two lengths that differ are no HTTP", async () => {
    await using server = await serveRaw((socket) => {
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!");
    });
    await expect(get(server.origin)).rejects.toMatchObject({
      code: "ERR_NETWORK",
      kind: "protocol",
      attempts: 1,
    });
  });

  test("#124 a status that nobody knows", async () => {
    await using server = await serveRaw((socket) => {
      socket.end("HTTP/1.1 600 \r\ncontent-length: 2\r\n\r\nhm");
    });
    const response = await get(server.origin);
    expect(response).toMatchObject({ status: 600, statusText: "", ok: false });
    expect(response.raiseForStatus()).toBe(response);
    expect(await response.text()).toBe("hm");
  });

  test("#123 the error of a status says what, to whom and why, and has the body", async () => {
    await using server = await serve(
      (response) => void response.writeHead(404, "No Such Post").end('{"why":"gone"}'),
    );
    const error = await caught(get(`${server.origin}/posts/9?token=abc`).json(), HttpError);
    expect(error.message).toBe(`404 Client Error: No Such Post for GET ${server.origin}/posts/9?token=***`);
    expect(error.json()).toEqual({ why: "gone" });
    expect(error.response.request.method).toBe("GET");
    await using broken = await serve((response) => void response.writeHead(503).end());
    const other = await caught(get(broken.origin, { retry: false }).text(), HttpError);
    expect(other.message).toBe(`503 Server Error: Service Unavailable for GET ${broken.origin}/`);
  });

  test("#123 a reason in UTF-8 is read, and one in another charset breaks nothing", async () => {
    await using server = await serveRaw((socket, _text, turn) => {
      const reason = Buffer.from("Não encontrado", turn === 1 ? "utf8" : "latin1");
      socket.write(
        Buffer.concat([Buffer.from("HTTP/1.1 404 "), reason, Buffer.from("\r\ncontent-length: 0\r\n\r\n")]),
      );
    });
    expect((await get(server.origin)).statusText).toBe("Não encontrado");
    const latin = await get(server.origin);
    expect(latin.status).toBe(404);
    expect(latin.statusText).toMatch(/^N.+o encontrado$/);
  });

  test("#26 Set-Cookie lines stay apart, other lines are joined, bytes above 127 are Latin-1", async () => {
    await using server = await serveRaw((socket) => {
      socket.write(
        Buffer.from(
          "HTTP/1.1 200 OK\r\nset-cookie: a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT\r\nX-Two: 1\r\nset-cookie: b=2\r\nx-two: 2\r\nx-latin: é\r\n__proto__: p\r\nconstructor: c\r\ncontent-length: 0\r\n\r\n",
          "latin1",
        ),
      );
    });
    const { headers } = await get(server.origin);
    expect(headers.getSetCookie()).toEqual(["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2"]);
    expect(headers.get("x-two")).toBe("1, 2");
    expect(headers.get("x-latin")).toBe("é");
    expect(headers.get("constructor")).toBe("c");
    expect(headers.get("toString")).toBeNull();
  });

  test("#126 links are absolute, by their relation", async () => {
    await using server = await serve((response) => {
      response.setHeader(
        "link",
        '</items?page=2>; rel="next", <https://x.test/a,b>; rel=last; title="a, b; c"',
      );
      response.end("[]");
    });
    const { links } = await get(`${server.origin}/items`);
    expect(links.next?.url).toBe(`${server.origin}/items?page=2`);
    expect(links.last?.url).toBe("https://x.test/a,b");
    await using without = await serve((response) => void response.end());
    expect(Object.keys((await get(without.origin)).links)).toEqual([]);
  });
});

describe("reading", () => {
  test("#122 P7 P8 a body that was read for the caller can be read as often as one likes", async () => {
    await using server = await serve(json({ a: 1 }));
    const response = await get(server.origin);
    for (let turn = 0; turn < 2; turn++) {
      expect(await response.json()).toEqual({ a: 1 });
      expect(await response.text()).toBe('{"a":1}');
      expect((await response.bytes()).length).toBe(7);
      expect((await response.arrayBuffer()).byteLength).toBe(7);
      expect(await new Response(response.body).text()).toBe('{"a":1}');
      const blob = await response.blob();
      expect([blob.size, blob.type]).toEqual([7, "application/json"]);
    }
    expect(response.bodyUsed).toBe(false);
  });

  test("#122 bytes are the caller's own: writing to them changes nothing, and their buffer holds nothing else", async () => {
    await using server = await serve((response) => void response.end("hello"));
    for (const options of [{}, { stream: true }]) {
      const response = await get(server.origin, options);
      const bytes = await response.bytes();
      expect(bytes.buffer.byteLength).toBe(5);
      bytes.fill(0x78);
      new Uint8Array(await response.arrayBuffer()).fill(0x78);
      if (!("stream" in options)) {
        for await (const piece of response.stream()) piece.fill(0x78);
        for await (const piece of response.body ?? []) piece.fill(0x78);
      }
      expect(await response.text()).toBe("hello");
      expect((await response.bytes()).buffer).not.toBe(bytes.buffer);
    }
  });

  test("#28 a reason phrase and headers that would steer a terminal are printed without", async () => {
    await using server = await serveRaw((socket) => {
      socket.end("HTTP/1.1 404 No\x1b[2J\x9b31m\r\nx-note: a\x9b2Jb\r\ncontent-length: 0\r\n\r\n");
    });
    const response = await get(server.origin);
    const error = response.statusError();
    const printed = [
      error.message,
      inspect(error),
      JSON.stringify(error),
      inspect(response),
      inspect(response.headers),
    ];
    for (const text of printed) expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(JSON.stringify(response)).not.toMatch(/\p{Cc}|\\u001b/u);
  });

  test("#122 a streamed body can be read once, and whoever comes second is told so", async () => {
    await using server = await serve((response) => void response.end("once"));
    const response = await get(server.origin, { stream: true });
    for await (const _piece of response.stream()) expect(response.bodyUsed).toBe(true);
    expect(() => response.stream()).toThrow(ConsumedBodyError);
    expect(() => response.lines()).toThrow(ConsumedBodyError);
    const error = await caught(response.text(), ConsumedBodyError);
    expect(error.message).toContain("has been read");
    expect(error.hint).toContain("stream: true");
    expect(error.request?.url).toBe(`${server.origin}/`);
  });

  test("#122 what asks for a body at once is told that it has not been read", async () => {
    await using server = await serve((response) => void response.writeHead(404).end('{"a":1}'));
    const response = await get(server.origin, { stream: true, raise: false });
    for (const ask of [() => response.bufferedText(), () => response.bufferedJson()]) {
      expect(ask).toThrow(ConsumedBodyError);
      expect(ask).toThrow(/has not been read/);
    }
    expect(response.bodyUsed).toBe(false);
    expect(response.statusError().text).toBe("");
    expect(await response.text()).toBe('{"a":1}');
    expect([response.bufferedText(), response.bufferedJson()]).toEqual(['{"a":1}', { a: 1 }]);
  });

  test("#122 text, json and bytes of a streamed body share one reading", async () => {
    await using server = await serve(json({ a: 1 }));
    const response = await get(server.origin, { stream: true });
    expect(await response.text()).toBe('{"a":1}');
    expect(await response.json()).toEqual({ a: 1 });
    const other = await get(server.origin, { stream: true });
    expect(await Promise.all([other.text(), other.json()])).toEqual(['{"a":1}', { a: 1 }]);
  });

  test("#122 one that was closed says that it was", async () => {
    await using server = await serve((response) => void response.end("never"));
    const response = await get(server.origin, { stream: true });
    await response.close();
    expect((await caught(response.text(), ConsumedBodyError)).message).toContain("was closed");
    await response.close();
  });

  test("looking at body takes nothing: it is one stream", async () => {
    await using server = await serve((response) => void response.end("here"));
    const response = await get(server.origin, { stream: true });
    expect(response.body).not.toBeNull();
    expect(response.body).toBe(response.body);
    expect(response.bodyUsed).toBe(false);
    expect(await new Response(response.body).text()).toBe("here");
    await caught(response.text(), ConsumedBodyError);
    const other = await get(server.origin, { stream: true });
    const { body } = other;
    expect(await other.text()).toBe("here");
    // It was collected, and may be read again.
    expect(await new Response(body).text()).toBe("here");
  });

  test("#116 P23 JSON of nothing is an EmptyBodyError, or undefined where one asks so", async () => {
    await using server = await serve((response, { target }) => {
      const status = Number(target.slice(1));
      const coded = { "content-type": "application/json", "content-encoding": "gzip" };
      response.writeHead(status, status === 200 ? coded : {}).end();
    });
    // A 204, and a 200 with nothing in it; whole and streamed.
    for (const path of ["/204", "/200"]) {
      for (const stream of [false, true]) {
        const error = await caught(get(server.origin + path, { stream }).json(), EmptyBodyError);
        expect(error.hint).toContain("jsonOrUndefined");
        const response = await get(server.origin + path, { stream });
        await caught(response.json(), EmptyBodyError);
      }
      expect(await get(server.origin + path).jsonOrUndefined()).toBeUndefined();
      expect(await get(server.origin + path).text()).toBe("");
    }
    await caught(head(`${server.origin}/200`).json(), EmptyBodyError);
  });

  test("#115 what is not JSON is a DecodeError that quotes nothing of it", async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<p>quoted-nowhere</p>");
    });
    const error = await caught(get(server.origin).json(), DecodeError);
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain("quoted-nowhere");
    expect(error.hint).toContain("web page");
  });

  test("#114 JSON in UTF-16 and with a mark, whatever the header says", async () => {
    const body = Buffer.from('\ufeff{"é":1}', "utf16le");
    await using server = await serve((response) => {
      response.writeHead(200, { "content-type": "application/json; charset=latin1" }).end(body);
    });
    expect(await get(server.origin).json()).toEqual({ é: 1 });
  });

  test("#113 text has the charset of its header, UTF-8 without one or with one that nobody knows, or the caller's", async () => {
    const types: Record<string, string> = {
      "/latin1": "text/plain; charset=iso-8859-1",
      "/none": "text/plain",
      "/unknown": "text/plain; charset=klingon",
    };
    await using server = await serve((response, { target }) => {
      const latin = target === "/latin1";
      response
        .writeHead(200, { "content-type": types[target] ?? "" })
        .end(Buffer.from("é", latin ? "latin1" : "utf8"));
    });
    for (const path of Object.keys(types)) expect(await get(server.origin + path).text()).toBe("é");
    expect(await get(`${server.origin}/none`, { encoding: "latin1" }).text()).toBe("Ã©");
  });

  test("#125 elapsed runs to the end of the body", async () => {
    await using server = await serve((response) => void response.end("x"));
    const clock = new ManualClock();
    await using client = new Client({ clock });
    const response = await client.get(server.origin, { stream: true });
    expect(response.elapsed).toBe(0);
    clock.advance(700);
    await response.text();
    expect(response.elapsed).toBe(700);
    clock.advance(700);
    expect(response.elapsed).toBe(700);
    const closed = await client.get(server.origin, { stream: true });
    clock.advance(50);
    await closed.close();
    expect(closed.elapsed).toBe(50);
  });

  test("#130 a response prints and serialises in short, without its body", async () => {
    await using server = await serve(
      json({ kept: "quoted-nowhere" }, 200, { "set-cookie": "sid=quoted-nowhere" }),
    );
    const response = await get(server.origin);
    expect(JSON.parse(JSON.stringify(response))).toMatchObject({ status: 200, method: "GET", bytes: 25 });
    expect(JSON.stringify(response)).not.toMatch(/quoted-nowhere/);
  });

  test("toFetchResponse hands over what Fetch's has", async () => {
    await using server = await serve({
      "/data": json({ a: 1 }, 201),
      "/none": (response) => void response.writeHead(204).end(),
    });
    for (const stream of [false, true]) {
      const made = (await get(`${server.origin}/data`, { stream })).toFetchResponse();
      expect(made).toBeInstanceOf(Response);
      expect([made.status, made.headers.get("content-type")]).toEqual([201, "application/json"]);
      expect(await made.json()).toEqual({ a: 1 });
      const none = (await get(`${server.origin}/none`, { stream })).toFetchResponse();
      expect([none.status, none.body]).toEqual([204, null]);
    }
  });
});

test("S15 the body of an answer that is thrown away is not decoded, and not read without end", async () => {
  let poured = 0;
  await using server = await serve({
    "/bomb": (response) =>
      void response.writeHead(302, { location: "/end", "content-encoding": "gzip" }).end("no gzip"),
    "/flood": (response) => {
      response.writeHead(302, { location: "/end" });
      const pour = (): void => {
        while (!response.destroyed) {
          poured += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return;
        }
      };
      response.on("drain", pour);
      pour();
    },
    "/long": (response) => {
      response.writeHead(302, { location: "/end", "content-length": "100000000" }).write("begins");
    },
    "/end": (response) => void response.end("fine"),
  });
  for (const path of ["/bomb", "/flood", "/long"])
    expect(await get(server.origin + path).text()).toBe("fine");
  await until(() => server.open() <= 3);
  expect(poured).toBeLessThan(32 * 1024 * 1024);
});
