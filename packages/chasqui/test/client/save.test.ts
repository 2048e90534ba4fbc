import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmdirSync } from "node:fs";
import disk, {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  AbortError,
  BodyTooLargeError,
  CallerError,
  Client,
  DecodeError,
  get,
  HttpError,
  memory,
  NetworkError,
  OptionsError,
  post,
} from "chasqui";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { serve } from "../peers/http-server.ts";
import { hasNginx, startNginx, WITHOUT_NGINX } from "../peers/nginx.ts";
import { run } from "../peers/program.ts";
import { numbered, serveFile } from "../peers/versioned-file.ts";

/** A disk of one megabyte, where the system lets one be mounted. */
const tmpfs: string | undefined = (() => {
  const at = mkdtempSync(join(tmpdir(), "chasqui-full-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", at]).status === 0;
  if (!mounted) rmdirSync(at);
  return mounted ? at : undefined;
})();
afterAll(() => {
  if (tmpfs === undefined) return;
  spawnSync("umount", [tmpfs]);
  rmdirSync(tmpfs);
});

let root: string;
let folder: string;
let path: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "chasqui-save-"));
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
  path = join(folder, "file.bin");
});
afterAll(() => rm(root, { recursive: true, force: true }));

const quick = { attempts: 3, backoff: { base: 0 } } as const;
const half = `${"x".repeat(40)}`;

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("a file is saved", () => {
  test("#128 not where less came than was announced, over a transport that does not look either", async () => {
    const path = join(folder, "short.bin");
    const headers = { "content-length": "80" };
    await using client = new Client({
      retry: false,
      transport: memory(() => new Response(half, { headers })),
    });
    const error = await caught(client.get("http://api.test/").save(path), NetworkError);
    expect(error.message).toContain("The body ended after 40 of 80 bytes");
    expect(await readdir(folder)).toEqual([]);
  });

  test("whole, with its length and its response, and nothing beside it", async () => {
    const body = numbered(5_000_000);
    await using server = await serveFile(body);
    const saved = await get(server.origin).save(path);
    expect(saved).toMatchObject({ path, bytes: body.length, resumed: 0 });
    expect(saved.response.status).toBe(200);
    expect(sha256(await readFile(path))).toBe(sha256(body));
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test("decoded, where it comes coded", async () => {
    await using server = await serve((response) => {
      response
        .writeHead(200, { "content-encoding": "gzip", etag: '"a"' })
        .end(gzipSync("plain ".repeat(50_000)));
    });
    const { bytes } = await get(server.origin).save(path);
    expect(bytes).toBe(300_000);
    expect(await readFile(path, "utf8")).toBe("plain ".repeat(50_000));
  });

  test.each([0, 1, 65_536, 1_048_576, 1_048_577])("of %d bytes", async (size) => {
    await using server = await serveFile(numbered(size));
    const { bytes } = await get(server.origin).save(path);
    expect(bytes).toBe(size);
    expect(sha256(await readFile(path))).toBe(sha256(numbered(size)));
  });

  test("of a response, streamed or read, as well as of a call", async () => {
    await using server = await serveFile(numbered(3000));
    const streamed = await get(server.origin, { stream: true });
    await streamed.save(path);
    const read = await get(server.origin);
    await read.save(`${path}2`);
    await read.save(`${path}3`);
    for (const name of ["", "2", "3"])
      expect(await readFile(path + name)).toEqual(Buffer.from(numbered(3000)));
  });

  test("of any method and by a URL of a file", async () => {
    await using server = await serve((response, { body }) => response.end(body) && undefined);
    await post(server.origin, { body: "sent back" }).save(new URL(`file://${path}`));
    expect(await readFile(path, "utf8")).toBe("sent back");
  });

  test("in place of one that is there, with its permissions; or with those of `mode`", async () => {
    await using server = await serveFile(numbered(10));
    await writeFile(path, "old");
    await chmod(path, 0o600);
    await get(server.origin).save(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await get(server.origin).save(path, { mode: 0o640 });
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  test("under a name that is private from its first byte on, where the file is to be", async () => {
    const modes: number[] = [];
    await using server = await serve(async (response) => {
      response.writeHead(200, { "content-length": 80 }).write(half);
      let temporary: string | undefined;
      while (temporary === undefined) {
        await new Promise(setImmediate);
        temporary = (await readdir(folder)).find((name) => name.startsWith(".chasqui-"));
      }
      modes.push((await stat(join(folder, temporary))).mode & 0o777);
      response.end(half);
    });
    await get(server.origin).save(path, { mode: 0o600 });
    await get(server.origin).save(path);
    expect(modes).toEqual([0o600, 0o600]);
  });

  test("S7 under an unpredictable name until it is whole, and a link that stands there is replaced, not followed", async () => {
    const target = join(folder, "somebody-elses");
    await writeFile(target, "untouched");
    await symlink(target, path);
    const names: string[][] = [];
    await using server = await serve(async (response) => {
      response.writeHead(200, { "content-length": 80 }).write(half);
      while ((await readdir(folder)).length < 3) await new Promise(setImmediate);
      names.push(await readdir(folder));
      response.end(half);
    });
    for (let turn = 0; turn < 2; turn++) {
      await get(server.origin).save(path);
      if (turn === 0) {
        expect(await readFile(target, "utf8")).toBe("untouched");
        expect(await readFile(path, "utf8")).toBe(half + half);
      }
    }
    const temporary = names.map((seen) => seen.find((name) => name.startsWith(".chasqui-")));
    expect(temporary[0]).toMatch(/^\.chasqui-[0-9a-f]{32}\.part$/);
    expect(temporary[1]).not.toBe(temporary[0]);
  });
});

describe("nothing half-written has the file's name", () => {
  test("a body that breaks leaves the old file, and no other", async () => {
    await using server = await serveFile(numbered(1000), { headers: {}, cuts: [400, 400, 400, 400] });
    await writeFile(path, "old");
    await caught(get(server.origin, { retry: quick }).save(path), NetworkError);
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test("a bad status raises, whatever `raise` says, and what is no file is not saved: 304, 404, 500", async () => {
    await using server = await serve((response, { target }) => {
      response.writeHead(Number(target.slice(1))).end();
    });
    await writeFile(path, "old");
    for (const status of [304, 404, 500]) {
      for (const raise of ["readers", false] as const) {
        const error = await caught(
          get(`${server.origin}/${status}`, { retry: false, raise }).save(path),
          HttpError,
        );
        expect(error.status).toBe(status);
      }
    }
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test("a signal ends it, and removes what was half there", async () => {
    const leave = new AbortController();
    await using server = await serve(async (response) => {
      response.writeHead(200, { "content-length": 80, etag: '"a"' }).write(half);
      while ((await readdir(folder)).length < 1) await new Promise(setImmediate);
      leave.abort();
    });
    await expect(get(server.origin, { signal: leave.signal }).save(path)).rejects.toMatchObject({
      code: "ERR_ABORTED",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test("a digest that is another than was told, by the caller or by the server, is a DecodeError", async () => {
    const body = numbered(2_000_000);
    const right = createHash("sha256").update(body).digest();
    await using server = await serveFile(body);
    await get(server.origin).save(path, { digest: `sha256:${right.toString("hex")}` });
    await get(server.origin).save(path, {
      digest: `SHA512:${createHash("sha512").update(body).digest("hex")}`,
    });
    server.state.headers = { "repr-digest": `sha-256=:${right.toString("base64")}:, md5=:AAAA:` };
    await get(server.origin).save(path);
    await rm(path);
    const wrong = createHash("sha256").update("other").digest("base64");
    for (const name of ["repr-digest", "content-digest"]) {
      server.state.headers = { [name]: `sha-256=:${wrong}:` };
      const error = await caught(get(server.origin).save(path), DecodeError);
      expect(error.message).toContain(name);
    }
    await caught(
      get(server.origin).save(path, { digest: `sha256:${"0".repeat(64)}`, resume: true }),
      DecodeError,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("what cannot be saved is told before anything is sent", () => {
  // Of its own, and no device of the machine's, which would be lost where the rule does not hold.
  const namedPipe = (): string => {
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    return path;
  };

  test.each([
    [
      "a folder that is not there",
      () => join(folder, "none", "file"),
      {},
      /folder .*none.*not there|does not exist/,
    ],
    ["a path that is a folder", () => folder, {}, /is a folder/],
    ["a pipe, which would be lost", namedPipe, {}, /no ordinary file/],
    ["no path", () => "", {}, /path of a file/],
    ["a zero in the path", () => "a\0b", {}, /path of a file/],
    ["a URL that is no file's", () => new URL("http://localhost/"), {}, /path of a file/],
    ["an unknown option", () => path, { resum: true }, /`resum` is no option/],
    ["a digest that is none", () => path, { digest: "md5:abc" }, /`digest`/],
    ["a mode that is none", () => path, { mode: 0o1777 }, /`mode`/],
    ["`resume` with a folder", () => `${folder}/`, { resume: true }, /needs the name/],
  ] as readonly (readonly [string, () => string | URL, object, RegExp])[])(
    "%s",
    async (_, where, options, message) => {
      await using server = await serveFile(numbered(10));
      const error = await caught(get(server.origin).save(where(), options), OptionsError);
      expect(error.message).toMatch(message);
      expect(server.seen).toEqual([]);
    },
  );

  test("a file that is there, with `overwrite: false`; also one that comes meanwhile", async () => {
    await using server = await serve(async (response) => {
      await writeFile(path, "faster");
      response.end("late");
    });
    const late = await caught(get(server.origin).save(path, { overwrite: false }), OptionsError);
    expect(late.option).toBe("overwrite");
    expect(await readFile(path, "utf8")).toBe("faster");
    await caught(get(server.origin).save(path, { overwrite: false }), OptionsError);
    expect(server.seen.length).toBe(1);
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test("HEAD has no body, `resume` goes with the whole of a GET of a call", async () => {
    await using server = await serveFile(numbered(10));
    await using client = new Client({ baseUrl: server.origin });
    await caught(client.head("/").save(path), OptionsError);
    await caught(client.post("/").save(path, { resume: true }), OptionsError);
    await caught(
      client.get("/", { headers: { range: "bytes=2-" } }).save(path, { resume: true }),
      OptionsError,
    );
    expect(server.seen).toEqual([]);
    const response = await client.get("/", { stream: true });
    await caught(response.save(path, { resume: true }), OptionsError);
    await response.close();
  });
});

describe("into a folder", () => {
  test.each([
    ['attachment; filename="report.pdf"', "report.pdf"],
    ["attachment; filename=plain.txt", "plain.txt"],
    [`attachment; filename="fallback"; filename*=UTF-8''%e2%82%ac%20rates.txt`, "€ rates.txt"],
    ['attachment; filename="../../etc/passwd"', "passwd"],
    ['attachment; filename="C:\\\\Windows\\\\system.ini"', "system.ini"],
    ['attachment; filename=".bashrc"', "bashrc"],
    [`attachment; filename*=UTF-8''..%2F..%2F.ssh%2Fauthorized_keys`, "authorized_keys"],
    ['attachment; filename="CON.txt"', "_CON.txt"],
    [`attachment; filename*=UTF-8''invoice%E2%80%AEgpj.exe`, "invoicegpj.exe"],
    [`attachment; filename="${"n".repeat(300)}.csv"`, `${"n".repeat(196)}.csv`],
    ['attachment; filename=".."', "from-url"],
    ["inline", "from-url"],
  ])("the name that %s proposes is made safe: %s", async (disposition, name) => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-disposition": disposition }).end("data");
    });
    const saved = await get(`${server.origin}/a/from-url?x=1`).save(`${folder}/`);
    expect(saved.path).toBe(join(folder, name));
    expect(await readdir(folder)).toEqual([name]);
  });

  test("a name of the server's replaces no file, unless it is said that it may", async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-disposition": "attachment; filename=precious" }).end("new");
    });
    await writeFile(join(folder, "precious"), "old");
    await caught(get(server.origin).save(`${folder}/`), OptionsError);
    expect(await readFile(join(folder, "precious"), "utf8")).toBe("old");
    await get(server.origin).save(`${folder}/`, { overwrite: true });
    expect(await readFile(join(folder, "precious"), "utf8")).toBe("new");
  });
});

describe("P25 a body that breaks half way is gone on with, and nothing is added that does not belong to it", () => {
  const body = numbered(3_000_000);

  test("within a call, as often as `retry` allows, by If-Range with the strong tag", async () => {
    await using server = await serveFile(body, { cuts: [1_000_000, 700_000] });
    const { bytes, resumed } = await get(server.origin, { retry: quick }).save(path);
    expect({ bytes, resumed }).toEqual({ bytes: body.length, resumed: 0 });
    expect(sha256(await readFile(path))).toBe(sha256(body));
    expect(server.seen.map(({ headers }) => [headers.range, headers["if-range"]])).toEqual([
      [undefined, undefined],
      ["bytes=1000000-", '"one"'],
      ["bytes=1700000-", '"one"'],
    ]);
    expect(server.seen[1]?.headers["accept-encoding"]).toBe("identity");
  });

  test("bounded: with the attempts used up it is the error of the body", async () => {
    await using server = await serveFile(body, { cuts: [1000, 1000, 1000, 1000, 1000] });
    const error = await caught(get(server.origin, { retry: quick }).save(path), NetworkError);
    expect(error.kind).toBe("closed");
    expect(error.attempts).toBe(3);
    expect(server.seen.length).toBe(3);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ["a weak tag", { etag: 'W/"one"' }],
    ["no validator", {}],
    ["a date that may be that of two versions", { "last-modified": new Date().toUTCString() }],
    ["a weak tag beside an old date", { etag: 'W/"one"', "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT" }],
  ])("never with %s", async (_, headers) => {
    await using server = await serveFile(body, { headers, cuts: [1000] });
    await caught(get(server.origin, { retry: quick }).save(path, { resume: true }), NetworkError);
    expect(server.seen.length).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test("with a date that is long past, where there is no tag", async () => {
    const headers = { "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT" };
    await using server = await serveFile(body, { headers, cuts: [1000] });
    await get(server.origin, { retry: quick }).save(path);
    expect(server.last().headers["if-range"]).toBe(headers["last-modified"]);
    expect(sha256(await readFile(path))).toBe(sha256(body));
  });

  // With the requests that it takes: a 206 or a 416 that is not the rest is followed by one for the whole.
  test.each([
    ["the file is another by now (200)", { headers: { etag: '"two"' }, body: numbered(2_500_000, 7) }, 2],
    ["the server knows no ranges after all (200)", { ranges: "no" }, 2],
    ["the file is shorter by now (416)", { body: numbered(500, 7) }, 3],
    ["another first byte comes than was asked", { bend: { "content-range": "bytes 0-2999999/3000000" } }, 3],
    ["the total is another", { bend: { "content-range": "bytes 1500000-2999999/3000001" } }, 3],
    ["the end is not the end", { bend: { "content-range": "bytes 1500000-2999998/3000000" } }, 3],
    ["a part has another tag", { bend: { etag: '"two"' } }, 3],
    ["a part comes coded", { bend: { "content-encoding": "gzip" } }, 3],
  ] as const)("it begins anew where %s", async (_, change, requests) => {
    await using server = await serveFile(body, { cuts: [1_500_000] });
    await using client = new Client({
      retry: quick,
      hooks: {
        onRetry: () => {
          Object.assign(server.state, change);
        },
      },
    });
    const { bytes } = await client.get(server.origin).save(path);
    const whole = server.state.body;
    expect(server.seen.length).toBe(requests);
    expect(server.seen[2]?.headers.range).toBeUndefined();
    expect(bytes).toBe(whole.length);
    expect(sha256(await readFile(path))).toBe(sha256(whole));
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test("it begins anew where the rest would come from another place, whose tag says nothing of this one", async () => {
    await using mirrors = await serve((response, { target, headers }) => {
      const from = Number(/\d+/.exec(headers.range ?? "")?.[0] ?? 0);
      if (target === "/file") {
        response.writeHead(302, { location: mirrors.seen.length === 1 ? "/a" : "/b" }).end();
        return;
      }
      const sent = numbered(3000, target === "/a" ? 0 : 7).subarray(from);
      const range = from === 0 ? {} : { "content-range": `bytes ${from}-2999/3000` };
      response.writeHead(from === 0 ? 200 : 206, { etag: '"1"', "content-length": sent.length, ...range });
      if (target === "/b") response.end(sent);
      else response.write(sent.subarray(0, 1000), () => response.socket?.end());
    });
    await get(`${mirrors.origin}/file`, { retry: quick }).save(path);
    expect(mirrors.seen.map(({ target, headers }) => [target, headers.range])).toEqual([
      ["/file", undefined],
      ["/a", undefined],
      ["/file", "bytes=1000-"],
      ["/b", "bytes=1000-"],
      ["/file", undefined],
      ["/b", undefined],
    ]);
    expect(sha256(await readFile(path))).toBe(sha256(numbered(3000, 7)));
  });

  test("never where it came coded: the tag is that of the coded bytes, and no range is of those that are saved", async () => {
    const headers = { etag: '"one"', "content-encoding": "gzip" };
    await using server = await serveFile(gzipSync(body), { headers, cuts: [1000] });
    await caught(get(server.origin, { retry: quick }).save(path), NetworkError);
    expect(server.seen.length).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test("S57 `maxBytes` holds over the parts of a file, each of which would have its room", async () => {
    await using server = await serve((response, { headers }) => {
      const etag = '"one"';
      if (headers.range === undefined) {
        // In pieces, so that no length is announced.
        response.writeHead(200, { etag });
        response.write(body.subarray(0, 1_500_000), () => response.socket?.end());
      } else {
        const range = "bytes 1500000-2999999/3000000";
        response.writeHead(206, { etag, "content-range": range }).end(body.subarray(1_500_000));
      }
    });
    await caught(get(server.origin, { retry: quick, maxBytes: 2_000_000 }).save(path), BodyTooLargeError);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([undefined, "bytes=1500000-"]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("the digest is that of the whole, whatever its parts came by", async () => {
    await using server = await serveFile(body, { cuts: [1_500_000] });
    await get(server.origin, { retry: quick }).save(path, { digest: `sha256:${sha256(body)}` });
    expect(sha256(await readFile(path))).toBe(sha256(body));
  });
});

describe("P25 `resume: true` keeps what has come, for the next call", () => {
  const body = numbered(3_000_000);
  const once = { retry: false } as const;

  async function broken(server: Awaited<ReturnType<typeof serveFile>>, at = 1_200_000): Promise<void> {
    server.state.cuts = [at];
    await caught(get(`${server.origin}/f?key=hidden`, once).save(path, { resume: true }), NetworkError);
  }
  const again = (server: { readonly origin: string }) =>
    get(`${server.origin}/f?key=hidden`, once).save(path, { resume: true });

  test("and the error says so, with the file and with what to write; or that nothing is kept, and why", async () => {
    await using server = await serveFile(body);
    const cut = (act: () => unknown): Promise<NetworkError> => {
      server.state.cuts = [1_200_000];
      return caught(Promise.resolve(act()), NetworkError);
    };
    const url = `${server.origin}/f`;
    const { hint } = await cut(() => get(url, once).save(path, { resume: true }));
    expect(hint).toBe(
      `What has come is kept in ${JSON.stringify(`${path}.chasqui-part`)}: the same save() with \`resume: true\` goes on from there.`,
    );
    expect((await get(url, once).save(path, { resume: true })).resumed).toBe(1_200_000);
    expect((await cut(() => get(url, once).save(path))).hint).toBeUndefined();
    await using plain = await serve((response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("half", () => response.destroy());
    });
    const none = await caught(get(plain.origin, once).save(path, { resume: true }), NetworkError);
    expect(none.hint).toMatch(/^Nothing is kept to go on from: .*strong ETag/);
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test("which goes on there, with what it verifies, and leaves nothing beside the file", async () => {
    await using server = await serveFile(body);
    await broken(server);
    expect((await readdir(folder)).sort()).toEqual(["file.bin.chasqui-part", "file.bin.chasqui-part.json"]);
    const { bytes, resumed, response } = await get(`${server.origin}/f?key=hidden`, once).save(path, {
      resume: true,
      digest: `sha256:${sha256(body)}`,
    });
    expect({ bytes, resumed, status: response.status }).toEqual({
      bytes: 3_000_000,
      resumed: 1_200_000,
      status: 206,
    });
    expect(server.last().headers).toMatchObject({
      range: "bytes=1200000-",
      "if-range": '"one"',
      "accept-encoding": "identity",
    });
    expect(sha256(await readFile(path))).toBe(sha256(body));
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test("a note that holds no secret of the URL, and is for the owner alone", async () => {
    await using server = await serveFile(body);
    await broken(server);
    const note = `${path}.chasqui-part.json`;
    expect(await readFile(note, "utf8")).not.toContain("hidden");
    expect((await stat(note)).mode & 0o777).toBe(0o600);
  });

  test("and again, when that one breaks too", async () => {
    await using server = await serveFile(body);
    await broken(server, 1_000_000);
    await broken(server, 500_000);
    const { resumed } = await again(server);
    expect(resumed).toBe(1_500_000);
    expect(sha256(await readFile(path))).toBe(sha256(body));
  });

  test("one that has all bytes and not its name asks for the last one", async () => {
    await using server = await serveFile(body);
    await broken(server);
    await writeFile(`${path}.chasqui-part`, body);
    const { bytes } = await again(server);
    expect(server.last().headers.range).toBe("bytes=2999999-");
    expect(bytes).toBe(body.length);
    expect(sha256(await readFile(path))).toBe(sha256(body));
  });

  test.each([
    [
      "another version is there",
      (state: { headers: object; body: Uint8Array }) =>
        Object.assign(state, { headers: { etag: '"two"' }, body: numbered(2_000_000, 3) }),
    ],
    ["it has become shorter", (state: object) => Object.assign(state, { body: numbered(700, 3) })],
    [
      "the total is another",
      (state: object) => Object.assign(state, { bend: { "content-range": "bytes 1200000-3999999/4000000" } }),
    ],
  ])("it begins anew where %s", async (_, change) => {
    await using server = await serveFile(body);
    await broken(server);
    change(server.state);
    const { resumed } = await again(server);
    expect(resumed).toBe(0);
    expect(sha256(await readFile(path))).toBe(sha256(server.state.body));
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test.each([
    ["another URL was asked", () => Promise.resolve(), "/other"],
    ["the note cannot be read", () => writeFile(`${path}.chasqui-part.json`, "{"), "/f?key=hidden"],
    ["the note is gone", () => rm(`${path}.chasqui-part.json`), "/f?key=hidden"],
    [
      "more is there than the whole has",
      () => writeFile(`${path}.chasqui-part`, numbered(3_000_001)),
      "/f?key=hidden",
    ],
    [
      "S7 a link has been laid in its place",
      async () => {
        await rm(`${path}.chasqui-part`);
        await writeFile(join(folder, "..", "victim"), "untouched");
        await symlink(join(folder, "..", "victim"), `${path}.chasqui-part`);
      },
      "/f?key=hidden",
    ],
    [
      "S7 another name of a file has been laid in its place",
      async () => {
        await rm(`${path}.chasqui-part`);
        await writeFile(join(folder, "..", "victim"), "untouched");
        await link(join(folder, "..", "victim"), `${path}.chasqui-part`);
      },
      "/f?key=hidden",
    ],
  ])("it begins anew where %s", async (_, spoil, target) => {
    await using server = await serveFile(body);
    await broken(server);
    await spoil();
    const { resumed } = await get(server.origin + target, once).save(path, { resume: true });
    expect(resumed).toBe(0);
    expect(server.last().headers.range).toBeUndefined();
    expect(sha256(await readFile(path))).toBe(sha256(body));
    const victim = await readFile(join(folder, "..", "victim"), "utf8").catch(() => "untouched");
    expect(victim).toBe("untouched");
  });

  test("S7 a file that is laid in its place just before it is made is not written to", async () => {
    const victim = join(folder, "victim");
    await writeFile(victim, "untouched");
    const remove = disk.rm;
    // Whoever is fast enough: right after the part of an earlier call was removed.
    disk.rm = async (name, options) => {
      await remove(name, options);
      if (name === `${path}.chasqui-part`) await link(victim, name);
    };
    syncBuiltinESMExports();
    try {
      await using server = await serveFile(body);
      await caught(get(server.origin, once).save(path, { resume: true }), CallerError);
    } finally {
      disk.rm = remove;
      syncBuiltinESMExports();
    }
    expect(await readFile(victim, "utf8")).toBe("untouched");
  });

  test("but no bytes that are wrong, as their digest says", async () => {
    await using server = await serveFile(body);
    const digest = `sha256:${"0".repeat(64)}`;
    await caught(get(server.origin, once).save(path, { resume: true, digest }), DecodeError);
    expect(await readdir(folder)).toEqual([]);
  });

  test("calls beside one another do not take the file from each other", async () => {
    await using server = await serveFile(body);
    await broken(server);
    const together = await Promise.all(
      Array.from({ length: 4 }, () => get(server.origin).save(path, { resume: true })),
    );
    expect(together.map(({ bytes }) => bytes)).toEqual([3_000_000, 3_000_000, 3_000_000, 3_000_000]);
    expect(sha256(await readFile(path))).toBe(sha256(body));
    expect(await readdir(folder)).toEqual(["file.bin"]);
    // Nothing of theirs stands in the way of the next one.
    await broken(server);
    expect((await again(server)).resumed).toBe(1_200_000);
  });

  test("a bad status in between keeps it", async () => {
    await using server = await serveFile(body);
    await broken(server);
    await using down = await serve((response) => response.writeHead(503).end() && undefined);
    await caught(get(`${down.origin}/f`, once).save(path, { resume: true }), HttpError);
    expect((await readdir(folder)).length).toBe(2);
    expect((await again(server)).resumed).toBe(1_200_000);
  });

  test("a process that is killed in the middle leaves the old file whole, and the next one goes on", async () => {
    await writeFile(path, "old");
    await using server = await serve((response, { headers }) => {
      const from = Number(/\d+/.exec(headers.range ?? "")?.[0] ?? 0);
      const rest = body.subarray(from);
      const range = from === 0 ? {} : { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` };
      response.writeHead(from === 0 ? 200 : 206, { "content-length": rest.length, etag: '"k"', ...range });
      if (from > 0) response.end(rest);
      else response.write(rest.subarray(0, 2_500_000));
    });
    const ended = await run(
      `
      import { statSync } from "node:fs";
      import { get } from "../src/index.ts";
      const [path, origin] = JSON.parse(process.env.CASE ?? "");
      setInterval(() => {
        const size = statSync(path + ".chasqui-part", { throwIfNoEntry: false })?.size ?? 0;
        if (size >= 2 ** 20) process.kill(process.pid, "SIGKILL");
      }, 5);
      await get(origin).save(path, { resume: true });
    `,
      { CASE: JSON.stringify([path, server.origin]) },
    );
    expect(ended.code).toBe(null);
    expect(await readFile(path, "utf8")).toBe("old");
    const saved = await get(server.origin).save(path, { resume: true, digest: `sha256:${sha256(body)}` });
    expect(saved.resumed).toBeGreaterThanOrEqual(2 ** 20);
    expect(sha256(await readFile(path))).toBe(sha256(body));
  });
});

describe.skipIf(!hasNginx)(`P25 nginx${WITHOUT_NGINX}`, () => {
  test("a file of nginx's is gone on with, by the tag that it gives", async () => {
    const body = numbered(20_000_000);
    await using nginx = await startNginx({
      server: "location / { sendfile on; }",
      files: { "html/large.bin": body },
    });
    const leave = new AbortController();
    const half = get(`${nginx.origin}/large.bin`, {
      signal: leave.signal,
      onProgress: ({ bytes }) => {
        if (bytes > 8_000_000) leave.abort();
      },
    });
    await caught(half.save(path, { resume: true }), AbortError);
    const saved = await get(`${nginx.origin}/large.bin`).save(path, {
      resume: true,
      digest: `sha256:${sha256(body)}`,
    });
    expect(saved.response.status).toBe(206);
    expect(saved.resumed).toBeGreaterThan(1_000_000);
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test("one that has been changed comes anew, and a compressed one is saved as what it holds", async () => {
    await using nginx = await startNginx({
      server: "gzip on; gzip_types application/octet-stream; gzip_min_length 1;",
      files: { "html/f.bin": "old ".repeat(1000) },
    });
    await get(`${nginx.origin}/f.bin`).save(path);
    expect(await readFile(path, "utf8")).toBe("old ".repeat(1000));
    await writeFile(`${path}.chasqui-part`, "old ");
    const saved = await get(`${nginx.origin}/f.bin`).save(path, { resume: true });
    expect(saved.resumed).toBe(0);
    expect(saved.response.headers.get("content-encoding")).toBeNull();
  });
});

describe("a disk that does not take it", () => {
  test("a file over the size that the system allows is a CallerError that says so, and the old file is whole", async () => {
    await writeFile(path, "old");
    await using server = await serveFile(numbered(4_000_000));
    const ended = await run(
      `
      import { spawnSync } from "node:child_process";
      const limited = "import { get } from './src/index.ts'; process.on('SIGXFSZ', () => {});" +
        "await get(process.argv[1]).save(process.argv[2]).catch((error) => console.log(JSON.stringify(error)));";
      const [path, origin] = JSON.parse(process.env.CASE ?? "");
      const { stdout, stderr } = spawnSync("/bin/sh", ["-c", 'ulimit -f 2000; exec "$0" --conditions=chasqui-source ' +
        '--input-type=module-typescript --eval "$1" "$2" "$3"', process.execPath, limited, origin, path],
        { cwd: new URL("..", "file://" + process.cwd() + "/").pathname, encoding: "utf8" });
      console.log(stdout + stderr);
    `,
      { CASE: JSON.stringify([path, server.origin]) },
    );
    expect(ended.stdout).toContain('"code":"ERR_CALLER"');
    expect(ended.stdout).toContain("larger than a file may be here");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file.bin"]);
  });

  test.skipIf(process.getuid?.() === 0)(
    "a folder without permission (skipped for root) is an OptionsError",
    async () => {
      await using server = await serveFile(numbered(10));
      const closed = join(folder, "closed");
      await mkdir(closed);
      await chmod(closed, 0o500);
      await caught(get(server.origin).save(join(closed, "file")), OptionsError);
      expect(server.seen).toEqual([]);
    },
  );

  test.skipIf(tmpfs === undefined)(
    "a full disk is a CallerError that says so (skipped where no tmpfs may be mounted)",
    async () => {
      await using server = await serveFile(numbered(4_000_000));
      const small = join(tmpfs ?? "", "file.bin");
      await writeFile(small, "old");
      const error = await caught(get(server.origin).save(small), CallerError);
      expect(error.message).toContain("no space is left on the disk");
      expect(error.hint).toContain("is as it was");
      expect(await readFile(small, "utf8")).toBe("old");
      expect(await readdir(tmpfs ?? "")).toEqual(["file.bin"]);
    },
  );
});
