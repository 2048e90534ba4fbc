import { Client, OptionsError } from "chasqui";
import { expect, test } from "vitest";
import { caught } from "../peers/caught.ts";

const client = new Client({ baseUrl: "http://127.0.0.1:9" });

/** What somebody writes who comes from another client. */
const given = (name: string): object => Object.fromEntries([[name, {}]]);

test.each([
  ["query", "params"],
  ["searchParams", "params"],
  ["data", "json"],
  ["responseType", ".json()"],
  ["followRedirect", "redirect"],
  ["maxRedirects", "redirect"],
  ["withCredentials", "cookies"],
  ["verify", "tls"],
  ["insecure", "rejectUnauthorized: false"],
  ["strictSSL", "rejectUnauthorized: false"],
  ["rejectUnauthorised", "rejectUnauthorized: false"],
  ["httpsAgent", "tls"],
  ["idempotency_key", "idempotencyKey"],
  ["timout", "timeout"],
])("a call's option `%s` is refused with a hint to %s", async (name, meant) => {
  const error = await caught(client.get("/", given(name)), OptionsError);
  expect(error).toMatchObject({ option: name, hint: expect.stringContaining(meant) });
});

test.each([
  ["baseURL", "baseUrl"],
  ["base_url", "baseUrl"],
  ["middleware", "use"],
  ["interceptors", "hooks"],
  ["cookieJar", "cookies"],
  ["dispatcher", "transport"],
  ["token", "auth"],
])("a client's option `%s` is refused with a hint to `%s`", (name, meant) => {
  let error: unknown;
  try {
    new Client(given(name));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(OptionsError);
  expect(error).toMatchObject({ option: name, hint: expect.stringContaining(meant) });
});

test.each(["limit", "per_page", "page", "offset", "cursor", "pageSize"])(
  "a walk's option `%s` is refused with a hint to params",
  async (name) => {
    const error = await caught(client.paginate("/", given(name)).all(), OptionsError);
    expect(error.hint).toContain(`params: { ${name}:`);
  },
);
