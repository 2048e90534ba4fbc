import { describe, expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

const practice = createPractice();
const TOKEN = { authorization: "Bearer practice-token" };

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(path: string, init: RequestInit = {}): Promise<Answered> {
  const response = await practice.fetch(`http://x.test/apis${path}`, init);
  const text = await response.text();
  const body: unknown = text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : { text };
  return { status: response.status, headers: response.headers, body: Object(body) };
}

function posting(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

describe("what a look-alike refuses, in the words of the one that it looks like", () => {
  test.each<[string, string, RequestInit, number, unknown]>([
    ["GitHub without a token", "/github/user", {}, 401, { message: "Requires authentication" }],
    [
      "GitHub with another",
      "/github/user",
      { headers: { authorization: "Bearer x" } },
      401,
      { message: "Bad credentials" },
    ],
    ["GitHub, a user that is not there", "/github/users/nobody/repos", {}, 404, { message: "Not Found" }],
    [
      "GitHub, a search that is too deep",
      "/github/search/repositories?q=a&page=35",
      {},
      422,
      { message: "Only the first 1000 search results are available" },
    ],
    ["Slack without a token", "/slack/api/users.list", {}, 200, { ok: false, error: "not_authed" }],
    [
      "Slack, a cursor that is none",
      "/slack/api/users.list?cursor=x",
      { headers: TOKEN },
      200,
      { ok: false, error: "invalid_cursor" },
    ],
    [
      "Slack, no text",
      "/slack/api/chat.postMessage",
      posting({ channel: "general" }, TOKEN),
      200,
      { ok: false, error: "no_text" },
    ],
    ["a webhook without a text", "/slack/services/T1/B1/xyz", posting({}), 400, { text: "no_text" }],
    [
      "Stripe without an amount",
      "/stripe/v1/charges",
      { method: "POST", headers: TOKEN, body: new URLSearchParams({ currency: "eur" }) },
      400,
      { error: { code: "parameter_missing", param: "amount" } },
    ],
    [
      "Stripe, a card that is declined",
      "/stripe/v1/charges",
      {
        method: "POST",
        headers: TOKEN,
        body: new URLSearchParams({ amount: "5", currency: "eur", source: "tok_chargeDeclined" }),
      },
      402,
      { error: { type: "card_error", code: "card_declined" } },
    ],
    ["Shopify without a token", "/shopify/admin/api/2026-10/products.json", {}, 401, {}],
    [
      "Shopify, a filter beside page_info",
      "/shopify/admin/api/2026-10/products.json?page_info=~YWZ0ZXI6MQ&vendor=x",
      { headers: { "x-shopify-access-token": "practice-token" } },
      400,
      {},
    ],
    ["Notion without a token", "/notion/v1/databases/a/query", posting({}), 401, { code: "unauthorized" }],
    [
      "Notion without a version",
      "/notion/v1/databases/a/query",
      posting({}, TOKEN),
      400,
      { code: "missing_version" },
    ],
    ["Google without a key", "/google/drive/v3/files", {}, 403, { error: { status: "PERMISSION_DENIED" } }],
    [
      "a sheet that is not there",
      "/google/sheets/v4/spreadsheets/a/values/Costs!A:E?key=practice-key",
      {},
      400,
      { error: { status: "INVALID_ARGUMENT" } },
    ],
    ["a product that is not there", "/shop/products/700", {}, 404, {}],
    ["weather of nowhere", "/weather/v1/forecast?latitude=91&longitude=0", {}, 400, { error: true }],
    [
      "weather of another kind",
      "/weather/v1/forecast?latitude=1&longitude=0&hourly=luck",
      {},
      400,
      { reason: "Cannot initialize HourlyVariable from 'luck'." },
    ],
    ["a currency that is not there", "/rates/latest?base=XXX", {}, 404, { message: "not found" }],
  ])("%s", async (_name, path, init, status, body) => {
    const answer = await ask(path, init);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject(Object(body));
  });
});

describe("payments", () => {
  const charge = (key: string | undefined, amount: string, query = ""): Promise<Answered> =>
    ask(`/stripe/v1/charges${query}`, {
      method: "POST",
      headers: { ...TOKEN, ...(key === undefined ? {} : { "idempotency-key": key }) },
      body: new URLSearchParams({ amount, currency: "eur" }),
    });
  const made = async (): Promise<number> => {
    const { body } = await ask("/stripe/v1/charges?limit=100", { headers: TOKEN });
    return Array.isArray(body.data) ? body.data.length : -1;
  };

  test("the same key gets the same answer, and makes no second charge", async () => {
    const before = await made();
    const [first, again] = [await charge("k-1", "500"), await charge("k-1", "500")];
    expect(again.body).toEqual(first.body);
    expect([first, again].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([null, "true"]);
    expect(await made()).toBe(before + 1);
  });

  test("the same key with another amount is refused", async () => {
    await charge("k-2", "500");
    expect(await charge("k-2", "600")).toMatchObject({
      status: 400,
      body: { error: { type: "idempotency_error" } },
    });
  });

  test("a charge is made although its answer is lost", async () => {
    const before = await made();
    await expect(charge("k-3", "700", "?drop=1&run=lost")).rejects.toMatchObject({ message: "fetch failed" });
    expect(await made()).toBe(before + 1);
    expect((await charge("k-3", "700", "?drop=1&run=lost")).headers.get("idempotent-replayed")).toBe("true");
    expect(await made()).toBe(before + 1);
  });

  test("without a key each is another", async () => {
    const before = await made();
    await charge(undefined, "100");
    await charge(undefined, "100");
    expect(await made()).toBe(before + 2);
  });
});

test("what was posted to a channel is its history, the newest first", async () => {
  for (const text of ["one", "two"]) {
    const { body } = await ask("/slack/api/chat.postMessage", posting({ channel: "#general", text }, TOKEN));
    expect(body).toMatchObject({ ok: true, channel: "C0001", message: { text } });
  }
  const { body } = await ask("/slack/api/conversations.history?channel=C0001&limit=1", { headers: TOKEN });
  expect(body).toMatchObject({ ok: true, messages: [{ text: "two" }], has_more: true });
});

test("GitHub's search says how many there are, and its last page is that of the last that can be had", async () => {
  const { body, headers } = await ask("/github/search/repositories?q=a&per_page=100");
  expect(body).toMatchObject({ total_count: 2500, incomplete_results: false });
  expect(headers.get("link")).toContain('page=10>; rel="last"');
});
