import { lookup as systemLookup } from "node:dns";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client, get, type Lookup, NetworkError, OptionsError, TimeoutError } from "../../src/index.ts";
import * as web from "../../src/platform/web.ts";
import { caught } from "../peers/caught.ts";
import { certificates } from "../peers/certificates.ts";
import { listenFull } from "../peers/full-listener.ts";
import { type HttpServer, json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";

const once = { retry: false } as const;

/** A port of the loopback on which nobody listens. */
async function deadPort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

/** A lookup that gives these addresses for every name, and counts how often it was asked. */
function found(...addresses: readonly string[]): Lookup & { asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = (hostname, _options, callback) => {
    asked.push(hostname);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return Object.assign(lookup, { asked });
}

function portOf(server: HttpServer): string {
  return new URL(server.origin).port;
}

describe("unix sockets", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chasqui-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("carry a call whose URL says the path and the Host", async () => {
    const unixSocket = join(folder, "api.sock");
    await using server = await serve(json({ fine: true }), { path: unixSocket });
    await using client = new Client({ baseUrl: "http://docker.internal/v1", unixSocket });
    expect(await client.get("/info", { params: { all: true } }).json()).toEqual({ fine: true });
    expect(server.last()).toMatchObject({
      target: "/v1/info?all=true",
      headers: { host: "docker.internal" },
    });
    await client.get("/info");
    expect(server.connections()).toBe(1);
  });

  test("carry TLS too", async () => {
    const { ca, localhost } = await certificates();
    const unixSocket = join(folder, "tls.sock");
    await using _server = await serve(json({ fine: true }), { path: unixSocket, tls: { ...localhost } });
    const response = await get("https://localhost/", { unixSocket, tls: { ca: ca.cert } });
    expect(response.status).toBe(200);
  });

  test("S31 #112 another socket is another connection, and no socket too", async () => {
    const [one, two] = [join(folder, "1.sock"), join(folder, "2.sock")];
    await using _one = await serve(json(1), { path: one });
    await using _two = await serve(json(2), { path: two });
    await using tcp = await serve(json(3), { host: "127.0.0.1" });
    await using client = new Client({ unixSocket: one });
    const asked: unknown[] = [];
    for (const unixSocket of [one, two, undefined, null]) {
      asked.push(await client.get(tcp.origin, { unixSocket }).json());
    }
    expect(asked).toEqual([1, 2, 1, 3]);
  });

  test("S48 a redirect of the same origin stays on the socket; one to another leaves it, and none comes back", async () => {
    const unixSocket = join(folder, "api.sock");
    await using tcp = await serve((response, seen) => {
      if (seen.target === "/out-and-back")
        redirectTo("http://localhost:1/secret")(response, seen, undefined as never);
      else json("tcp")(response, seen, undefined as never);
    });
    await using socket = await serve(
      {
        "/near": redirectTo("/here"),
        "/here": json("socket"),
        "/out": redirectTo(`${tcp.origin}/there`),
        "/out-and-back": redirectTo(`${tcp.origin}/out-and-back`),
        "/secret": json("secret"),
      },
      { path: unixSocket },
    );
    await using client = new Client({ unixSocket, ...once });
    expect(await client.get("http://localhost:1/near").json()).toBe("socket");
    expect(await client.get("http://localhost:1/out").json()).toBe("tcp");
    await caught(client.get("http://localhost:1/out-and-back"), NetworkError);
    expect(socket.seen.map(({ target }) => target)).not.toContain("/secret");
  });

  test("P10 one that is not there is told by its path", async () => {
    const unixSocket = join(folder, "none.sock");
    const error = await caught(get("http://localhost/", { ...once, unixSocket }), NetworkError);
    expect(error).toMatchObject({ kind: "refused", host: undefined, port: undefined });
    expect(error.message).toBe(
      `The Unix socket ${JSON.stringify(unixSocket)} does not exist for GET http://localhost/`,
    );
    expect(error.cause).toMatchObject({ code: "ENOENT" });
  });

  test("P10 one that nobody listens at, a file that is none, and one without permission are told apart", async () => {
    const left = join(folder, "left.sock");
    // Who is killed leaves the file of its socket.
    const { code } = await run(`
      import { createServer } from "node:net";
      createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, "SIGKILL"));`);
    expect(code).not.toBe(0);
    const file = join(folder, "plain.txt");
    await writeFile(file, "");
    for (const [unixSocket, said] of [
      [left, `Nobody listens at the Unix socket ${JSON.stringify(left)}`],
      [file, `${JSON.stringify(file)} is no Unix socket`],
      [folder, `${JSON.stringify(folder)} is no Unix socket`],
      [join(file, "a.sock"), `The Unix socket ${JSON.stringify(join(file, "a.sock"))} does not exist`],
    ] as const) {
      const error = await caught(get("http://docker/x", { ...once, unixSocket }), NetworkError);
      expect(error.message).toBe(`${said} for GET http://docker/x`);
      expect([error.kind, error.host, error.port]).toEqual(["refused", undefined, undefined]);
    }
    const long = join(folder, "a".repeat(150));
    const error = await caught(get("http://docker/x", { ...once, unixSocket: long }), NetworkError);
    expect([error.kind, error.hint]).toEqual(["unreachable", expect.stringContaining("a hundred bytes")]);
  });

  test("P10 one that this process may not use is told by that", async () => {
    const unixSocket = join(folder, "closed.sock");
    await using _server = await serve(() => {}, { path: unixSocket });
    await chmod(unixSocket, 0);
    // Root may use any: the process becomes nobody once all is loaded.
    const { stdout } = await run(`
      import { get } from "../src/index.ts";
      const ask = (path) => get("http://docker/x", { retry: false, unixSocket: path });
      await ask("/nowhere").catch(() => {});
      if (process.getuid() === 0) process.setuid(65534);
      await ask(${JSON.stringify(unixSocket)}).catch(({ kind, message, hint }) => console.log([kind, message, hint].join("\\n")));`);
    expect(stdout.split("\n")).toEqual([
      "unreachable",
      `No permission to use the Unix socket ${JSON.stringify(unixSocket)} for GET http://docker/x`,
      expect.stringContaining("write to the socket"),
      "",
    ]);
  });

  test("S48 no URL leads to one", async () => {
    const error = await caught(get("unix:///var/run/docker.sock"), OptionsError);
    expect(error.message).toContain("unix:");
  });
});

describe("the local address", () => {
  test("is where connections start from, and part of what a connection is", async () => {
    await using server = await serve(
      (response, _seen, { socket }) => void response.end(socket.remoteAddress),
    );
    await using client = new Client({ localAddress: "127.0.0.3" });
    expect(await client.get(server.origin).text()).toBe("127.0.0.3");
    expect(await client.get(server.origin, { localAddress: "127.0.0.4" }).text()).toBe("127.0.0.4");
    expect(await client.get(server.origin, { localAddress: null }).text()).toBe("127.0.0.1");
    expect(await client.get(server.origin).text()).toBe("127.0.0.3");
    expect(server.connections()).toBe(3);
  });

  test("P10 one that this machine does not have is told so", async () => {
    await using server = await serve(json(1));
    const error = await caught(get(server.origin, { ...once, localAddress: "192.0.2.7" }), NetworkError);
    expect(error.kind).toBe("unreachable");
    expect(error.hint).toMatch(/localAddress.*192\.0\.2\.7/);
  });
});

describe("lookup", () => {
  test("finds the addresses of a name, and not of an address", async () => {
    await using server = await serve(json(1));
    const lookup = found("127.0.0.1");
    await using client = new Client({ lookup });
    expect((await client.get(`http://api.test:${portOf(server)}/`)).status).toBe(200);
    expect((await client.get(server.origin)).status).toBe(200);
    expect(lookup.asked).toEqual(["api.test"]);
    expect(server.seen[0]?.headers.host).toBe(`api.test:${portOf(server)}`);
  });

  test("S42 no name is remembered, so that no cache of names can grow: each new connection asks anew", async () => {
    await using server = await serve(json(1));
    const lookup = found("127.0.0.1");
    await using client = new Client({ lookup, headers: { connection: "close" } });
    for (let turn = 0; turn < 3; turn++) await client.get(`http://api.test:${portOf(server)}/`);
    expect(server.connections()).toBe(3);
    expect(lookup.asked).toEqual(["api.test", "api.test", "api.test"]);
  });

  test("may be `dns.lookup`, or give one address alone", async () => {
    await using server = await serve(json(1));
    const url = `http://localhost:${portOf(server)}/`;
    expect((await get(url, { lookup: systemLookup })).status).toBe(200);
    expect((await get(url, { lookup: (_name, _options, give) => give(null, "127.0.0.1", 4) })).status).toBe(
      200,
    );
  });

  test.each<[string, Lookup]>([
    ["fails", (_name, _options, give) => give(new Error("no such thing"), "")],
    [
      "throws",
      () => {
        throw new Error("no such thing");
      },
    ],
    ["finds nothing", (_name, _options, give) => give(null, [])],
    ["finds what is no address", (_name, _options, give) => give(null, "elsewhere", 4)],
  ])("one that %s is a fault of kind dns", async (_what, lookup) => {
    const error = await caught(get("http://api.test/", { ...once, lookup }), NetworkError);
    expect(error).toMatchObject({ kind: "dns", host: "api.test", port: 80 });
    expect(error.hint).toContain("`lookup`");
    expect(error.cause).toBeInstanceOf(Error);
  });

  test("#137 the limit for connecting covers it, and what it finds too late is not used", async () => {
    await using server = await serve(json(1));
    const clock = new ManualClock();
    let give: () => void = () => {};
    const lookup: Lookup = (_name, _options, callback) => {
      give = () => callback(null, "127.0.0.1", 4);
    };
    await using client = new Client({ clock, lookup, ...once });
    const call = client.get(`http://api.test:${portOf(server)}/`);
    const failed = caught(call, TimeoutError);
    await clock.armed(10_000);
    clock.advance(10_000);
    expect((await failed).phase).toBe("connect");
    give();
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.connections()).toBe(0);
  });

  test("two functions are two ways, each with its own connections", async () => {
    await using server = await serve(json(1));
    const [one, two] = [found("127.0.0.1"), found("127.0.0.1")];
    await using client = new Client();
    for (const lookup of [one, two, one]) await client.get(`http://api.test:${portOf(server)}/`, { lookup });
    expect(server.connections()).toBe(2);
  });
});

describe("P15 a name with several addresses", () => {
  test("is reached by the one that answers", async () => {
    await using server = await serve(json(1));
    const lookup = found("127.0.0.9", "127.0.0.1");
    expect((await get(`http://api.test:${portOf(server)}/`, { lookup })).status).toBe(200);
  });

  test("an address that says nothing is left for the next one well within the limit for connecting", async () => {
    await using full = await listenFull();
    const { port } = new URL(full.origin);
    await using other = await serve(json("the other"), { host: "127.0.0.2", port: Number(port) });
    expect(portOf(other)).toBe(port);
    const lookup = found("127.0.0.1", "127.0.0.2");
    expect(await get(`http://api.test:${port}/`, { lookup, ...once }).json()).toBe("the other");
  });

  test("of which none answers is told with every address", async () => {
    const port = await deadPort();
    const lookup = found("127.0.0.1", "127.0.0.2");
    const error = await caught(get(`http://api.test:${port}/`, { lookup, ...once }), NetworkError);
    expect(error).toMatchObject({ kind: "refused", host: `api.test:${port}`, port });
    expect(error.hint).toBe(
      `Every address was tried: 127.0.0.1 port ${port} (ECONNREFUSED), 127.0.0.2 port ${port} (ECONNREFUSED).`,
    );
    expect(error.cause).toBeInstanceOf(AggregateError);
  });
});

describe("the options", () => {
  test.each<[string, object, string]>([
    ["a socket that is a number", { unixSocket: 5 }, "unixSocket"],
    ["an empty path", { unixSocket: "" }, "unixSocket"],
    ["a path with a zero in it", { unixSocket: "/a\0b" }, "unixSocket"],
    ["a name as the local address", { localAddress: "eth0" }, "localAddress"],
    ["a lookup that is no function", { lookup: "8.8.8.8" }, "lookup"],
    ["http2 as a word", { http2: "yes" }, "http2"],
  ])("%s is refused", (_what, options, option) => {
    expect(() => new Client(options)).toThrow(expect.objectContaining({ code: "ERR_OPTIONS", option }));
  });

  test.each([
    ["verify", "tls"],
    ["rejectUnauthorized", "tls"],
    ["socketPath", "unixSocket"],
    ["allowH2", "http2"],
  ])("%s, as others call it, leads to %s", (given, ours) => {
    expect(() => new Client({ [given]: false })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(`\`${ours}\``) }),
    );
  });

  test.each(["tls", "unixSocket", "http2", "localAddress", "lookup"] as const)(
    "%s is refused by name where Fetch makes the connections, and may be switched off there",
    (option) => {
      const value = { tls: {}, unixSocket: "/a", http2: true, localAddress: "::1", lookup: () => {} }[option];
      expect(() => web.connectionWith(option, value, undefined)).toThrow(
        expect.objectContaining({
          code: "ERR_OPTIONS",
          option,
          message: expect.stringContaining("needs Node"),
        }),
      );
      expect(web.connectionWith(option, null, undefined)).toBeUndefined();
      expect(() => web.limitsOf(5)).toThrow(OptionsError);
    },
  );

  test("a plain call carries none, and what is printed of one is its names", async () => {
    const seen: unknown[] = [];
    const transport = {
      send: (exchange: { readonly connection: unknown }) => {
        seen.push(exchange.connection);
        return Promise.reject(new NetworkError("closed", "enough"));
      },
      close: async () => {},
    };
    await using client = new Client({ transport, ...once });
    await caught(client.get("http://localhost/"), NetworkError);
    await caught(client.get("http://localhost/", { http2: false, unixSocket: null }), NetworkError);
    await caught(client.get("http://localhost/", { http2: true, unixSocket: "/run/x" }), NetworkError);
    expect(seen.map((options) => inspect(options))).toEqual([
      "undefined",
      "undefined",
      "ConnectionOptions { unixSocket, http2 }",
    ]);
  });
});
