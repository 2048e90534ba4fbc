import { describe, expect, test } from "vitest";
import { type Auth, type Challenge, Client, get, OptionsError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Answer, json, redirectTo, serve } from "../peers/http-server.ts";

/** An `Auth` of the caller's, whose key is another after each `refresh`. */
function keyed(more: Partial<Auth>): { readonly auth: Auth; readonly asked: Challenge[] } {
  let key = 1;
  const asked: Challenge[] = [];
  const auth: Auth = {
    authorize: () => ({ headers: { "x-key": `k-${key}` } }),
    refresh: () => void key++,
    answers: (challenge) => asked.push(challenge) > 0,
    ...more,
  };
  return { auth, asked };
}

/** Answers the statuses one after the other, and 200 from then on. */
function inTurn(...statuses: number[]): Answer {
  return (response) => void response.writeHead(statuses.shift() ?? 200).end();
}

const keys = (seen: readonly { readonly headers: object }[]): unknown[] =>
  seen.map(({ headers }) => Reflect.get(headers, "x-key"));

describe("the `statuses` of an Auth of one's own", () => {
  test.each([
    ...[401, "401", null, {}, [401, "403"], [undefined], [Number.NaN], [403.5]],
    ...[[200], [302], [399], [600], [-401], [Number.POSITIVE_INFINITY]],
  ])("are statuses from 400 to 599 in a list, and %j is refused where it is given", async (statuses) => {
    const auth = { authorize: () => ({}), statuses } as unknown as Auth;
    const refused = expect.objectContaining({ name: "OptionsError", option: "auth.statuses" });
    expect(() => new Client({ auth })).toThrow(refused);
    await using server = await serve(json({}));
    const error = await caught(get(server.origin, { auth }), OptionsError);
    expect(error).toEqual(refused);
    expect(error.message).toContain("a list of statuses from 400 to 599");
    expect(server.seen).toEqual([]);
  });

  test.each([400, 401, 403, 419, 440, 498, 500, 599])(
    "may name %i, which is answered with new credentials",
    async (status) => {
      await using server = await serve(inTurn(status));
      const { auth, asked } = keyed({ statuses: [status] });
      const response = await get(server.origin, { auth, retry: false });
      expect(response.status).toBe(200);
      expect(keys(server.seen)).toEqual(["k-1", "k-2"]);
      expect(asked).toEqual([expect.objectContaining({ status, again: false })]);
    },
  );

  test("are answered once a call: what is refused again is the answer, whichever of them it is", async () => {
    await using server = await serve(inTurn(403, 419, 403));
    const { auth, asked } = keyed({ statuses: [403, 419] });
    await using client = new Client({ baseUrl: server.origin, auth, retry: false });
    expect((await client.get("/")).status).toBe(419);
    expect(keys(server.seen)).toEqual(["k-1", "k-2"]);
    expect(asked.map(({ status, again }) => [status, again])).toEqual([
      [403, false],
      [419, true],
    ]);
    // The next call begins anew.
    expect((await client.get("/")).status).toBe(200);
    expect(keys(server.seen)).toEqual(["k-1", "k-2", "k-2", "k-3"]);
  });

  test.each([
    ["once a hop where a challenge is of one request", true, 200, ["k-1", "k-2", "k-2", "k-3"]],
    ["once in all hops of an origin where it is not", false, 403, ["k-1", "k-2", "k-2"]],
  ] as const)("are answered %s", async (_, perRequest, status, sent) => {
    let refused = 0;
    await using server = await serve({
      "/old": (response, seen, request) =>
        refused++ === 0 ? void response.writeHead(403).end() : redirectTo("/next")(response, seen, request),
      "/next": inTurn(403),
    });
    const { auth } = keyed({ statuses: [403], perRequest });
    expect((await get(`${server.origin}/old`, { auth, retry: false })).status).toBe(status);
    expect(keys(server.seen)).toEqual(sent);
  });

  test("stand in the place of 401, which is the answer then", async () => {
    await using server = await serve(inTurn(401));
    const { auth, asked } = keyed({ statuses: [403] });
    expect((await get(server.origin, { auth })).status).toBe(401);
    expect(keys(server.seen)).toEqual(["k-1"]);
    expect(asked).toEqual([]);
  });

  test.each([
    ["an empty list", { statuses: [] }, 401],
    ["no `refresh`", { statuses: [403], refresh: undefined }, 403],
    ["`answers` that says no", { statuses: [403], answers: () => false }, 403],
  ] as const)("answer nothing with %s", async (_, more, status) => {
    await using server = await serve(inTurn(status));
    const { refresh, ...auth } = { ...keyed({}).auth, ...more };
    const own: Auth = refresh === undefined ? auth : { ...auth, refresh };
    expect((await get(server.origin, { auth: own })).status).toBe(status);
    expect(server.seen).toHaveLength(1);
  });

  test("are those of the call's own origin: a 403 of another is the answer, and gets no credentials", async () => {
    await using other = await serve(inTurn(403));
    await using server = await serve(redirectTo(`${other.origin}/`));
    const { auth, asked } = keyed({ statuses: [403] });
    expect((await get(server.origin, { auth })).status).toBe(403);
    expect(keys(other.seen)).toEqual([undefined]);
    expect(asked).toEqual([]);
  });

  test("come before retries, which the answer is left to when it is refused again", async () => {
    await using server = await serve(inTurn(503, 503));
    const { auth } = keyed({ statuses: [503] });
    const retry = { attempts: 2, backoff: { base: 0 } } as const;
    expect((await get(server.origin, { auth, retry })).status).toBe(200);
    expect(keys(server.seen)).toEqual(["k-1", "k-2", "k-2"]);
  });
});
