import { describe, expect, test } from "vitest";
import { Client, type ClientOptions, memory, OptionsError, TimeoutError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { json, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

describe("#135 limits of connections", () => {
  test.each<[string, ClientOptions["connections"]]>([
    ["a number", 2],
    ["by name", { perOrigin: 2 }],
  ])("so many an origin: %s; the others wait their turn", async (_how, connections) => {
    const wall = gate();
    const hold = async (response: { end(text: string): unknown }): Promise<void> => {
      await wall.opened;
      response.end("ok");
    };
    await using one = await serve(hold);
    await using two = await serve(hold);
    await using client = new Client({ connections });
    const calls = [one, two].flatMap(({ origin }) =>
      Array.from({ length: 6 }, () => client.get(origin).text()),
    );
    await until(() => one.seen.length === 2 && two.seen.length === 2);
    wall.open();
    expect(await Promise.all(calls)).toEqual(Array(12).fill("ok"));
    expect([one.connections(), two.connections()]).toEqual([2, 2]);
  });

  test("#137 who waits for one is bound by the limit of the queue", async () => {
    const clock = new ManualClock();
    await using server = await serve(() => {});
    await using client = new Client({ connections: 1, clock, retry: false, timeout: { queue: "5s" } });
    const first = client.get(server.origin).then(undefined, () => "given up");
    const second = caught(client.get(server.origin), TimeoutError);
    await clock.armed(5000);
    clock.advance(5000);
    expect((await second).phase).toBe("queue");
    await client.close();
    expect(await first).toBe("given up");
  });

  test("so many idle ones of all origins: the one idle longest goes first", async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, () => serve(json(1))));
    try {
      await using client = new Client({ connections: { idle: 2 } });
      for (const { origin } of servers) await client.get(origin);
      await until(() => servers.filter((server) => server.open() === 0).length === 2);
      expect(servers.map((server) => server.open())).toEqual([0, 0, 1, 1]);
      // Those that were kept are used again.
      for (const { origin } of servers.slice(2)) await client.get(origin);
      expect(servers.map((server) => server.connections())).toEqual([1, 1, 1, 1]);
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  });

  test("none idle at all", async () => {
    await using server = await serve(json(1));
    await using client = new Client({ connections: { idle: 0 } });
    for (let turn = 0; turn < 3; turn++) expect((await client.get(server.origin)).status).toBe(200);
    await until(() => server.open() === 0);
    expect(server.connections()).toBe(3);
  });

  test("an idle one is closed when its time is up", async () => {
    await using server = await serve(json(1));
    await using client = new Client({ connections: { idleTimeout: "100ms" } });
    await client.get(server.origin);
    expect(server.open()).toBe(1);
    await until(() => server.open() === 0);
  });
});

test.each<[string, unknown, string]>([
  ["none", 0, "connections"],
  ["half a connection", 1.5, "connections"],
  ["a word", "many", "connections"],
  ["a name that does not exist", { maxSockets: 5 }, "connections.maxSockets"],
  ["no connection an origin", { perOrigin: 0 }, "connections.perOrigin"],
  ["fewer than no idle ones", { idle: -1 }, "connections.idle"],
  ["a time without a unit", { idleTimeout: "5" }, "connections.idleTimeout"],
])("%s is refused", (_what, connections, option) => {
  expect(() => new Client({ connections: connections as never })).toThrow(
    expect.objectContaining({ code: "ERR_OPTIONS", option }),
  );
});

test("limits that would limit nothing are refused", () => {
  const client = new Client();
  expect(() => client.extend({ connections: 5 })).toThrow(OptionsError);
  expect(() => new Client({ connections: 5, transport: memory(() => new Response()) })).toThrow(OptionsError);
});
