import { describe, expect, test } from "vitest";
import { OptionsError } from "../../../src/index.ts";
import { LengthMismatch } from "../../../src/transport/http1/fault.ts";
import { requestHead } from "../../../src/transport/http1/request-head.ts";
import { requestOf } from "../../peers/http1-exchange.ts";

const HOST = "example.com:8080";

function headOf(parts: Parameters<typeof requestOf>[0]): string {
  return requestHead(requestOf(parts), HOST).text;
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("one");
}

test("is the line of the request, where it goes, what becomes of the connection, and the headers as they were given", () => {
  const headers = ["Accept", "*/*", "x-a", "", "X-A", "caf\xe9\tb", "host-x", "y", "Connection-X", "z"];
  expect(headOf({ path: "/a?b=c", headers })).toBe(
    [
      "GET /a?b=c HTTP/1.1",
      `host: ${HOST}`,
      "connection: keep-alive",
      "Accept: */*",
      "x-a: ",
      "X-A: caf\xe9\tb",
      "host-x: y",
      "Connection-X: z",
      "\r\n",
    ].join("\r\n"),
  );
});

test.each([["Host"], ["host"], ["HOST"]])(
  "a header %s of the request's own takes the place of the URL's",
  (name) => {
    const head = headOf({ headers: ["a", "b", name, "other.example"] });
    expect(head).toBe("GET / HTTP/1.1\r\nhost: other.example\r\nconnection: keep-alive\r\na: b\r\n\r\n");
  },
);

test.each([
  ["close", true],
  ["Close", true],
  ["keep-alive, close", true],
  ["close ,x", true],
  ["keep-alive", false],
  ["closed", false],
  ["upgrade", false],
])("#135 `Connection: %s` is of the connection alone: its last request %j", (value, isLast) => {
  const head = requestHead(requestOf({ headers: ["Connection", value] }), HOST);
  expect(head.isLast).toBe(isLast);
  expect(head.text.match(/^connection: .*$/gim)).toEqual([`connection: ${isLast ? "close" : "keep-alive"}`]);
});

describe("#38 a request without a body says so where a server waits for one", () => {
  test.each(["POST", "PUT", "PATCH", "QUERY", "PROPFIND", "PROPPATCH"])("%s", (method) => {
    for (const body of [null, "", new Uint8Array()])
      expect(headOf({ method, body })).toMatch(/\r\ncontent-length: 0\r\n\r\n$/);
  });

  test.each(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "X"])("and nowhere else: %s", (method) => {
    for (const body of [null, "", new Uint8Array()])
      expect(headOf({ method, body })).toMatch(/keep-alive\r\n\r\n$/);
  });
});

describe("#37 the length of a body is that of its bytes", () => {
  test.each([
    ["ASCII", "hello", 5],
    ["text beyond ASCII", "h\xe9llo \u65e5 \u{1f600}", 15],
    ["half a character", "\ud83d", 3],
    ["bytes", new Uint8Array([0, 1, 0xff]), 3],
  ])("%s", (_what, body, length) => {
    for (const method of ["POST", "GET"]) {
      const head = requestHead(requestOf({ method, body }), HOST);
      expect(head).toMatchObject({ whole: body, length, pieces: undefined });
      expect(head.text).toMatch(new RegExp(`keep-alive\\r\\ncontent-length: ${length}\\r\\n\\r\\n$`));
      // One that is given is the same one.
      const headers = ["Content-Length", String(length)];
      expect(headOf({ method, body, headers })).toBe(head.text);
      for (const other of [length - 1, length + 1, 0])
        expect(() => headOf({ method, body, headers: ["content-length", String(other)] })).toThrow(
          LengthMismatch,
        );
    }
  });

  test("a length without a body is another than the body's", () => {
    expect(() => headOf({ method: "POST", headers: ["content-length", "1"] })).toThrow(LengthMismatch);
    expect(headOf({ method: "GET", headers: ["content-length", "0"] })).toMatch(/keep-alive\r\n\r\n$/);
  });

  test("#40 a body that comes in pieces has the length that is announced, and no end of its head yet", () => {
    const body = pieces();
    const head = requestHead(requestOf({ method: "POST", body, headers: ["Content-Length", "3"] }), HOST);
    expect(head).toMatchObject({ announced: 3, pieces: body, length: 0 });
    expect(head.text).toMatch(/connection: keep-alive\r\n$/);
    expect(head.text).not.toMatch(/content-length/i);
    expect(requestHead(requestOf({ method: "POST", body }), HOST).announced).toBeUndefined();
  });
});

describe("S67 S68 what would be two requests, or none, is refused", () => {
  test.each<[what: string, headers: string[]]>([
    ["two Host headers", ["host", "a", "Host", "a"]],
    ["two Content-Length headers", ["content-length", "0", "Content-Length", "0"]],
    ["a Content-Length that is a list", ["content-length", "0, 0"]],
    ["a Content-Length with a sign", ["content-length", "+0"]],
    ["a Content-Length that is empty", ["content-length", ""]],
    ["a Transfer-Encoding", ["Transfer-Encoding", "chunked"]],
    ["a Keep-Alive", ["keep-alive", "timeout=5"]],
    ["an Upgrade", ["upgrade", "h2c"]],
    ["an Expect", ["EXPECT", "100-continue"]],
  ])("%s", (_what, headers) => {
    expect(() => headOf({ headers })).toThrow(
      expect.objectContaining({ name: "OptionsError", option: "headers" }),
    );
  });
});

describe("S54 S68 what would end a line of the head is refused, whoever let it through", () => {
  test.each<[what: string, parts: Parameters<typeof requestOf>[0]]>([
    ["a line feed in a value", { headers: ["x", "a\nb: c"] }],
    ["a line break in a value", { headers: ["x", "a\r\nb: c"] }],
    ["a head in a value", { headers: ["x", "a\r\n\r\nGET /b HTTP/1.1"] }],
    ["a bare CR in a value", { headers: ["x", "a\rb: c"] }],
    ["a NUL in a value", { headers: ["x", "a\0b"] }],
    ["a line break in a name", { headers: ["x: a\r\nb", "c"] }],
    ["a line break in the host", { headers: ["host", "a\r\nb: c"] }],
    ["a line break in the method", { method: "GET / HTTP/1.1\r\nb: c\r\n" }],
    ["a line break in the target", { path: "/\r\nb:" }],
    ["a space in the target", { path: "/a HTTP/1.1" }],
    ["a tab in the target", { path: "/\ta" }],
    ["a CR in the target", { path: "/\ra" }],
    ["a NUL in the target", { path: "/\0a" }],
    // Written as Latin-1 each of these would be a line feed.
    ["a character whose last byte is one, in a value", { headers: ["x", "a\u010ab: c"] }],
    ["a character whose last byte is one, in a name", { headers: ["x\u010ab", "c"] }],
    ["a character whose last byte is one, in the target", { path: "/\u010aa" }],
    ["a character beyond Latin-1", { headers: ["x", "\u65e5"] }],
  ])("%s", (_what, parts) => {
    expect(() => headOf(parts)).toThrow(OptionsError);
  });
});
