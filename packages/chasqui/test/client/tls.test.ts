import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import tls, { type TlsOptions as ServerTls, type TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  Client,
  type ClientOptions,
  get,
  NetworkError,
  OptionsError,
  type RequestOptions,
  request,
  secret,
  TimeoutError,
  type TlsOptions,
} from "../../src/index.ts";
import { serveBothSchemes } from "../peers/both-schemes.ts";
import { caught } from "../peers/caught.ts";
import { type Certificates, certificates, type Pair, pinOf } from "../peers/certificates.ts";
import { startChild } from "../peers/child-server.ts";
import { until } from "../peers/gate.ts";
import { type HttpServer, json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";

const hasOpenssl = spawnSync("openssl", ["version"], { stdio: "ignore" }).status === 0;
const once = { retry: false } as const;
let all: Certificates;

beforeAll(async () => {
  all = await certificates();
});

/** A server behind TLS that says who asked. */
function secured(leaf: Pair, more: ServerTls = {}): Promise<HttpServer> {
  return serve(
    (response, _seen, { socket }) => {
      const { subject } = (socket as TLSSocket).getPeerCertificate();
      json({ client: subject?.CN ?? null, servername: (socket as TLSSocket).servername })(
        response,
        _seen,
        undefined as never,
      );
    },
    { tls: { ...leaf, ...more } },
  );
}

/** A server that asks every client for its certificate. */
function mutual(more: ServerTls = {}): Promise<HttpServer> {
  return secured(all.localhost, { ca: all.ca.cert, requestCert: true, rejectUnauthorized: true, ...more });
}

describe("trust", () => {
  test("#112 an authority of one's own is trusted where it is given, and nowhere else", async () => {
    await using server = await secured(all.localhost);
    const tls = { ca: all.ca.cert };
    expect((await get(server.origin, { tls })).status).toBe(200);
    const error = await caught(get(server.origin, once), NetworkError);
    expect(error).toMatchObject({ kind: "tls", port: Number(new URL(server.origin).port) });
  });

  test("#112 an explicit `tls.ca` beats what the environment adds", async () => {
    await using server = await secured(all.localhost);
    const { ca, otherCa } = all;
    const program = (cert: string): string => `
      import { get } from "../src/index.ts";
      import { writeFileSync } from "node:fs";
      const tls = { ca: ${JSON.stringify(cert)} };
      const say = async (call) => { try { return (await call).status } catch (error) { return error.kind } };
      console.log(JSON.stringify([
        await say(get(${JSON.stringify(server.origin)}, { retry: false })),
        await say(get(${JSON.stringify(server.origin)}, { retry: false, tls })),
      ]));`;
    const folder = await mkdtemp("/tmp/chasqui-ca-");
    try {
      await writeFile(`${folder}/ca.pem`, ca.cert);
      const { stdout } = await run(program(otherCa.cert), { NODE_EXTRA_CA_CERTS: `${folder}/ca.pem` });
      expect(JSON.parse(stdout)).toEqual([200, "tls"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each<[string, keyof Certificates, RegExp, RegExp]>([
    ["expired", "expired", /certificate has expired/, /has expired/],
    ["not valid yet", "notYet", /not yet valid/, /not valid yet/],
    ["signed by itself", "selfSigned", /self-signed/, /signed by itself/],
    [
      "of another host",
      "wrongHost",
      /./,
      /^127\.0\.0\.1 was asked for, and the certificate is for DNS:elsewhere\.example/,
    ],
  ])("P10 a certificate that is %s is told so", async (_what, name, message, hint) => {
    await using server = await secured(all[name]);
    const error = await caught(get(server.origin, { ...once, tls: { ca: all.ca.cert } }), NetworkError);
    expect(error.kind).toBe("tls");
    expect(error.message).toMatch(/^No secure connection to 127\.0\.0\.1:\d+: /);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(server.seen).toEqual([]);
  });

  test("P10 an authority that nobody knows is told so", async () => {
    await using server = await secured(all.localhost);
    const error = await caught(get(server.origin, { ...once, tls: { ca: all.otherCa.cert } }), NetworkError);
    expect(error.hint).toMatch(/authority that is not known here.*tls\.ca/);
  });

  test("a server's name is checked as it is asked for: `tls.servername`, the Host header, the URL", async () => {
    await using server = await secured(all.wrongHost);
    const tls = { ca: all.ca.cert };
    const servername = "elsewhere.example";
    const named = await get(server.origin, { tls: { ...tls, servername } }).json();
    const byHost = await get(server.origin, { tls, headers: { host: servername } }).json();
    expect([named, byHost]).toEqual(Array(2).fill({ client: null, servername }));
    const error = await caught(get(server.origin, { ...once, tls }), NetworkError);
    expect(error.kind).toBe("tls");
  });

  test("a connection that was made for one Host carries no request for another", async () => {
    await using server = await secured(all.wrongHost);
    await using client = new Client({ tls: { ca: all.ca.cert }, ...once });
    await client.get(server.origin, { headers: { host: "elsewhere.example" } });
    const error = await caught(client.get(server.origin), NetworkError);
    expect(error.kind).toBe("tls");
    expect(server.seen).toHaveLength(1);
  });
});

describe("verification switched off", () => {
  test("S5 stays off for nobody else: a later call with it on fails", async () => {
    await using server = await secured(all.selfSigned);
    await using client = new Client(once);
    const off = { tls: { rejectUnauthorized: false } };
    expect((await client.get(server.origin, off)).status).toBe(200);
    const error = await caught(client.get(server.origin), NetworkError);
    expect(error.kind).toBe("tls");
    // Nor does a session that was made without verification help one that asks for it.
    await using strict = client.extend({ tls: { rejectUnauthorized: true } });
    await caught(strict.get(server.origin), NetworkError);
    expect(server.seen).toHaveLength(1);
    expect((await client.get(server.origin, off)).status).toBe(200);
  });

  test("warns once a client, and only when it happens", async () => {
    await using server = await secured(all.selfSigned);
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    try {
      await using client = new Client({ tls: { rejectUnauthorized: false } });
      expect(warn).not.toHaveBeenCalled();
      await client.get(server.origin);
      await client.get(server.origin, { headers: { connection: "close" } });
      await client.get(server.origin);
      expect(warn).toHaveBeenCalledTimes(1);
      expect(warn.mock.calls[0]?.[1]).toEqual({ type: "ChasquiWarning", code: "CHASQUI_UNVERIFIED_TLS" });
    } finally {
      warn.mockRestore();
    }
  });

  test("is not what NODE_TLS_REJECT_UNAUTHORIZED says", async () => {
    await using server = await secured(all.selfSigned);
    const { stdout } = await run(
      `import { get } from "../src/index.ts";
       try { console.log((await get(${JSON.stringify(server.origin)}, { retry: false })).status) }
       catch (error) { console.log(error.kind) }`,
      { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    );
    expect(stdout.trim()).toBe("tls");
  });
});

describe("the client's certificate", () => {
  test.each<[string, () => TlsOptions, string]>([
    ["PEM", () => ({ cert: all.client.cert, key: all.client.key }), "alice"],
    ["bytes", () => ({ cert: Buffer.from(all.client.cert), key: Buffer.from(all.client.key) }), "alice"],
    ["a list", () => ({ cert: [all.client.cert], key: [all.client.key] }), "alice"],
    [
      "an encrypted key",
      () => ({ cert: all.locked.cert, key: all.locked.key, passphrase: "open sesame" }),
      "carol",
    ],
    ["a Secret", () => ({ ...all.locked, passphrase: secret("open sesame") }), "carol"],
  ])("is shown: %s", async (_how, identity, name) => {
    await using server = await mutual();
    const tls = { ca: all.ca.cert, ...identity() };
    expect(await get(server.origin, { tls }).json()).toMatchObject({ client: name });
  });

  test("#112 S31 another one means another connection, and the same one given twice the same", async () => {
    await using server = await mutual();
    await using client = new Client({ tls: { ca: all.ca.cert } });
    const as = async (pair: Pair): Promise<unknown> =>
      (await client.get(server.origin, { tls: { ...pair } }).json<{ client: string }>()).client;
    expect([await as(all.client), await as(all.otherClient), await as(all.client)]).toEqual([
      "alice",
      "bob",
      "alice",
    ]);
    expect(server.connections()).toBe(2);
  });

  test("S31 all of the options are part of what a connection is: each makes its own, and is given it again", async () => {
    await using server = await secured(all.localhost);
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    await using client = new Client({ baseUrl: server.origin, tls: { ca: all.ca.cert } });
    const ways: RequestOptions[] = [
      {},
      { tls: { ca: [all.ca.cert, all.otherCa.cert] } },
      { tls: { cert: all.client.cert, key: all.client.key } },
      { tls: { cert: all.locked.cert, key: all.locked.key, passphrase: "open sesame" } },
      { tls: { rejectUnauthorized: false } },
      { tls: { minVersion: "TLSv1.3" } },
      { tls: { maxVersion: "TLSv1.2" } },
      { tls: { servername: "localhost" } },
      { tls: { pins: [pinOf(all.localhost)] } },
      { tls: { pins: [pinOf(all.localhost), pinOf(all.renewed)] } },
      { http2: true },
      { localAddress: "127.0.0.2" },
    ];
    for (const [at, way] of ways.entries()) {
      await client.get("/", way);
      expect(server.connections(), JSON.stringify(way)).toBe(at + 1);
    }
    for (const way of ways.toReversed()) await client.get("/", way);
    expect(server.connections()).toBe(ways.length);
    warn.mockRestore();
  });

  test("S31 nor does a connection in the clear carry a request for https of the same host and port", async () => {
    await using server = await serveBothSchemes(all.localhost, () => undefined);
    await using client = new Client({ tls: { ca: all.ca.cert } });
    for (const scheme of ["http", "https", "http", "https"] as const)
      expect(await client.get(server[scheme]).text()).toBe(scheme);
  });

  test("P10 one that the server misses is told so", async () => {
    await using server = await mutual();
    const tls = { ca: all.ca.cert, maxVersion: "TLSv1.2" } as const;
    const error = await caught(get(server.origin, { ...once, tls }), NetworkError);
    expect(error.kind).toBe("tls");
    expect(error.hint).toMatch(/certificate of the client.*tls\.cert/);
  });

  test("D19 S31 does not go along to another origin, nor come back from there", async () => {
    await using other = await serve(
      (response, seen, { socket }) => {
        const { subject } = (socket as TLSSocket).getPeerCertificate();
        if (seen.target === "/back") redirectTo(`${home.origin}/who`)(response, seen, undefined as never);
        else json({ client: subject?.CN ?? null })(response, seen, undefined as never);
      },
      { tls: { ...all.localhost, ca: all.ca.cert, requestCert: true, rejectUnauthorized: false } },
    );
    const home: HttpServer = await serve(
      (response, seen, { socket }) => {
        const { subject } = (socket as TLSSocket).getPeerCertificate();
        if (seen.target === "/who") json({ client: subject?.CN ?? null })(response, seen, undefined as never);
        else redirectTo(`${other.origin}${seen.target}`)(response, seen, undefined as never);
      },
      { tls: { ...all.localhost, ca: all.ca.cert, requestCert: true, rejectUnauthorized: false } },
    );
    await using _home = home;
    const tls = { ca: all.ca.cert, ...all.client };
    expect(await get(`${home.origin}/who`, { tls }).json()).toEqual({ client: "alice" });
    expect(await get(`${home.origin}/away`, { tls }).json()).toEqual({ client: null });
    expect(await get(`${home.origin}/back`, { tls }).json()).toEqual({ client: null });
    // What a client has by its base is for its base; a call's own is for where the call goes.
    await using client = new Client({ baseUrl: home.origin, allowOrigins: [other.origin], tls });
    expect(await client.get("/who").json()).toEqual({ client: "alice" });
    expect(await client.get(`${other.origin}/`).json()).toEqual({ client: null });
    expect(await client.get(`${other.origin}/`, { tls: { ...all.otherClient } }).json()).toEqual({
      client: "bob",
    });
    await using elsewhere = client.extend({ baseUrl: other.origin });
    expect(await elsewhere.get("/").json()).toEqual({ client: null });
  });

  test.each<[string, () => TlsOptions]>([
    ["a key that is none", () => ({ cert: all.client.cert, key: "-----BEGIN PRIVATE KEY-----\nnot a key" })],
    ["a key of another certificate", () => ({ cert: all.client.cert, key: all.otherClient.key })],
    ["a passphrase that is wrong", () => ({ ...all.locked, passphrase: "guess" })],
    ["a PKCS 12 file that is none", () => ({ pfx: Buffer.from("no") })],
  ])("%s is the caller's fault: no connection, no retry", async (_what, identity) => {
    await using server = await mutual();
    const error = await caught(get(server.origin, { tls: identity() }), OptionsError);
    expect(error).toMatchObject({ option: "tls", attempts: 0 });
    expect(inspect(error)).not.toMatch(/guess|PRIVATE KEY/);
    expect(server.connections()).toBe(0);
  });
});

describe("pins", () => {
  test("let the pinned key in, also when it comes back on a session or a new connection", async () => {
    await using server = await secured(all.localhost);
    await using client = new Client({
      tls: { ca: all.ca.cert, pins: [pinOf(all.renewed), pinOf(all.localhost)] },
    });
    for (let turn = 0; turn < 3; turn++) {
      const response = await client.get(server.origin, { headers: { connection: "close" } });
      expect(response.status).toBe(200);
    }
    expect(server.connections()).toBe(3);
  });

  test("keep another key out before a byte of the request is written, and say which one was shown", async () => {
    await using server = await secured(all.localhost);
    const tls = { ca: all.ca.cert, pins: [pinOf(all.renewed)] };
    const error = await caught(get(server.origin, { ...once, tls, body: undefined }), NetworkError);
    expect(error.kind).toBe("tls");
    expect(error.hint).toContain(pinOf(all.localhost));
    expect(server.seen).toEqual([]);
  });

  test("hold where nobody's word is taken for the certificate", async () => {
    await using server = await secured(all.selfSigned);
    await using client = new Client({
      ...once,
      tls: { rejectUnauthorized: false, pins: [pinOf(all.selfSigned)] },
    });
    expect((await client.get(server.origin)).status).toBe(200);
    const wrong = client.get(server.origin, { tls: { pins: [pinOf(all.localhost)] } });
    expect((await caught(wrong, NetworkError)).kind).toBe("tls");
  });
});

test("#137 the limit for connecting covers the handshake, and what is given up is closed", async () => {
  const open = new Set<unknown>();
  const silent = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const clock = new ManualClock();
  await using client = new Client({ ...once, clock });
  const failed = caught(client.get(`https://127.0.0.1:${port}/`), TimeoutError);
  await until(() => open.size === 1);
  clock.advance(10_000);
  expect((await failed).phase).toBe("connect");
  await until(() => open.size === 0);
  await new Promise((resolve) => silent.close(resolve));
});

const WITHOUT_OPENSSL = hasOpenssl ? "" : " (skipped: openssl is missing)";

test.skipIf(!hasOpenssl)(
  `P10 a client certificate that openssl misses over TLS 1.3 is told so${WITHOUT_OPENSSL}`,
  async () => {
    const folder = await mkdtemp("/tmp/chasqui-openssl-");
    try {
      await writeFile(`${folder}/cert.pem`, all.localhost.cert);
      await writeFile(`${folder}/key.pem`, all.localhost.key);
      await using server = await startChild(
        "openssl",
        [
          "s_server",
          "-accept",
          "127.0.0.1:0",
          "-cert",
          "cert.pem",
          "-key",
          "key.pem",
          "-Verify",
          "1",
          "-tls1_3",
          "-www",
        ],
        { cwd: folder, ready: (output) => /ACCEPT .*:\d+/.test(output) },
      );
      const port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(server.output())?.[1];
      // An upload that is broken off may have been answered, but here it was not.
      for (const [method, body] of [["GET"], ["POST", "x".repeat(1_000_000)]] as const) {
        const call = request(method, `https://127.0.0.1:${port}/`, {
          ...once,
          body,
          tls: { ca: all.ca.cert },
        });
        const error = await caught(call, NetworkError);
        // The alert comes after the handshake, and with it the end of the connection: which is seen first is not said.
        expect(error.kind).toMatch(/^(tls|closed|reset)$/);
        expect(error.hint).toMatch(/certificate of the client.*tls\.cert/);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test.skipIf(!hasOpenssl)(`the client's certificate may be a PKCS 12 file${WITHOUT_OPENSSL}`, async () => {
  const folder = await mkdtemp("/tmp/chasqui-openssl-");
  try {
    await writeFile(`${folder}/cert.pem`, all.client.cert);
    await writeFile(`${folder}/key.pem`, all.client.key);
    const args = [
      "pkcs12",
      "-export",
      "-in",
      "cert.pem",
      "-inkey",
      "key.pem",
      "-passout",
      "pass:open sesame",
    ];
    const { stdout: pfx } = spawnSync("openssl", args, { cwd: folder });
    await using server = await mutual();
    const tls = { ca: all.ca.cert, pfx, passphrase: "open sesame" };
    expect(await get(server.origin, { tls }).json()).toMatchObject({ client: "alice" });
    await caught(get(server.origin, { tls: { ...tls, passphrase: "guess" } }), OptionsError);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("versions", () => {
  test("below TLS 1.2 none is spoken unless it is asked for", async () => {
    const old: ServerTls = { maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" };
    await using server = await secured(all.localhost, old);
    // A process that lowers OpenSSL's level of security, which would refuse the old versions by itself.
    const before = tls.DEFAULT_CIPHERS;
    tls.DEFAULT_CIPHERS = "DEFAULT@SECLEVEL=0";
    try {
      await using client = new Client({ ...once, tls: { ca: all.ca.cert } });
      const error = await caught(client.get(server.origin), NetworkError);
      expect(error.kind).toBe("tls");
      expect(error.hint).toContain("tls.minVersion");
      await using asking = new Client({ ...once, tls: { ca: all.ca.cert, minVersion: "TLSv1" } });
      expect((await asking.get(server.origin)).status).toBe(200);
    } finally {
      tls.DEFAULT_CIPHERS = before;
    }
  });

  test("a lowest version is held", async () => {
    await using server = await secured(all.localhost, { maxVersion: "TLSv1.2" });
    const tls = { ca: all.ca.cert, minVersion: "TLSv1.3" } as const;
    const error = await caught(get(server.origin, { ...once, tls }), NetworkError);
    expect(error.hint).toContain("tls.minVersion");
    expect((await get(server.origin, { tls: { ca: all.ca.cert } })).status).toBe(200);
  });
});

describe("versions of which none is left", () => {
  test("are refused before anything is sent, wherever the two were said", async () => {
    await using server = await secured(all.localhost);
    const tls = (options: ClientOptions["tls"]): ClientOptions => ({ ...once, tls: options });
    expect(() => new Client(tls({ minVersion: "TLSv1.3", maxVersion: "TLSv1.2" }))).toThrow(
      expect.objectContaining({
        code: "ERR_OPTIONS",
        option: "tls.maxVersion",
        message: expect.stringContaining(
          "`tls.maxVersion` is TLSv1.2, which is lower than `tls.minVersion` (TLSv1.3)",
        ),
      }),
    );
    expect(() => new Client(tls({ maxVersion: "TLSv1.1" }))).toThrow(
      expect.objectContaining({
        option: "tls.maxVersion",
        message: expect.stringContaining("TLSv1.2, the default"),
      }),
    );
    await using low = new Client(tls({ maxVersion: "TLSv1.2" }));
    const above = await caught(low.get(server.origin, { tls: { minVersion: "TLSv1.3" } }), OptionsError);
    expect(above.option).toBe("tls.minVersion");
    await using high = new Client(tls({ minVersion: "TLSv1.3" }));
    const below = await caught(high.get(server.origin, { tls: { maxVersion: "TLSv1.2" } }), OptionsError);
    expect(below.option).toBe("tls.maxVersion");
    expect(() => new Client({ proxy: { url: "https://p", tls: { maxVersion: "TLSv1" } } })).toThrow(
      /`proxy\.tls\.maxVersion`/,
    );
    expect(server.connections()).toBe(0);
  });

  test("are told of as versions where OpenSSL's own rules leave none", async () => {
    await using server = await secured(all.localhost);
    const tls = { ca: all.ca.cert, minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
    const error = await caught(get(server.origin, { ...once, tls }), NetworkError);
    expect(error.message).toContain("no protocols available");
    expect(error.hint).toMatch(/versions? of TLS.*`tls\.minVersion` and `tls\.maxVersion`/);
    expect(error.hint).not.toContain("ertificate");
  });
});

describe("the option", () => {
  test.each<[string, ClientOptions["tls"] | object, string]>([
    ["no object", 5 as never, "tls"],
    ["an option that does not exist", { verify: false }, "tls.verify"],
    ["a pin in hex", { pins: [`sha256//${"a".repeat(64)}`] }, "tls.pins"],
    ["no pins at all", { pins: [] }, "tls.pins"],
    ["a version that does not exist", { minVersion: "TLSv1.4" as never }, "tls.minVersion"],
    ["a certificate that is a number", { cert: 1 as never }, "tls.cert"],
    ["a switch that is a string", { rejectUnauthorized: "false" as never }, "tls.rejectUnauthorized"],
  ])("%s is refused before anything is sent", (_what, tls, option) => {
    const make = (): Client => new Client({ tls: tls as never });
    expect(make).toThrow(expect.objectContaining({ code: "ERR_OPTIONS", option }));
  });

  test("P9 neither a key nor a passphrase is printed with what carries them", async () => {
    const seen: string[] = [];
    await using client = new Client({
      tls: { ...all.locked, passphrase: "open sesame" },
      transport: {
        send: (exchange) => {
          seen.push(
            inspect(exchange, { depth: 9 }),
            JSON.stringify(exchange),
            exchange.connection?.key ?? "",
          );
          throw new Error("enough");
        },
        close: async () => {},
      },
    });
    await expect(client.get("https://localhost/").then()).rejects.toThrow();
    expect(seen).toHaveLength(3);
    expect(seen.join()).not.toMatch(/sesame|PRIVATE KEY/);
  });

  test("S55 a polluted prototype says neither whom to trust nor where to go", async () => {
    await using server = await secured(all.selfSigned);
    // Node's own import() reads through the prototype: what is loaded when it is needed is loaded before.
    const { stdout } = await run(`
      import { Client } from "../src/index.ts";
      await new Client({ retry: false }).get("http://127.0.0.1:9/").catch(() => {});
      const lent = { rejectUnauthorized: false, ca: ${JSON.stringify(all.selfSigned.cert)}, servername: "lent.example",
        unixSocket: "/nowhere", socketPath: "/nowhere", path: "/nowhere", localAddress: "192.0.2.1", pins: [], http2: true,
        lookup: () => { throw new Error("lent") }, session: Buffer.from("x"), tls: { rejectUnauthorized: false } };
      for (const name of Object.keys(lent)) {
        Object.defineProperty(Object.prototype, name, { value: lent[name], configurable: true, writable: true });
      }
      const said = [];
      for (const options of [{}, { tls: { minVersion: "TLSv1.2" } }]) {
        const client = new Client({ ...options, retry: false });
        try { said.push((await client.get(${JSON.stringify(server.origin)})).status) }
        catch (error) { said.push(error.kind + " " + error.cause?.code) }
      }
      process.stdout.write(said.join());
      process.exit();`);
    expect(stdout).toBe("tls DEPTH_ZERO_SELF_SIGNED_CERT,tls DEPTH_ZERO_SELF_SIGNED_CERT");
  });
});
