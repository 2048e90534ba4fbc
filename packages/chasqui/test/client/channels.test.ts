import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { bearer, Client, NetworkError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { freePort } from "../peers/free-port.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";

const NAMES = [
  "chasqui:call:start",
  "chasqui:call:end",
  "chasqui:exchange:start",
  "chasqui:exchange:end",
] as const;

interface Message {
  readonly name: string;
  readonly call: string;
  readonly attempt: number | undefined;
  readonly status: number | undefined;
  readonly error: unknown;
  readonly message: object;
}

const undo: (() => void)[] = [];
afterEach(() => {
  for (const stop of undo.splice(0)) stop();
});

function listen(): Message[] {
  const told: Message[] = [];
  for (const name of NAMES) {
    const listener = (message: unknown): void => {
      if (typeof message !== "object" || message === null) throw new Error("no message");
      const { call, attempt, response, error } = message as Message & { response?: { status: number } };
      told.push({ name: name.slice(8), call, attempt, status: response?.status, error, message });
    };
    subscribe(name, listener);
    undo.push(() => unsubscribe(name, listener));
  }
  return told;
}

describe("diagnostics channels", () => {
  test("tell of a call and of each of its exchanges, by one id", async () => {
    await using server = await serve({ "/old": redirectTo("/new"), "/new": json({}) });
    await using client = new Client({ baseUrl: server.origin });
    const told = listen();
    const { trace } = await client.get("/old");
    expect(told.map(({ name, attempt, status }) => [name, attempt, status])).toEqual([
      ["call:start", undefined, undefined],
      ["exchange:start", 1, undefined],
      ["exchange:end", 1, 302],
      ["exchange:start", 2, undefined],
      ["exchange:end", 2, 200],
      ["call:end", undefined, 200],
    ]);
    expect(new Set(told.map(({ call }) => call))).toEqual(new Set([trace.id]));
  });

  test("tell of failures", async () => {
    const port = await freePort();
    await using client = new Client({ retry: false });
    const told = listen();
    const error = await caught(client.get(`http://127.0.0.1:${port}/`), NetworkError);
    expect(told.at(-1)).toMatchObject({ name: "call:end", status: undefined });
    expect(told.at(-1)?.error).toBe(error);
  });

  test("print no secret", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, auth: bearer("s3cret") });
    const told = listen();
    await client.get("/?token=s3cret");
    expect(inspect(told, { depth: 8 })).not.toContain("s3cret");
    expect(JSON.stringify(told)).not.toContain("s3cret");
  });

  test("a listener that throws ends no call", async () => {
    await using server = await serve(json({}));
    await using client = new Client();
    const thrown = new Promise<unknown>((resolve) => {
      // Node tells of it as an uncaught exception, in a turn of its own.
      const listeners = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException");
      process.once("uncaughtException", (error) => {
        for (const listener of listeners) process.on("uncaughtException", listener);
        resolve(error);
      });
    });
    const listener = (): void => {
      throw new Error("a slip of the listener's");
    };
    subscribe("chasqui:call:start", listener);
    undo.push(() => unsubscribe("chasqui:call:start", listener));
    expect((await client.get(server.origin)).status).toBe(200);
    expect(await thrown).toBeInstanceOf(Error);
  });

  test("are silent where nobody listens", () => {
    for (const name of NAMES) expect(channel(name).hasSubscribers).toBe(false);
  });
});
