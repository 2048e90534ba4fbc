import { AbortError, HttpError, NetworkError, type NetworkErrorKind, TimeoutError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { equal, fits, has } from "./assert.ts";
import type { At, Topic } from "./suite.ts";

/** The kind of a failure, where the runtime tells; it is always a NetworkError that names the host. */
async function fails(at: At, url: string, ...kinds: readonly NetworkErrorKind[]): Promise<void> {
  await using session = at.client({ retry: false });
  const error = await caught(session.get(url), NetworkError);
  equal(error.host, new URL(url).host);
  if (!at.can("kinds")) {
    equal(error.kind, "closed");
    fits(error.hint, "CORS");
  } else equal(kinds.includes(error.kind), true, `${error.kind}: ${String(error.cause)}`);
}

export const failures: Topic = {
  "nobody listens": (at) => fails(at, `${at.peers.nobody}/`, "refused"),
  "the connection is reset, or closed before an answer": async (at) => {
    await fails(at, `${at.peers.own}/reset`, "reset", "closed");
    await fails(at, `${at.peers.own}/drop`, "reset", "closed");
  },
  "a body that is cut short": (at) => fails(at, `${at.peers.own}/truncated`, "closed", "reset"),
  "an error shows the call and its attempts": async ({ peers, client }) => {
    await using session = client({ retry: 2 });
    const error = await caught(session.get(`${peers.nobody}/x?api_key=hush`), NetworkError);
    has(error, { attempts: 2 });
    equal(String(error).includes("hush"), false);
  },
  "an error shows the caller's line": async ({ peers, client }) => {
    await using session = client({ retry: false });
    async function whoAsked(): Promise<unknown> {
      const data = await session.get(`${peers.own}/status?is=500`).json();
      return data;
    }
    const error = await caught(whoAsked(), HttpError);
    fits(error.stack, "whoAsked");
    // Not where the error was made.
    equal(/raiseForStatus|statusError/.test(error.stack ?? ""), false, error.stack);
  },
  "headers that never come": async ({ peers, client }) => {
    const clock = new ManualClock();
    await using session = client({ clock, retry: false, timeout: { connect: null, headers: "5s" } });
    const call = session.get(`${peers.own}/never`);
    await clock.armed(5000);
    clock.advance(5000);
    equal((await caught(call, TimeoutError)).phase, "headers");
  },
  "a body that stalls": async ({ peers, client }) => {
    const clock = new ManualClock();
    await using session = client({ clock, retry: false, timeout: { idle: "5s" } });
    const call = session.get(`${peers.own}/half`);
    await clock.armed(5000);
    clock.advance(5000);
    equal((await caught(call, TimeoutError)).phase, "idle");
  },
  "the total, over attempts and waits": async ({ peers, client }) => {
    const clock = new ManualClock();
    await using session = client({ clock, timeout: { total: "7s" } });
    const call = session.get(`${peers.own}/never`);
    await clock.armed(7000);
    clock.advance(7000);
    equal((await caught(call, TimeoutError)).phase, "total");
  },
  "one attempt": async ({ peers, client }) => {
    const clock = new ManualClock();
    await using session = client({ clock, retry: false, timeout: { attempt: "3s" } });
    const call = session.get(`${peers.own}/never`);
    await clock.armed(3000);
    clock.advance(3000);
    equal((await caught(call, TimeoutError)).phase, "attempt");
  },
  "AbortSignal.timeout is a TimeoutError": async ({ peers, client }) => {
    await using session = client({ retry: false });
    const error = await caught(
      session.get(`${peers.own}/never`, { signal: AbortSignal.timeout(20) }),
      TimeoutError,
    );
    equal(error.phase, "signal");
  },
  "abort while headers are awaited": async ({ peers, client }) => {
    await using session = client();
    const controller = new AbortController();
    const call = session.get(`${peers.own}/never`, { signal: controller.signal });
    setTimeout(() => controller.abort("enough"), 20);
    const error = await caught(call, AbortError);
    equal(error.cause, "enough");
  },
  "abort in the middle of a streamed body": async ({ peers, client }) => {
    await using session = client();
    const controller = new AbortController();
    const lines = session.get(`${peers.own}/lines?n=2&open`, { signal: controller.signal }).lines();
    equal((await lines.next()).value, '{"n":0}');
    equal((await lines.next()).value, '{"n":1}');
    const next = lines.next();
    controller.abort();
    await caught(next, AbortError);
  },
  "a signal that is aborted sends nothing": async ({ peers, client, fresh }) => {
    await using session = client();
    const run = fresh();
    await caught(session.get(`${peers.own}/flaky?run=${run}`, { signal: AbortSignal.abort() }), AbortError);
    equal(await session.get(`${peers.own}/counted?run=${run}`).text(), "0");
  },
  "close() ends what is under way": async ({ peers, client }) => {
    const session = client();
    const call = session.get(`${peers.own}/never`);
    setTimeout(() => void session.close(), 20);
    fits((await caught(call, AbortError)).message, "closed");
  },
};
