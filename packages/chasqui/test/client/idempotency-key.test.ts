import { describe, expect, test } from "vitest";
import { Client, HttpError, NetworkError, OptionsError, post } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Answer, type HttpServer, redirectTo, serve } from "../peers/http-server.ts";

const AT_ONCE = { backoff: { base: 0 } };

/** Takes a payment once for each key; of so many requests the answer is lost after it was taken. */
function payments(lost: number, header = "idempotency-key"): { answer: Answer; taken: Map<string, number> } {
  const taken = new Map<string, number>();
  let asked = 0;
  const answer: Answer = (response, seen) => {
    asked++;
    const key = seen.headers[header] ?? `none ${asked}`;
    if (!taken.has(key)) taken.set(key, taken.size + 1);
    if (asked <= lost) response.destroy();
    else response.end(JSON.stringify({ payment: taken.get(key) }));
  };
  return { answer, taken };
}

function keys(server: HttpServer, header = "idempotency-key"): (string | undefined)[] {
  return server.seen.map(({ headers }) => headers[header]);
}

describe("#146 idempotencyKey", () => {
  test.each(["POST", "PATCH"])("%s survives lost answers: one key, one payment", async (method) => {
    const { answer, taken } = payments(2);
    await using server = await serve(answer);
    await using client = new Client({ retry: AT_ONCE });
    const call = client.request(method, server.origin, { json: { amount: 5 }, idempotencyKey: true });
    expect(await call.json()).toEqual({ payment: 1 });
    expect(taken.size).toBe(1);
    expect(server.seen.length).toBe(3);
    expect(new Set(keys(server)).size).toBe(1);
    expect(keys(server)[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("each call of a client has a key of its own, and what is idempotent has none", async () => {
    await using server = await serve((response) => void response.end("{}"));
    await using client = new Client({ baseUrl: server.origin, idempotencyKey: true });
    await client.post("/");
    await client.post("/");
    await client.patch("/");
    expect(new Set(keys(server)).size).toBe(3);
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
      await client.request(method, "/");
      expect(server.last().headers["idempotency-key"]).toBeUndefined();
    }
    await client.post("/", { idempotencyKey: false });
    expect(server.last().headers["idempotency-key"]).toBeUndefined();
  });

  test("a key of one's own, one that is made, another header, and one set by hand", async () => {
    const { answer } = payments(0);
    await using server = await serve(answer);
    let made = 0;
    await using client = new Client({ baseUrl: server.origin, idempotencyKey: () => `made-${++made}` });
    await client.post("/");
    await client.post("/");
    await client.post("/", { idempotencyKey: "order-7" });
    await client.post("/", { headers: { "Idempotency-Key": "by hand" } });
    expect(keys(server)).toEqual(["made-1", "made-2", "order-7", "by hand"]);
    await client.post("/", { idempotencyKey: { header: "PayPal-Request-Id", key: "p-1" } });
    expect(server.last().headers).toMatchObject({ "paypal-request-id": "p-1" });
    expect(server.last().headers["idempotency-key"]).toBeUndefined();
  });

  test("a key set by hand has a POST sent again as well", async () => {
    const { answer, taken } = payments(1);
    await using server = await serve(answer);
    const headers = { "Idempotency-Key": "order-7" };
    expect(await post(server.origin, { headers, retry: AT_ONCE }).json()).toEqual({ payment: 1 });
    expect(taken.size).toBe(1);
  });

  test("a built request keeps its key for all its sendings", async () => {
    await using server = await serve((response) => void response.end("{}"));
    await using client = new Client({ baseUrl: server.origin, idempotencyKey: true });
    const request = client.build("POST", "/");
    const key = request.headers.get("idempotency-key");
    await client.send(request);
    await client.send(request);
    expect(keys(server)).toEqual([key, key]);
  });

  test("each page of a walk by POST is a request of its own", async () => {
    await using server = await serve((response, seen) => {
      const { cursor = 0 } = JSON.parse(seen.body.toString());
      const next = cursor < 2 ? cursor + 1 : null;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ results: [{ id: cursor }], next_cursor: next, has_more: next !== null }));
    });
    await using client = new Client({ baseUrl: server.origin, idempotencyKey: true });
    const walk = client.paginate("/search", {
      method: "POST",
      json: { query: "x" },
      by: { cursor: "next_cursor", param: "cursor", in: "body" },
    });
    const ids = await walk.all();
    expect(ids.length).toBe(server.seen.length);
    expect(new Set(keys(server)).size).toBe(server.seen.length);
  });

  test("D19 the key does not go to another origin, and there the POST is not sent again", async () => {
    await using other = await serve((response) => void response.writeHead(503).end());
    await using server = await serve(redirectTo(`${other.origin}/`, 307));
    const call = post(server.origin, { idempotencyKey: true, retry: AT_ONCE });
    expect((await call).status).toBe(503);
    expect(keys(other)).toEqual([undefined]);
  });

  test("what a server says by x-should-retry is followed", async () => {
    let asked = 0;
    await using server = await serve((response) => {
      asked++;
      if (asked === 1) response.writeHead(409, { "x-should-retry": "true", "retry-after-ms": "1" }).end();
      else if (asked === 2) response.writeHead(503, { "x-should-retry": "false" }).end("no");
      else response.end("never");
    });
    const response = await post(server.origin, { idempotencyKey: true, retry: AT_ONCE });
    expect([response.status, asked]).toEqual([503, 2]);
  });

  test.each<[string, unknown]>([
    ["a number", 7],
    ["an empty key", ""],
    ["a key with a line break", "a\nb"],
    ["null", null],
    ["a header that is none", { header: "a b" }],
    ["a field that is none", { name: "x" }],
    ["a key that is none", { key: false }],
  ])("%s is an OptionsError", async (_, idempotencyKey) => {
    const options: object = { idempotencyKey };
    const error = await caught(post("http://127.0.0.1:1/", options), OptionsError);
    expect(error.option).toMatch(/^idempotencyKey/);
    expect(error.attempts).toBe(0);
  });

  test("a function that makes no key is an OptionsError, and nothing is sent", async () => {
    await using server = await serve((response) => void response.end());
    const options: object = { idempotencyKey: () => undefined };
    await caught(post(server.origin, options), OptionsError);
    expect(server.seen.length).toBe(0);
  });

  test("a client cannot have one key for all of its calls", () => {
    expect(() => new Client({ idempotencyKey: "one" })).toThrow(OptionsError);
    expect(() => new Client({ idempotencyKey: { key: "one" } })).toThrow(OptionsError);
  });
});

describe("an error says why it was not tried again", () => {
  test("a POST, and how it could be", async () => {
    await using server = await serve((response) => void response.writeHead(503).end());
    const error = await caught(post(server.origin).json(), HttpError);
    expect(error.hint).toContain("idempotencyKey: true");
  });

  test("#158 a stream that was sent, and how it could be", async () => {
    await using server = await serve((response) => void response.destroy());
    async function* body(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode("once");
    }
    await using client = new Client({ retry: AT_ONCE });
    const error = await caught(client.put(server.origin, { body: body() }), NetworkError);
    expect(error).toMatchObject({ attempts: 1, hint: expect.stringContaining("Give `body` as a function") });
  });

  test("#152 a Retry-After that is too long", async () => {
    await using server = await serve(
      (response) => void response.writeHead(429, { "retry-after": "120" }).end(),
    );
    await using client = new Client();
    const error = await caught(client.get(server.origin).json(), HttpError);
    expect(error.hint).toContain("Retry-After 120 s is longer than `retry.maxWait` (60000 ms)");
  });
});
