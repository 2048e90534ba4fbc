import { createServer as createTlsServer } from "node:tls";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  BodyTooLargeError,
  CallerError,
  ChasquiError,
  Client,
  get,
  NetworkError,
  post,
  put,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate } from "../peers/gate.ts";
import { serve } from "../peers/http-server.ts";
import { serveRaw } from "../peers/raw-server.ts";

const once = { retry: false } as const;

describe("P10 #129 says what went wrong, where, and what to do", () => {
  test("nobody listens", async () => {
    const server = await serve(() => {});
    const { origin } = server;
    await server.close();
    const error = await caught(get(`${origin}/x?api_key=k1`, once), NetworkError);
    expect(error).toMatchObject({ kind: "refused", host: origin.slice(7), reused: false, attempts: 1 });
    expect(error.message).toBe(`${origin.slice(7)} refused the connection for GET ${origin}/x?api_key=***`);
    expect(error.hint).toContain("running");
    expect(error.request).toMatchObject({ method: "GET", url: `${origin}/x?api_key=***` });
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
  });

  test("a name that does not exist", async () => {
    const error = await caught(get("http://nowhere.invalid/", once), NetworkError);
    expect(error).toMatchObject({ kind: "dns", host: "nowhere.invalid" });
  });

  test("P15 a name with several addresses of which none answers", async () => {
    const server = await serve(() => {});
    const { port } = new URL(server.origin);
    await server.close();
    const error = await caught(get(`http://localhost:${port}/`, once), NetworkError);
    expect(error.kind).toBe("refused");
  });

  test("a connection that is reset", async () => {
    await using server = await serveRaw((socket) => void socket.resetAndDestroy());
    const error = await caught(get(server.origin, once), NetworkError);
    expect(error).toMatchObject({ kind: "reset", reused: false });
  });

  test.each([
    ["a large body", "x".repeat(8_000_000), /^The server may have answered before it had all of the body/],
    ["a small one", "x", undefined],
  ])("a connection that is reset while it sends %s", async (_, body, hint) => {
    await using server = await serveRaw((socket) => void socket.resetAndDestroy());
    const error = await caught(put(server.origin, { ...once, body }), NetworkError);
    expect(error.kind).toBe("reset");
    if (hint === undefined) expect(error.hint).toBeUndefined();
    else expect(error.hint).toMatch(hint);
  });

  test("a connection that is closed without a word", async () => {
    await using server = await serveRaw((socket) => void socket.end());
    const error = await caught(get(server.origin, once), NetworkError);
    expect(error).toMatchObject({ kind: "closed", reused: false, hint: undefined });
  });

  test("P14 a connection that had served before is said to be so", async () => {
    await using server = await serveRaw((socket, _text, turn) => {
      if (turn === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      else socket.end();
    });
    await using client = new Client(once);
    await client.get(server.origin);
    // undici takes a connection back with the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    // What may be done twice is sent on a new connection instead.
    const error = await caught(client.post(server.origin), NetworkError);
    expect(server.connections()).toBe(1);
    expect(error).toMatchObject({ kind: "closed", reused: true });
    expect(error.hint).toContain("kept-alive");
  });

  test("P14 a new connection is new, though another one is open", async () => {
    await using server = await serveRaw((socket, text) => {
      if (text.includes("/break")) socket.end();
    });
    await using client = new Client(once);
    const waiting = client.get(`${server.origin}/wait`);
    waiting.catch(() => {});
    const error = await caught(client.get(`${server.origin}/break`), NetworkError);
    expect(error).toMatchObject({ kind: "closed", reused: false });
  });

  test("a server that speaks no TLS", async () => {
    await using server = await serve(() => {});
    const error = await caught(get(server.origin.replace("http:", "https:"), once), NetworkError);
    expect(error.kind).toBe("tls");
  });

  test.each([
    ["TLS 1.0, as most write it", [0x15, 3, 1, 0, 2, 2, 0x46], true],
    ["TLS 1.2", [0x15, 3, 3, 0, 2, 2, 10], true],
    ["something else that is no HTTP", [0x15, 0x15, 3, 0], false],
  ])("a server of TLS that is spoken to in plain text answers with an alert: %s", async (_, bytes, told) => {
    await using server = await serveRaw((socket) => void socket.end(Buffer.from(bytes)));
    const error = await caught(get(server.origin, once), NetworkError);
    expect(error.kind).toBe("protocol");
    expect(error.hint).toBe(
      told ? "The server answered in TLS: with https:// the URL speaks it too." : undefined,
    );
  });

  test("a handshake that fails", async () => {
    // Without a certificate there is no cipher in common.
    const server = createTlsServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await caught(get(`https://127.0.0.1:${port}/`, once), NetworkError);
    expect(error.kind).toBe("tls");
    expect(error.message).toMatch(/^No secure connection to 127\.0\.0\.1:\d+: /);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("what is no HTTP ends in a typed error, and nothing hangs", () => {
  test.each([
    ["garbage", "220 smtp.example.com ESMTP\r\n"],
    ["an empty line", "\r\n\r\n\r\n\r\nhello\r\n"],
    ["a status that is no number", "HTTP/1.1 abc OK\r\n\r\n"],
    ["a version that is none", "HTTP/9 200 OK\r\n\r\n"],
    ["a header without a colon", "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"],
    ["a space before the colon", "HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok"],
    ["a length below zero", "HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok"],
    ["#128 two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nContent-Length: 2\r\n\r\nok"],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a zero in a header", "HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n"],
  ])("%s", async (_what, answer) => {
    await using server = await serveRaw((socket) => void socket.end(answer));
    const error = await caught(get(server.origin), NetworkError);
    expect(error).toMatchObject({ kind: "protocol", attempts: 1 });
    expect(error.message).toMatch(/sent something that is not HTTP: ./);
  });

  test.each(["200 OK", "100 Continue", "101 Switching Protocols"])(
    "an upgrade that nobody asked for: %s",
    async (line) => {
      await using server = await serveRaw((socket) => {
        socket.end(`HTTP/1.1 ${line}\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n`);
      });
      const outcome = await get(server.origin, once).then(
        ({ status }) => status,
        (error: unknown) => error,
      );
      expect(outcome === 200 || outcome instanceof ChasquiError).toBe(true);
    },
  );

  test("S29 interim answers are passed over, and a flood of them is cut off", async () => {
    await using server = await serveRaw((socket, text) => {
      const hint = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n";
      if (text.includes("/few")) {
        socket.write(`${hint.repeat(3)}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`);
        return;
      }
      const flood = (): void => {
        if (socket.destroyed) return;
        socket.write(hint.repeat(10));
        setImmediate(flood);
      };
      flood();
    });
    const few = await get(`${server.origin}/few`);
    expect([await few.text(), few.headers.get("link")]).toEqual(["ok", null]);
    const error = await caught(get(`${server.origin}/flood`), NetworkError);
    const { host, port } = new URL(server.origin);
    expect(error).toMatchObject({ kind: "protocol", attempts: 1, host, port: Number(port) });
    expect(error.message).toMatch(new RegExp(`^${host} sent more than 32 interim responses`));
  });

  test("S29 headers without end are cut off", async () => {
    await using server = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const flood = (): void => {
        if (socket.destroyed) return;
        socket.write(`x-${Math.floor(performance.now())}: ${"y".repeat(1000)}\r\n`);
        setImmediate(flood);
      };
      flood();
    });
    const error = await caught(get(server.origin), BodyTooLargeError);
    expect(error).toMatchObject({ what: "headers", limit: 64 * 1024, attempts: 1 });
  });

  test("S42 trailers without end are cut off, as headers are", async () => {
    let written = 0;
    await using server = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n");
      const more = (): void => {
        while (!socket.destroyed && written < 50_000_000) {
          const line = `x-${written}: ${"a".repeat(1000)}\r\n`;
          written += line.length;
          if (!socket.write(line)) return void socket.once("drain", more);
        }
      };
      more();
    });
    const error = await caught(get(server.origin, { retry: false }), BodyTooLargeError);
    expect(error.message).toMatch(/headers/);
    expect(written).toBeLessThan(50_000_000);
  });

  test("S29 one header without end, too", async () => {
    await using server = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nx-long: ");
      const flood = (): void => {
        if (!socket.destroyed && socket.write("y".repeat(10_000))) setImmediate(flood);
        else socket.once("drain", flood);
      };
      flood();
    });
    const error = await caught(get(server.origin), BodyTooLargeError);
    expect(error.what).toBe("headers");
    expect(error.message).toMatch(/^The headers are larger than 65536 bytes for GET /);
    expect(error.hint).toMatch(/^This limit is fixed: the server has to send fewer headers, or shorter ones/);
  });

  test("headers of 60 KiB are headers", async () => {
    await using server = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nlink: ${"z".repeat(60 * 1024)}\r\ncontent-length: 0\r\n\r\n`);
    });
    expect((await get(server.origin)).headers.get("link")?.length).toBe(60 * 1024);
  });
});

describe("answers that nobody asked for reach nobody", () => {
  test("a second one behind the first", async () => {
    const smuggled = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled";
    await using server = await serveRaw((socket, text) => {
      const right = text.split(" ")[1] ?? "";
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${right.length}\r\n\r\n${right}${smuggled}`);
    });
    await using client = new Client({ baseUrl: server.origin });
    for (const path of ["/one", "/two", "/three"]) expect(await client.get(path).text()).toBe(path);
  });

  test("one that comes while the connection is idle", async () => {
    await using server = await serveRaw((socket, text) => {
      const right = text.split(" ")[1] ?? "";
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${right.length}\r\n\r\n${right}`);
      setImmediate(() => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong"));
    });
    await using client = new Client({ baseUrl: server.origin });
    for (const path of ["/one", "/two", "/three"]) {
      expect(await client.get(path).text()).toBe(path);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  test("a body behind the answer to a HEAD, or behind a 204", async () => {
    await using server = await serveRaw((socket, text) => {
      if (text.startsWith("HEAD")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong");
      else if (text.includes("/204")) socket.write("HTTP/1.1 204 No Content\r\n\r\nwrong");
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nright");
    });
    await using client = new Client({ baseUrl: server.origin });
    for (let turn = 0; turn < 3; turn++) {
      expect((await client.head("/")).status).toBe(200);
      expect(await client.get("/").text()).toBe("right");
      expect((await client.get("/204")).status).toBe(204);
      expect(await client.get("/").text()).toBe("right");
    }
  });
});

test("#135 Connection: close is obeyed, and a connection is kept without it", async () => {
  await using server = await serve((response, { target }) => {
    if (target === "/close") response.setHeader("connection", "close");
    response.end("ok");
  });
  await using client = new Client({ baseUrl: server.origin });
  for (let turn = 0; turn < 3; turn++) {
    await client.get("/close");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(server.connections()).toBe(3);
  for (let turn = 0; turn < 5; turn++) {
    await client.get("/keep");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(server.connections()).toBe(4);
});

test("#135 there are no more than 128 connections to one origin, and all calls are answered", async () => {
  await using server = await serve((response) => void setImmediate(() => response.end("ok")));
  await using client = new Client({ baseUrl: server.origin });
  const answers = await Promise.all(Array.from({ length: 500 }, () => client.get("/").text()));
  expect(new Set(answers)).toEqual(new Set(["ok"]));
  expect(server.connections()).toBeLessThanOrEqual(128);
});

test("#129 a hundred calls to a port where nobody listens fail, each with its own error", async () => {
  const server = await serve(() => {});
  const { origin } = server;
  await server.close();
  await using client = new Client({ retry: false });
  const errors = await Promise.all(
    Array.from({ length: 300 }, (_, index) => caught(client.get(`${origin}/${index}`), NetworkError)),
  );
  for (const [index, error] of errors.entries()) {
    expect(error.kind).toBe("refused");
    expect(error.request?.url).toBe(`${origin}/${index}`);
  }
});

test("#128 a body without a length that ends in a reset is not whole", async () => {
  const read = gate();
  await using server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n1,2\n3");
    void read.opened.then(() => socket.resetAndDestroy());
  });
  const pieces = get(server.origin, { retry: false }).stream();
  expect((await pieces.next()).value).toEqual(Buffer.from("1,2\n3"));
  read.open();
  expect(await caught(pieces.next(), NetworkError)).toMatchObject({ kind: "reset" });
});

test("P9 what the peer sent is not in the cause, for it may be our own request", async () => {
  await using server = await serveRaw((socket, head) => void socket.end(`garbage ${head}`));
  const headers = { authorization: "Bearer t0ken" };
  const error = await caught(get(server.origin, { headers, retry: false }), NetworkError);
  expect(error.kind).toBe("protocol");
  expect(inspect(error.cause, { depth: 10, showHidden: true })).not.toContain("t0ken");
});

test("a stream of the caller's that throws nothing at all fails at once", async () => {
  await using server = await serve((response) => void response.end());
  async function* body(): AsyncGenerator<string, void, undefined> {
    yield "a";
    // What a promise that was rejected with nothing gives.
    await Promise.reject();
  }
  const error = await caught(post(server.origin, { body: body() }), CallerError);
  expect(error.message).toContain("stream of the request's body");
});
