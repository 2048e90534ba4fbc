import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Client, get, NetworkError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { serveRawBytes } from "../peers/raw-bytes.ts";
import { serveRaw } from "../peers/raw-server.ts";

const once = { retry: false } as const;

function failure(proxy: string, url = "https://target.test/x"): Promise<NetworkError> {
  return caught(get(url, { ...once, proxy }), NetworkError);
}

describe("P10 an http proxy that does not connect says why", () => {
  test.each([
    [
      "403",
      "HTTP/1.1 403 Filtered\r\ncontent-length: 4\r\n\r\nno!!",
      /did not connect to target\.test:443: 403 Filtered/,
      /rules of the proxy/,
    ],
    ["502", "HTTP/1.1 502 Bad Gateway\r\n\r\n", /target\.test:443: 502 Bad Gateway/, /not to answer/],
    ["503 without a phrase", "HTTP/1.0 503\r\n\r\n", /target\.test:443: 503 for/, /no room/],
    [
      "a redirect is no tunnel",
      "HTTP/1.1 302 Found\r\nlocation: https://evil.test/\r\n\r\n",
      /302 Found/,
      /the proxy that says so/,
    ],
    [
      "a 101",
      "HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 418 I'm a teapot\r\n\r\n",
      /418 I'm a teapot/,
      /the proxy that says so/,
    ],
    ["a phrase that steers a terminal", "HTTP/1.1 500 \x9b2J\r\n\r\n", /500 \ufffd2J/, /the proxy/],
  ])("%s", async (_what, answer, message, hint) => {
    await using proxy = await serveRaw((socket) => void socket.write(answer, "latin1"));
    const error = await failure(proxy.origin);
    expect(error).toMatchObject({ kind: "proxy", port: proxy.port, attempts: 1 });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`The proxy ${proxy.origin} `);
    expect(error.hint).toMatch(hint);
  });

  test.each([
    ["without credentials", "", "Basic realm=x", /wants credentials \(Basic\): 407/, /Put them into its URL/],
    [
      "with credentials",
      "us:s3cret@",
      "Basic realm=x",
      /did not accept the credentials: 407/,
      /Look at the user and password of the proxy\.$/,
    ],
    [
      "that it would have in another way",
      "us:s3cret@",
      "NTLM",
      /did not accept the credentials: 407/,
      /it asks for NTLM/,
    ],
  ])("407 %s", async (_what, login, challenge, message, hint) => {
    await using proxy = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: ${challenge}\r\n\r\n`);
    });
    const error = await failure(proxy.origin.replace("//", `//${login}`));
    expect(error.kind).toBe("proxy");
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cret|dXM6czNjcmV0/);
  });
});

describe("an answer to CONNECT is read strictly, and nothing hangs", () => {
  test.each([
    ["garbage", "220 smtp.test ESMTP\r\n\r\n", /no status line/],
    ["another version", "HTTP/2 200 OK\r\n\r\n", /no status line/],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", /no status line/],
    ["a status of four", "HTTP/1.1 2000 OK\r\n\r\n", /no status line/],
    ["a status that is none", "HTTP/1.1 600 OK\r\n\r\n", /no status line/],
    ["a space in front", " HTTP/1.1 200 OK\r\n\r\n", /no status line/],
    ["a zero in the phrase", "HTTP/1.1 200 a\0b\r\n\r\n", /no status line/],
    ["a bare line feed", "HTTP/1.1 200 OK\nx: y\r\n\r\n", /no status line/],
    ["a header without a colon", "HTTP/1.1 200 OK\r\nnothing\r\n\r\n", /a bad header/],
    ["a space before the colon", "HTTP/1.1 200 OK\r\nx : y\r\n\r\n", /a bad header/],
    ["a continued line", "HTTP/1.1 200 OK\r\nx: y\r\n z\r\n\r\n", /a bad header/],
    [
      "headers without an end",
      `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(20_000)}`,
      /an answer of more than 65536 bytes/,
    ],
    [
      "interim answers without an end",
      "HTTP/1.1 100 Continue\r\n\r\n".repeat(50),
      /more than 8 interim answers/,
    ],
    [
      "S67 an answer of the target's before it was asked",
      "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
      /more than an answer before the tunnel was used/,
    ],
    [
      "a body, which a 200 to CONNECT cannot have",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
      /more than an answer/,
    ],
  ])("%s", async (_what, answer, message) => {
    await using proxy = await serveRaw((socket) => void socket.write(answer, "latin1"));
    const error = await failure(proxy.origin);
    expect(error.kind).toBe("proxy");
    expect(error.message).toMatch(message);
  });

  test.each([
    ["nothing", ""],
    ["half a head", "HTTP/1.1 200 OK\r\nx: "],
    ["an interim answer alone", "HTTP/1.1 100 Continue\r\n\r\n"],
  ])("it closes after %s", async (_what, answer) => {
    await using proxy = await serveRaw((socket) => void socket.end(answer));
    const error = await failure(proxy.origin);
    expect(error.kind).toBe("proxy");
    expect(error.message).toMatch(/closed the connection instead of an answer/);
  });

  test("it resets the connection", async () => {
    await using proxy = await serveRaw((socket) => void socket.resetAndDestroy());
    const error = await failure(proxy.origin);
    expect(error).toMatchObject({ kind: "proxy", cause: { code: "ECONNRESET" } });
    expect(error.message).toContain(`The proxy ${proxy.origin} reset the connection`);
  });

  test("a head that comes byte by byte is one", async () => {
    await using proxy = await serveRaw(async (socket) => {
      for (const byte of Buffer.from("HTTP/1.1 403 Slowly\r\nx: y\r\n\r\n")) {
        socket.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect((await failure(proxy.origin)).message).toContain("403 Slowly");
  });

  test("the connection is given up with it", async () => {
    const ended = Promise.withResolvers<void>();
    await using proxy = await serveRaw((socket) => {
      socket.on("close", ended.resolve);
      socket.write("HTTP/1.1 403 No\r\n\r\n");
    });
    await using client = new Client({ ...once, proxy: proxy.origin });
    await caught(client.get("https://target.test/"), NetworkError);
    await ended.promise;
  });
});

describe("SOCKS: an answer is read strictly, and nothing hangs", () => {
  const GREETED = [5, 0];
  test.each([
    ["another version", [4, 0], /does not speak SOCKS5/],
    ["an http proxy", [...Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")], /does not speak SOCKS5/],
    ["a method that was not offered", [5, 2], /does not speak SOCKS5/],
    ["GSSAPI, which was not offered", [5, 1], /does not speak SOCKS5/],
    ["no method", [5, 0xff], /wants credentials/],
    ["a reply of another version", [...GREETED, 4, 0, 0, 1, 0, 0, 0, 0, 0, 0], /does not speak SOCKS5/],
    ["a kind of address that is none", [...GREETED, 5, 0, 0, 2, 0, 0, 0, 0, 0, 0], /does not speak SOCKS5/],
    [
      "1",
      [...GREETED, 5, 1, 0, 1, 0, 0, 0, 0, 0, 0],
      /did not connect to target\.test:443: it failed itself/,
    ],
    ["2", [...GREETED, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0], /its rules do not allow it/],
    ["3", [...GREETED, 5, 3, 0, 1, 0, 0, 0, 0, 0, 0], /the network cannot be reached/],
    ["4", [...GREETED, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0], /the host cannot be reached/],
    ["5", [...GREETED, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0], /the host refused the connection/],
    ["6", [...GREETED, 5, 6, 0, 1, 0, 0, 0, 0, 0, 0], /the connection took too long/],
    ["7", [...GREETED, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0], /it knows no CONNECT/],
    ["8", [...GREETED, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0], /it does not know this kind of address/],
    ["9, which is none", [...GREETED, 5, 9, 0, 1, 0, 0, 0, 0, 0, 0], /it answers 9, which means nothing/],
    ["a refusal without an address", [...GREETED, 5, 5], /the host refused the connection/],
    [
      "bytes after the reply",
      [...GREETED, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 72],
      /more than an answer before the tunnel was used/,
    ],
  ])("%s", async (_what, answer, message) => {
    await using proxy = await serveRawBytes((socket) => void socket.write(Buffer.from(answer)));
    const error = await failure(`socks5h://${proxy.host}`);
    expect(error).toMatchObject({ kind: "proxy" });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`socks5h://${proxy.host}`);
  });

  test.each([
    ["nothing", []],
    ["half a greeting", [5]],
    ["the greeting", GREETED],
    ["half a reply", [...GREETED, 5, 0, 0, 3, 20, 1, 2]],
  ])("it closes after %s", async (_what, answer) => {
    await using proxy = await serveRawBytes((socket) => void socket.end(Buffer.from(answer)));
    const error = await failure(`socks5h://${proxy.host}`);
    expect(error.message).toMatch(/closed the connection instead of an answer/);
  });

  test("answers that come byte by byte are whole, and the server's follow them", async () => {
    const answers = [
      [5, 2],
      [1, 0],
      [5, 0, 0, 3, 4, 104, 111, 115, 116, 1, 2],
      [...Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")],
    ];
    await using proxy = await serveRawBytes(async (socket) => {
      for (const [turn, answer] of answers.entries()) {
        if (turn > 0) await new Promise((resolve) => socket.once("data", resolve));
        for (const byte of answer) {
          socket.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    });
    const call = get("http://target.test/", { ...once, proxy: `socks5h://us:pw@${proxy.host}` });
    expect(await call.text()).toBe("hi");
  });

  test("neither credentials nor none", async () => {
    await using proxy = await serveRawBytes((socket) => void socket.write(Buffer.of(5, 0xff)));
    const error = await failure(`socks5h://us:s3cret@${proxy.host}`);
    expect(error.message).toMatch(/takes neither no credentials nor user and password/);
    expect(inspect(error, { depth: 9 })).not.toContain("s3cret");
  });

  test("credentials that are refused", async () => {
    await using proxy = await serveRawBytes((socket) => void socket.write(Buffer.of(5, 2, 1, 1)));
    const error = await failure(`socks5h://us:s3cret@${proxy.host}`);
    expect(error.message).toMatch(/did not accept the credentials/);
    expect(inspect(error, { depth: 9 })).not.toContain("s3cret");
  });
});
