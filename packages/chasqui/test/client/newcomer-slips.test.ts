import type { ServerResponse } from "node:http";
import { Client, ConsumedBodyError, EmptyBodyError, get, head, OptionsError, post, request } from "chasqui";
import { FakeServer, faults } from "chasqui/testing";
import { describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { serve } from "../peers/http-server.ts";

const nowhere = "http://127.0.0.1:9/";

function ends(response: ServerResponse): void {
  response.end("a\nb\n");
}

/** Calls a function with what its types forbid. */
function wrongly(call: (...args: never[]) => unknown, ...args: unknown[]): PromiseLike<unknown> {
  return Reflect.apply(call, undefined, args);
}

function clientOf(options: unknown): () => unknown {
  return () => Reflect.construct(Client, [options]);
}

describe("a slip of a newcomer is told what to write", () => {
  test("data that stand where the options do", async () => {
    const error = await caught(wrongly(post, nowhere, { title: "x" }), OptionsError);
    expect(error).toMatchObject({
      option: "title",
      hint: expect.stringContaining("Data goes into { json: … }"),
    });
    const beside = await caught(wrongly(post, nowhere, { json: {}, zzzzzz: 1 }), OptionsError);
    expect(beside.hint).toBeUndefined();
  });

  test("request() without a method", async () => {
    const error = await caught(wrongly(request, nowhere), OptionsError);
    expect(error).toMatchObject({ option: "method", hint: "The method comes first: request(method, url)." });
  });

  test("a method that was taken from its client", async () => {
    await using client = new Client();
    const { get: detached } = client;
    expect(() => wrongly(detached, nowhere)).toThrow(
      "get() was called without its client: write client.get(…)",
    );
  });

  test("the JSON of a HEAD", async () => {
    await using server = await serve(ends);
    const error = await caught(head(server.origin).json(), EmptyBodyError);
    expect(error.hint).toBe("The answer to a HEAD has no body, only headers: GET has it.");
  });

  test("lines that are read twice: nothing of an option that was not given", async () => {
    await using server = await serve(ends);
    const call = get(server.origin);
    expect(await Array.fromAsync(call.lines())).toEqual(["a", "b"]);
    const error = await caught(Array.fromAsync(call.lines()), ConsumedBodyError);
    expect(error.hint).toBe(
      "`await get(url)`, without `stream: true`, gives a response whose body can be read again.",
    );
  });

  test("a server for testing that is given as the transport", () => {
    const given = { transport: new FakeServer() };
    expect(clientOf(given)).toThrow(
      expect.objectContaining({ option: "transport", hint: expect.stringContaining("server.transport") }),
    );
  });

  test("a jar that is still JSON", () => {
    expect(clientOf({ cookies: { cookies: [] } })).toThrow(
      expect.objectContaining({ option: "cookies", hint: expect.stringContaining("CookieJar.fromJSON") }),
    );
  });

  test("the one of a list that is wrong is the one that is named", () => {
    const pin = `sha256//${"A".repeat(43)}=`;
    expect(() => new Client({ tls: { pins: [pin, "sha256/abc"] } })).toThrow(
      expect.objectContaining({
        option: "tls.pins",
        message: expect.stringContaining("`tls.pins[1]` is not"),
      }),
    );
    expect(() => wrongly(faults, { kinds: ["reset", "rest"] })).toThrow('`kinds[1]` is "rest"');
  });
});
