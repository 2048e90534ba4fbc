import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BodyInit,
  CallerError,
  Client,
  ConsumedBodyError,
  type FormInit,
  fileFrom,
  Headers,
  type HeadersInit,
  HttpError,
  type MultipartInit,
  OptionsError,
  post,
  put,
  type RequestChanges,
  request,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type HttpServer, serve } from "../peers/http-server.ts";
import { serveRaw } from "../peers/raw-server.ts";

let server: HttpServer;
let folder: string;

beforeAll(async () => {
  server = await serve((response) => void response.end("ok"));
  folder = await mkdtemp(join(tmpdir(), "chasqui-bodies-"));
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function* pieces(...all: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* all;
}

function webStream(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream();
}

describe("json and form", () => {
  test("#30 #33 #37 JSON is UTF-8 with its type, and its length in bytes", async () => {
    await post(server.origin, { json: { name: "Añu 🏔" } });
    const { headers, body } = server.last();
    expect(headers["content-type"]).toBe("application/json");
    expect(body.toString()).toBe('{"name":"Añu 🏔"}');
    expect(headers["content-length"]).toBe(String(Buffer.byteLength('{"name":"Añu 🏔"}')));
    expect(headers["transfer-encoding"]).toBeUndefined();
  });

  test("#30 a content type of the caller's stays", async () => {
    await post(server.origin, { json: {}, headers: { "Content-Type": "application/merge-patch+json" } });
    expect(server.last().headers["content-type"]).toBe("application/merge-patch+json");
  });

  test.each([[{}], [[]], [0], [false], [""], [null]])("#31 %j is a body", async (json) => {
    await post(server.origin, { json });
    expect(server.last().body.toString()).toBe(JSON.stringify(json));
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [{ deep: [Number.NaN] }]])(
    "#32 %j is refused before anything is sent",
    async (json) => {
      const before = server.seen.length;
      await caught(post(server.origin, { json }), OptionsError);
      expect(server.seen.length).toBe(before);
    },
  );

  test.each<[FormInit, string]>([
    [{ a: 1, b: [2, 3], c: "x y&z" }, "a=1&b=2&b=3&c=x+y%26z"],
    [
      [
        ["k", "v1"],
        ["k", "v2"],
        ["é", "ñ"],
      ],
      "k=v1&k=v2&%C3%A9=%C3%B1",
    ],
  ])(
    "#34 a form repeats the key of an array, and keeps order and doubles of pairs: %j",
    async (form, sent) => {
      await post(server.origin, { form });
      expect(server.last().body.toString()).toBe(sent);
      expect(server.last().headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
    },
  );

  test("#35 #36 two bodies are refused", async () => {
    await caught(post(server.origin, { json: {}, form: {} }), OptionsError);
    await caught(post(server.origin, { body: "x", multipart: { a: "b" } }), OptionsError);
  });
});

describe("how long a body is", () => {
  test.each(["POST", "PUT", "PATCH"])("#38 %s without a body says Content-Length: 0", async (method) => {
    await request(method, server.origin);
    expect(server.last().headers).toMatchObject({ "content-length": "0" });
    expect(server.last().headers).not.toHaveProperty("transfer-encoding");
  });

  // RFC 9110 8.6 asks it of methods that anticipate content; OPTIONS and DELETE do not.
  test.each(["GET", "HEAD", "DELETE", "OPTIONS"])(
    "#38 %s without a body says nothing of it",
    async (method) => {
      await request(method, server.origin);
      expect(server.last().headers).not.toHaveProperty("content-length");
      expect(server.last().headers).not.toHaveProperty("transfer-encoding");
    },
  );

  test.each(["GET", "DELETE", "OPTIONS", "PURGE"])("%s may have a body", async (method) => {
    await request(method, server.origin, { json: { q: 1 } });
    expect(server.last()).toMatchObject({ method, headers: { "content-length": "7" } });
    expect(server.last().body.toString()).toBe('{"q":1}');
  });

  const lasting: [string, () => BodyInit, string][] = [
    ["a string", () => "héllo", "héllo"],
    ["bytes", () => new TextEncoder().encode("bytes"), "bytes"],
    ["a part of a buffer", () => new Uint8Array(Buffer.from("xxpartxx").buffer.slice(0)).subarray(0, 0), ""],
    ["a DataView", () => new DataView(new TextEncoder().encode("_view_").buffer, 1, 4), "view"],
    ["an ArrayBuffer", () => new TextEncoder().encode("buffer").buffer, "buffer"],
    ["a Blob", () => new Blob(["blob"]), "blob"],
    ["#41 a slice of a Blob", () => new Blob(["a blob that is long"]).slice(2, 6), "blob"],
    ["an empty string", () => "", ""],
    ["an empty Blob", () => new Blob([]), ""],
  ];
  test.each(lasting)("#37 #39 %s has a length, and no chunks", async (_what, make, text) => {
    await post(server.origin, { body: make() });
    const { headers, body } = server.last();
    expect(body.toString()).toBe(text);
    expect(headers["content-length"]).toBe(String(Buffer.byteLength(text)));
    expect(headers).not.toHaveProperty("transfer-encoding");
  });

  const streams: [string, () => BodyInit][] = [
    ["a generator", () => pieces("one ", new TextEncoder().encode("two"))],
    ["a web stream", () => webStream("one two")],
    ["a function of a stream", () => () => pieces("one ", "two")],
    ["a function of a promise", () => async () => webStream("one two")],
    ["a stream with empty pieces", () => pieces("", "one", "", " two", "")],
  ];
  test.each(streams)("#39 %s goes in chunks, and has no length", async (_what, make) => {
    await post(server.origin, { body: make() });
    const { headers, body } = server.last();
    expect(body.toString()).toBe("one two");
    expect(headers["transfer-encoding"]).toBe("chunked");
    expect(headers).not.toHaveProperty("content-length");
  });

  test("an empty stream is an empty body", async () => {
    await post(server.origin, { body: pieces() });
    expect(server.last().body.length).toBe(0);
    expect(server.last().headers["content-length"]).toBe("0");
  });

  test("#40 a Content-Length of the caller's on a stream is taken, and there are no chunks", async () => {
    await post(server.origin, { body: pieces("one ", "two"), headers: { "content-length": "7" } });
    const { headers, body } = server.last();
    expect(body.toString()).toBe("one two");
    expect(headers["content-length"]).toBe("7");
    expect(headers).not.toHaveProperty("transfer-encoding");
  });

  test.each([["3"], ["70"]])(
    "#40 one that is wrong (%s) is an error of the caller's, and not retried",
    async (length) => {
      const { connections } = server;
      const before = connections();
      const error = await caught(
        put(server.origin, { body: () => pieces("one ", "two"), headers: { "content-length": length } }),
        OptionsError,
      );
      expect(error.message).toMatch(/Content-Length/);
      expect(error.attempts).toBe(1);
      expect(connections() - before).toBeLessThanOrEqual(1);
    },
  );

  test.each<[string, HeadersInit]>([
    ["in capitals", { "CONTENT-LENGTH": "3" }],
    [
      "in two cases",
      [
        ["Content-Length", "3"],
        ["content-length", "3"],
      ],
    ],
    [
      "in two cases that differ",
      [
        ["Content-Length", "3"],
        ["content-length", "30"],
      ],
    ],
    ["twice in a list", { "content-length": ["3", "3"] }],
    ["as a list in one line", { "content-length": "3, 3" }],
  ])("S67 there is one Content-Length on the wire, or nothing is: %s", async (_, headers) => {
    const heads: string[] = [];
    await using raw = await serveRaw((socket, head) => {
      heads.push(head);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    });
    const { error } = await post(raw.origin, { body: "abc", headers, retry: false }).result();
    if (error === undefined) expect(heads[0]?.match(/^content-length: 3$/gim)).toHaveLength(1);
    else expect(error).toBeInstanceOf(OptionsError);
    for (const head of heads) expect(head.match(/content-length/gi)).toHaveLength(1);
  });

  test.each([
    ["transfer-encoding", "chunked"],
    ["expect", "100-continue"],
    ["upgrade", "h2c"],
    ["keep-alive", "timeout=5"],
  ])("#39 %s is not for the caller to set", async (name, value) => {
    const before = server.seen.length;
    const error = await caught(
      post(server.origin, { body: "abc", headers: { [name]: value } }),
      OptionsError,
    );
    expect(error.option).toMatch(/^headers/);
    expect(server.seen.length).toBe(before);
  });
});

describe("streams that can be read once", () => {
  test("#42 P6 are not sent twice: the second call says so", async () => {
    const stream = webStream("once");
    await post(server.origin, { body: stream });
    expect(server.last().body.toString()).toBe("once");
    const before = server.seen.length;
    const error = await caught(post(server.origin, { body: stream }), ConsumedBodyError);
    expect(error.hint).toMatch(/function/);
    expect(server.seen.length).toBe(before);
  });

  test("#41 a Node stream goes on from where it stands", async () => {
    const path = join(folder, "stands.txt");
    await writeFile(path, "0123456789");
    await post(server.origin, { body: createReadStream(path, { start: 4 }) });
    expect(server.last().body.toString()).toBe("456789");
  });

  test("one of a file that is not there ends in the caller's error", async () => {
    const body = createReadStream(join(folder, "missing"));
    const error = await caught(post(server.origin, { body }), CallerError);
    expect(error.cause).toMatchObject({ code: "ENOENT" });
  });

  test("#45 a request that was built is sent again as it is, where its body can be had again", async () => {
    await using client = new Client({ baseUrl: server.origin });
    const built = client.build("POST", "/again", { body: () => pieces("again and ", "again") });
    for (let turn = 0; turn < 2; turn++) {
      await client.send(built);
      expect(server.last()).toMatchObject({ method: "POST", target: "/again" });
      expect(server.last().body.toString()).toBe("again and again");
    }
  });
});

test.each([[123], [true], [{}], [Symbol("s")]])("#43 a body of %s is refused at once", async (body) => {
  const before = server.seen.length;
  await caught(post(server.origin, { body } as never), OptionsError);
  expect(server.seen.length).toBe(before);
});

describe("#44 S8 the method is upper-cased, and refused with a control character in it", () => {
  test.each(["get", "Post", "pUt", "patch"])("%s goes out in capitals", async (method) => {
    await request(method, server.origin);
    expect(server.last().method).toBe(method.toUpperCase());
  });

  test.each(["", "GE T", "GET\r\nX: 1", "G\u0000T", "GÉT", "GET /x HTTP/1.1\r\nHost: a\r\n\r\nGET"])(
    "%j is refused",
    async (method) => {
      const before = server.seen.length;
      await caught(request(method, server.origin), OptionsError);
      expect(server.seen.length).toBe(before);
    },
  );
});

test.each(["/a b", "/é", "/a?q=x y", "/\u{1f600}", "/a%0d%0aX: 1"])(
  "S8 what is in a path or query cannot break the request line: %j",
  async (target) => {
    await request("GET", server.origin + target);
    expect(server.last().target).toMatch(/^[\x21-\x7e]+$/);
    expect(server.last().headers).not.toHaveProperty("x");
  },
);

describe("multipart, by another's parser", () => {
  /** What a server of somebody else's reads: Node's own FormData parser. */
  async function parsed(multipart: MultipartInit): Promise<[string, string | File][]> {
    await post(server.origin, { multipart });
    const { headers, body } = server.last();
    const read = new Response(new Uint8Array(body), {
      headers: { "content-type": headers["content-type"] ?? "" },
    });
    return [...(await read.formData())];
  }

  function form(): FormData {
    const made = new FormData();
    made.append("a", "1");
    made.append("b", "2");
    return made;
  }

  test("#46 #47 fields before files, and every value of a name", async () => {
    const entries = await parsed({
      file: [new File(["one"], "1.txt"), new File(["two"], "2.txt")],
      tags: ["a", "b"],
      n: 5,
    });
    expect(entries.map(([name, value]) => [name, typeof value === "string" ? value : value.name])).toEqual([
      ["tags", "a"],
      ["tags", "b"],
      ["n", "5"],
      ["file", "1.txt"],
      ["file", "2.txt"],
    ]);
  });

  test("#50 #51 #52 names, file names and types come through", async () => {
    const entries = await parsed({
      'quo"te': "v",
      datei: new File(["x"], 'Añu "1".png', { type: "image/png" }),
    });
    expect(entries[0]).toEqual(['quo"te', "v"]);
    const file = entries[1]?.[1];
    expect(file).toMatchObject({ name: 'Añu "1".png', type: "image/png" });
  });

  test("#54 is sized where every part is, and chunked where one is not", async () => {
    await post(server.origin, { multipart: { a: "1", b: new Blob(["22"]) } });
    expect(server.last().headers["content-length"]).toBe(String(server.last().body.length));
    await post(server.origin, { multipart: { a: "1", b: { content: pieces("22"), filename: "b.txt" } } });
    expect(server.last().headers["transfer-encoding"]).toBe("chunked");
    expect(server.last().headers).not.toHaveProperty("content-length");
  });

  test.each([
    ["no Content-Type of the caller's", undefined, /^multipart\/form-data; boundary=chasqui-/],
    ["one without a boundary", "multipart/form-data", /^multipart\/form-data; boundary=chasqui-/],
    ["one with its own", 'multipart/form-data; charset=utf-8; boundary="a b"', /boundary="a b"$/],
  ])("#53 what is announced is the boundary that is used: %s", async (_, contentType, announced) => {
    await using client = new Client({ baseUrl: server.origin });
    const headers = { "content-type": contentType };
    const built = client.build("POST", "/", { headers, body: "x" });
    const calls = [
      () => client.post("/", { multipart: { a: "1", b: "2" }, headers }),
      () => client.send(built.with({ headers: new Headers(headers), body: form() })),
    ];
    for (const call of calls) {
      await call();
      const { headers: sent, body } = server.last();
      expect(sent["content-type"]).toMatch(announced);
      const read = new Response(new Uint8Array(body), {
        headers: { "content-type": sent["content-type"] ?? "" },
      });
      expect([...(await read.formData())]).toEqual([
        ["a", "1"],
        ["b", "2"],
      ]);
    }
  });

  test("#55 the same file can be posted twice", async () => {
    const path = join(folder, "twice.txt");
    await writeFile(path, "twice");
    const file = await fileFrom(path);
    for (let turn = 0; turn < 2; turn++) {
      const [[, value] = []] = await parsed({ file });
      expect(value instanceof File ? await value.text() : value).toBe("twice");
    }
  });

  test("a FormData is one too", async () => {
    const form = new FormData();
    form.append("a", "1");
    form.append("f", new Blob(["blob"]), "f.bin");
    await post(server.origin, { body: form });
    expect(server.last().headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(server.last().body.toString()).toContain('filename="f.bin"');
  });
});

describe("large bodies", () => {
  test("a file of the disk is sent and never read whole", async () => {
    const path = join(folder, "sparse.bin");
    const handle = await open(path, "w");
    await handle.close();
    await truncate(path, 200 * 1024 * 1024);
    const program = fileURLToPath(new URL("../peers/upload-file.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=chasqui-source", program, path],
      { env: { ...process.env, NODE_OPTIONS: "" } },
    );
    const told: { received: number[]; grown: number } = JSON.parse(stdout);
    expect(told.received).toEqual([200 * 1024 * 1024, 200 * 1024 * 1024]);
    expect(told.grown).toBeLessThan(120 * 1024 * 1024);
  }, 60_000);

  test("an answer that comes before the body was read is the answer", async () => {
    await using refusing = await serveRaw((socket) => {
      socket.end("HTTP/1.1 413 Content Too Large\r\ncontent-length: 8\r\nconnection: close\r\n\r\ntoo much");
    });
    let left = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield new Uint8Array(1024);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        left = true;
      }
    }
    const error = await caught(put(refusing.origin, { body: endless() }).text(), HttpError);
    expect(error.status).toBe(413);
    expect(error.text).toBe("too much");
    while (!left) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("#45 request.with({ body }) says how long and what the new body is:", () => {
  const client = new Client({ baseUrl: "http://h" });
  const made = client.build("POST", "/", { json: { a: 1 } });

  test.each<
    [title: string, body: RequestChanges["body"], length: string | null, type: string | RegExp | null]
  >([
    ["a string", "longer than before", "18", "application/json"],
    ["bytes", new Uint8Array(3), "3", "application/json"],
    ["a form", new URLSearchParams({ a: "b" }), "3", "application/x-www-form-urlencoded"],
    ["a Blob", new Blob(["ab"], { type: "text/csv" }), "2", "text/csv"],
    ["a FormData", new FormData(), /./ as never, /^multipart\/form-data; boundary=/],
    ["a stream", () => ReadableStream.from([new Uint8Array(2)]), null, "application/json"],
    ["the body of another request", client.build("POST", "/", { form: { b: "c" } }).body, "3", /urlencoded/],
    ["none", undefined, null, null],
    ["null", null, null, null],
  ])("%s", (_, body, length, type) => {
    const { headers } = made.with({ body });
    const matches = (wanted: string | RegExp | null) =>
      wanted instanceof RegExp ? expect.stringMatching(wanted) : wanted;
    expect([headers.get("content-length"), headers.get("content-type")]).toEqual([
      matches(length),
      matches(type),
    ]);
    expect(made.headers.get("content-length")).toBe("7");
  });

  test("the type that given headers name stays, and the length is right all the same", () => {
    const headers = made.headers.clone();
    headers.set("content-type", "text/plain");
    const other = made.with({ headers, body: new URLSearchParams({ a: "b" }) });
    expect([other.headers.get("content-length"), other.headers.get("content-type")]).toEqual([
      "3",
      "text/plain",
    ]);
    expect(headers.get("content-length")).toBe("7");
  });

  test("and it arrives whole", async () => {
    await using server = await serve((response) => void response.end());
    await using sender = new Client({
      baseUrl: server.origin,
      use: [(request, next) => next(request.with({ body: "a longer body" }))],
    });
    await sender.post("/", { json: 1 });
    expect(server.last().body.toString()).toBe("a longer body");
  });
});
