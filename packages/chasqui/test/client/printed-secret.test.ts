import { bearer, Client, get, Headers, OptionsError, type RequestOptions, secret } from "chasqui";
import { describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { serve } from "../peers/http-server.ts";

const key = secret("k-4711");

describe("a Secret that was printed into a text is refused before anything is sent", () => {
  test.each<[what: string, option: string, path: string, options: RequestOptions]>([
    ["behind a scheme", "headers", "/", { headers: { authorization: `Bearer ${key}` } }],
    ["as a whole header", "headers", "/", { headers: [["X-Api-Key", `${key}`]] }],
    ["in Fetch's headers", "headers", "/", { headers: new globalThis.Headers({ "x-token": `${key}` }) }],
    ["in the query of the URL", "url", `/?a=1&api_key=${key}`, {}],
    ["in params", "params", "/", { params: { access_token: `${key}` } }],
  ])("%s", async (_, option, path, options) => {
    let asked = 0;
    await using server = await serve((response) => {
      asked++;
      response.end();
    });
    const error = await caught(get(server.origin + path, options), OptionsError);
    expect(error).toMatchObject({ option, hint: expect.stringContaining("A Secret prints as ***") });
    expect(asked).toBe(0);
  });

  test("in the headers of a client too", async () => {
    await using client = new Client({
      baseUrl: "http://127.0.0.1:9",
      headers: { authorization: `token ${key}` },
    });
    expect((await caught(client.get("/"), OptionsError)).message).toContain('"authorization"');
  });

  test("what is a Secret, and what is no credential, goes as it is", async () => {
    const seen: unknown[] = [];
    await using server = await serve((response, request) => {
      seen.push(request.target, request.headers["x-api-key"], request.headers["x-stars"]);
      response.end();
    });
    const headers = { "x-api-key": key, "x-stars": "***" };
    await get(`${server.origin}/?q=***`, { headers, params: { token: key } });
    expect(seen).toEqual(["/?q=***&token=k-4711", "k-4711", "***"]);
  });

  test("a transport that plays a recording gets what the recording said", async () => {
    const seen: (string | null)[] = [];
    await using client = new Client({
      transport: {
        send({ headers }) {
          seen.push(Headers.fromFlat([...headers]).get("authorization"));
          throw new Error("seen");
        },
        close: () => Promise.resolve(),
      },
    });
    await client.get("http://h.test/", { headers: { authorization: "Bearer ***" } }).catch(() => {});
    expect(seen).toEqual(["Bearer ***"]);
  });
});

test.each(["Bearer undefined", "Bearer null", "Basic undefined", "Token undefined", "undefined"])(
  "an Authorization of `%s` is a variable that is not set",
  async (authorization) => {
    const error = await caught(get("http://127.0.0.1:9/", { headers: { authorization } }), OptionsError);
    expect(error).toMatchObject({ option: "headers", hint: expect.stringContaining("not set") });
  },
);

test("bearer() refuses a token that has the scheme before it", () => {
  expect(() => bearer("Bearer abc")).toThrow("bearer() writes `Bearer ` itself");
  expect(() => bearer(secret("bearer abc"))).toThrow(OptionsError);
});
