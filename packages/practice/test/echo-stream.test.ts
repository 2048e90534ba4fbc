import { createHash } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningPractice, startPractice } from "../src/index.ts";

let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());
const echo = async (path: string, init: RequestInit = {}) =>
  (await (await fetch(practice.url + path, init)).json()) as Record<string, unknown>;

describe("echo", () => {
  test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("answers %s", async (method) => {
    expect(await echo("/echo", { method })).toMatchObject({
      method,
      path: "/echo",
      body: null,
      json: null,
      form: null,
      files: null,
    });
  });
  test("tells the URL, the query and the headers as they came", async () => {
    const answer = await echo("/echo/deep/er?a=1&a=2&b=%20c", { headers: { "X-Own": "v" } });
    expect(answer).toMatchObject({
      url: `${practice.url}/echo/deep/er?a=1&a=2&b=%20c`,
      path: "/echo/deep/er",
      query: { a: ["1", "2"], b: " c" },
      headers: { "x-own": "v", host: practice.url.slice("http://".length) },
    });
  });
  test.each<[string, RequestInit, object]>([
    [
      "JSON",
      { body: '{"a":[1]}', headers: { "content-type": "application/json" } },
      { body: '{"a":[1]}', json: { a: [1] }, length: 9 },
    ],
    [
      "a form",
      { body: new URLSearchParams("a=1&a=2&b=%26") },
      { body: "a=1&a=2&b=%26", form: { a: ["1", "2"], b: "&" }, json: null },
    ],
    ["text", { body: "héllo" }, { body: "héllo", length: 6, json: null }],
    ["bytes", { body: new Uint8Array([255, 0]) }, { body: null, base64: "/wA=", length: 2 }],
  ])("reads %s", async (_, init, expected) => {
    expect(await echo("/echo", { method: "POST", ...init })).toMatchObject(expected);
  });
  test.each([
    ["Content-Length", { "content-length": "7" }],
    ["chunks", { "transfer-encoding": "chunked" }],
  ])("shows the body of a GET, which fetch does not send, by %s", async (_, framing) => {
    const call = request(`${practice.url}/echo`, {
      headers: { "content-type": "application/json", ...framing },
    });
    call.end('{"a":1}');
    const [response] = await once(call, "response");
    const answer = JSON.parse(await text(response));
    expect(answer).toMatchObject({ method: "GET", length: 7, body: '{"a":1}', json: { a: 1 } });
  });
  test("reads the fields and the files of a multipart form", async () => {
    const form = new FormData();
    form.append("note", "hi");
    form.append("photo", new File(["some text"], "ñ.txt", { type: "text/plain" }));
    form.append("raw", new File([new Uint8Array([255])], "b.bin"));
    expect(await echo("/echo", { method: "POST", body: form })).toMatchObject({
      form: { note: "hi" },
      files: [
        {
          field: "photo",
          name: "ñ.txt",
          type: "text/plain",
          size: 9,
          text: "some text",
          sha256: createHash("sha256").update("some text").digest("hex"),
        },
        { field: "raw", name: "b.bin", type: "application/octet-stream", size: 1, text: null },
      ],
    });
  });
  test("a multipart form that is none is 400", async () => {
    const response = await fetch(`${practice.url}/echo`, {
      method: "POST",
      body: "x",
      headers: { "content-type": "multipart/form-data; boundary=b" },
    });
    expect(response.status).toBe(400);
  });
});

describe("streams", () => {
  test("lines are posts, one JSON text each", async () => {
    const response = await fetch(`${practice.url}/stream/lines?n=3&interval=1`);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = (await response.text()).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([1, 2, 3]);
  });

  const whole = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  test.each([
    [undefined, 200, null, 0, 1000],
    ["bytes=0-9", 206, "bytes 0-9/1000", 0, 10],
    ["bytes=990-", 206, "bytes 990-999/1000", 990, 1000],
    ["bytes=-5", 206, "bytes 995-999/1000", 995, 1000],
    ["bytes=998-5000", 206, "bytes 998-999/1000", 998, 1000],
    ["bytes=1000-", 416, "bytes */1000", 0, 0],
    ["bytes=-0", 416, "bytes */1000", 0, 0],
    ["bytes=9-0", 200, null, 0, 1000],
    ["bytes=0-1,5-6", 200, null, 0, 1000],
    ["items=0-1", 200, null, 0, 1000],
  ])("bytes with Range: %s are %i, %s", async (range, status, contentRange, from, to) => {
    const response = await fetch(`${practice.url}/stream/bytes?n=1000`, { headers: range ? { range } : {} });
    expect([response.status, response.headers.get("content-range")]).toEqual([status, contentRange]);
    expect(response.headers.get("content-length")).toBe(String(to - from));
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(whole.slice(from, to));
  });
  test.each([
    ['"bytes-1000"', 206],
    ['"bytes-999"', 200],
  ])("If-Range: %s is %i", async (tag, status) => {
    const response = await fetch(`${practice.url}/stream/bytes?n=1000`, {
      headers: { range: "bytes=1-2", "if-range": tag },
    });
    expect(response.status).toBe(status);
    await response.arrayBuffer();
  });
  test("many bytes are made as they are read", async () => {
    const response = await fetch(`${practice.url}/stream/bytes?n=1000000000000`);
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value?.[250]).toBe(250);
    await reader?.cancel();
  });
});
