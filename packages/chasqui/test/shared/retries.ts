import { HttpError, NetworkError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { equal } from "./assert.ts";
import type { Echo } from "./requests.ts";
import type { Topic } from "./suite.ts";

export const retries: Topic = {
  "a 503 is tried again, and what was sent is the same": async ({ peers, client, fresh }) => {
    await using session = client();
    const url = `${peers.own}/flaky?times=2&run=${fresh()}`;
    const echo = await session.put(url, { json: { a: 1 }, headers: { "x-a": "1" } }).json<Echo>();
    equal([echo.body, echo.headers["x-a"], echo.method], ['{"a":1}', "1", "PUT"]);
  },
  "attempts end": async ({ peers, client, fresh }) => {
    await using session = client({ retry: 2 });
    const run = fresh();
    const error = await caught(session.get(`${peers.own}/flaky?times=9&run=${run}`).json(), HttpError);
    equal([error.status, error.attempts], [503, 2]);
    equal(await session.get(`${peers.own}/counted?run=${run}`).text(), "2");
  },
  "a POST is not sent twice": async ({ peers, client, fresh }) => {
    await using session = client();
    const run = fresh();
    equal((await session.post(`${peers.own}/flaky?run=${run}`, { json: 1 })).status, 503);
    equal(await session.get(`${peers.own}/counted?run=${run}`).text(), "1");
  },
  "a written POST whose answer is lost is not sent twice": async ({ peers, client }) => {
    await using session = client();
    equal((await caught(session.post(`${peers.own}/drop`, { json: 1 }), NetworkError)).attempts, 1);
  },
  "Retry-After is obeyed": async ({ peers, client, fresh }) => {
    const clock = new ManualClock();
    await using session = client({ clock });
    const call = session.get(`${peers.own}/flaky?after=7&run=${fresh()}`);
    await Promise.race([call, clock.armed(7000)]);
    clock.advance(7000);
    equal((await call).status, 200);
  },
  "a Retry-After beyond maxWait ends it": async ({ peers, client, fresh }) => {
    await using session = client();
    equal((await session.get(`${peers.own}/flaky?after=9999&run=${fresh()}`)).status, 503);
  },
  "retry: false tries once": async ({ peers, client, fresh }) => {
    await using session = client({ retry: false });
    equal((await session.get(`${peers.own}/flaky?run=${fresh()}`)).status, 503);
  },
  "hooks are told, in order": async ({ peers, client, fresh }) => {
    const told: string[] = [];
    await using session = client({
      hooks: {
        onRequest: (request) => {
          told.push(request.method);
          request.headers.set("x-hook", "yes");
        },
        onResponse: (response) => void told.push(String(response.status)),
        onRetry: ({ reason }) => void told.push(reason),
      },
    });
    const echo = await session.get(`${peers.own}/flaky?run=${fresh()}`).json<Echo>();
    equal(told, ["GET", "503", "status 503", "GET", "200"]);
    equal(echo.headers["x-hook"], "yes");
  },
  "middleware stands around the call, and around each exchange": async ({ peers, client, fresh }) => {
    const told: string[] = [];
    await using session = client({
      use: [
        async (request, next) => {
          told.push("call");
          return next(request);
        },
      ],
      wire: [
        async (request, next) => {
          told.push("exchange");
          return next(request);
        },
      ],
    });
    await session.get(`${peers.own}/flaky?run=${fresh()}`);
    equal(told, ["call", "exchange", "exchange"]);
  },
};
