import { describe, expect, test } from "vitest";
import { get } from "../../src/index.ts";
import { serve } from "../peers/http-server.ts";

describe("#113 the charset of a streamed body is that of a buffered one", () => {
  test.each([
    ["text/plain; charset=iso-8859-1", [0xe9, 0x0a, 0xfc], ["é", "ü"]],
    ["text/plain", [0xc3, 0xa9, 0x0a, 0x61], ["é", "a"]],
    ["text/plain; charset=no-such", [0xc3, 0xa9, 0x0a, 0x61], ["é", "a"]],
    ["text/plain; charset=utf-16le", [0xe9, 0, 0x0a, 0, 0x61, 0], ["é", "a"]],
  ])("%s", async (type, bytes, lines) => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-type": type }).end(Buffer.from(bytes));
    });
    expect(await Array.fromAsync(get(server.origin).lines())).toEqual(lines);
    expect(await get(server.origin).text()).toBe(lines.join("\n"));
  });

  test("the caller's `encoding` beats it", async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(Buffer.from([0xe9]));
    });
    expect(await Array.fromAsync(get(server.origin, { encoding: "latin1" }).lines())).toEqual(["é"]);
  });
});
