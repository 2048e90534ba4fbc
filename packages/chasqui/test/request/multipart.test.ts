import { createReadStream, openAsBlob } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ConsumedBodyError } from "../../src/errors/consumed-body-error.ts";
import { OptionsError } from "../../src/errors/options-error.ts";
import { type Body, type BodyOptions, makeBody } from "../../src/request/body.ts";
import type { MultipartInit } from "../../src/request/multipart.ts";
import { secret } from "../../src/secret.ts";

let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chasqui-multipart-"));
  file = join(folder, "digits.csv");
  await writeFile(file, "0123456789");
});
afterAll(() => rm(folder, { recursive: true }));

function make(multipart: unknown, contentType?: string): Body {
  const body = makeBody({ multipart } as BodyOptions, undefined, contentType);
  if (body === undefined) throw new Error("no body");
  return body;
}

async function bytes(body: Body): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.open()) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** The body as text, its boundary written as B. */
async function wire(body: Body): Promise<string> {
  const boundary = /boundary=(.*)$/.exec(body.contentType ?? "")?.[1] ?? "?";
  return Buffer.from(await bytes(body))
    .toString()
    .replaceAll(boundary, "B");
}

/** What a parser that is not ours reads. */
async function parsed(
  body: Body,
): Promise<[name: string, value: string, filename?: string, type?: string][]> {
  const all = await bytes(body);
  if (body.length !== undefined) expect(all.byteLength).toBe(body.length);
  const form = await new Response(all, { headers: { "content-type": body.contentType ?? "" } }).formData();
  const entries: [string, string, string?, string?][] = [];
  for (const [name, value] of form) {
    entries.push(
      typeof value === "string" ? [name, value] : [name, await value.text(), value.name, value.type],
    );
  }
  return entries;
}

async function* generated(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

test("#46 is written as RFC 7578 has it", async () => {
  const body = make({ note: "hi", photo: { content: new Uint8Array([120]), filename: "p.png" } });
  expect(body.contentType).toMatch(/^multipart\/form-data; boundary=chasqui-[0-9a-f-]{36}$/);
  expect(await wire(body)).toBe(
    '--B\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\n' +
      '--B\r\nContent-Disposition: form-data; name="photo"; filename="p.png"\r\nContent-Type: image/png\r\n\r\nx\r\n--B--\r\n',
  );
});

test("#46 has fields before files, each in its part, an array in several", async () => {
  const body = make({
    f: new File(["1"], "a.txt"),
    a: ["x", "y"],
    g: new File(["2"], "b.txt"),
    n: 5,
    yes: true,
    big: 7n,
  });
  expect((await parsed(body)).map(([name, value]) => [name, value])).toEqual([
    ["a", "x"],
    ["a", "y"],
    ["n", "5"],
    ["yes", "true"],
    ["big", "7"],
    ["f", "1"],
    ["g", "2"],
  ]);
});

test("#46 pairs and a FormData are in their own order", async () => {
  const pairs: MultipartInit = [
    ["f", new File(["1"], "a.txt")],
    ["a", "x"],
    ["f", new File(["2"], "b.txt")],
  ];
  const form = new FormData();
  for (const [name, value] of pairs as [string, string | File][]) form.append(name, value);
  for (const body of [
    make(pairs),
    make(
      new Map([
        ["f", [new File(["1"], "a.txt")]],
        ["a", "x" as never],
      ]),
    ),
    make(form),
  ]) {
    expect((await parsed(body)).map(([name]) => name).slice(0, 2)).toEqual(["f", "a"]);
  }
});

test("#47 two files under one name are both sent, in order", async () => {
  const body = make({
    files: [new File(["1"], "a.txt"), ["b.csv", new Uint8Array([50])], { content: "3", filename: "c.json" }],
  });
  expect(await parsed(body)).toEqual([
    ["files", "1", "a.txt", "text/plain"],
    ["files", "2", "b.csv", "text/csv"],
    ["files", "3", "c.json", "application/json"],
  ]);
});

describe("#48 the forms of a file", () => {
  const x = new Uint8Array([120]);
  test.each<[title: string, value: unknown, filename: string | undefined, type: string | undefined]>([
    ["a File", new File(["x"], "a.png", { type: "image/webp" }), "a.png", "image/webp"],
    ["a File without a type", new File(["x"], "a.png"), "a.png", "image/png"],
    ["a Blob", new Blob(["x"], { type: "text/css" }), "blob", "text/css"],
    ["bytes", x, "blob", "application/octet-stream"],
    ["an ArrayBuffer", x.buffer, "blob", "application/octet-stream"],
    ["a function", () => "x", "blob", "application/octet-stream"],
    ["[filename, content]", ["a.png", x], "a.png", "image/png"],
    ["[filename, content, type]", ["a.png", x, "image/x"], "a.png", "image/x"],
    ["[filename, content, type, headers]", ["a.png", x, "image/x", { "X-A": "1" }], "a.png", "image/x"],
    ["[filename, string, type, headers]", ["a.png", "x", "image/x", {}], "a.png", "image/x"],
    [
      "#48 a header beats the third element",
      ["a.png", x, "image/x", { "content-type": "image/y" }],
      "a.png",
      "image/y",
    ],
    ["{ content, filename }", { content: x, filename: "a.pdf" }, "a.pdf", "application/pdf"],
    [
      "{ content, filename, contentType }",
      { content: "x", filename: "a.pdf", contentType: "a/b" },
      "a.pdf",
      "a/b",
    ],
    [
      "{ content, contentType }",
      { content: "x", contentType: "application/json" },
      undefined,
      "application/json",
    ],
    ["{ content } of a string", { content: "x" }, undefined, undefined],
    [
      "{ content } of a File, renamed",
      { content: new File(["x"], "a.png"), filename: "b.gif" },
      "b.gif",
      "image/gif",
    ],
    ["#49 filename null", { content: x, filename: null }, undefined, undefined],
    ["#49 filename null in a tuple", [null, x], undefined, undefined],
    ["#49 filename null with a type", [null, x, "image/x"], undefined, "image/x"],
    ["#50 an unknown ending", ["a.zzz", x], "a.zzz", "application/octet-stream"],
  ])("%s", async (_, value, filename, type) => {
    const text = await wire(make({ f: value }));
    const head = text.slice(0, text.indexOf("\r\n\r\n"));
    expect(head.split("\r\n")[1]).toBe(
      `Content-Disposition: form-data; name="f"${filename === undefined ? "" : `; filename="${filename}"`}`,
    );
    expect(/^content-type: (.*)$/im.exec(head)?.[1]).toBe(type);
    expect(head.match(/content-type/gi)?.length ?? 0).toBe(type === undefined ? 0 : 1);
    expect(text.slice(text.indexOf("\r\n\r\n"))).toBe("\r\n\r\nx\r\n--B--\r\n");
  });

  test("further headers stand in the part", async () => {
    const body = make({ f: { content: "x", headers: { "X-Part": ["1", "2"], "Content-Language": "es" } } });
    expect(await wire(body)).toContain('name="f"\r\nX-Part: 1\r\nX-Part: 2\r\nContent-Language: es\r\n\r\nx');
  });

  test("a list of strings is a field with several values, not a file", async () => {
    expect(await parsed(make({ tags: ["a.txt", "b"], more: ["a", "b", "c", "d", "e"] }))).toEqual([
      ["tags", "a.txt"],
      ["tags", "b"],
      ["more", "a"],
      ["more", "b"],
      ["more", "c"],
      ["more", "d"],
      ["more", "e"],
    ]);
  });

  test("where three strings may be either, neither is guessed", () => {
    expect(() => make({ f: ["a.txt", "hello", "text/plain"] })).toThrow(
      /may be three values, or a file with its type/,
    );
  });

  test("a Node stream of a file knows its name", async () => {
    expect(await parsed(make({ f: createReadStream(file) }))).toEqual([
      ["f", "0123456789", "digits.csv", "text/csv"],
    ]);
  });
});

test("values are written as in a query: a Date, a secret; null and undefined are left out", async () => {
  const body = make({
    when: new Date(0),
    key: secret("k"),
    a: null,
    b: undefined,
    c: [null, "x"],
    d: [],
    e: "",
  });
  expect(await parsed(body)).toEqual([
    ["when", "1970-01-01T00:00:00.000Z"],
    ["key", "k"],
    ["c", "x"],
    ["e", ""],
  ]);
});

test("line breaks of a value are sent as they are: they are the caller's data", async () => {
  expect(await wire(make({ a: "1\n2\r3\r\n4" }))).toContain("\r\n\r\n1\n2\r3\r\n4\r\n--B--");
});

describe("#51 #52 S63 names", () => {
  test.each([
    ["ñandú.txt", "ñandú.txt"],
    ["日本😀.png", "日本😀.png"],
    ['a"b', "a%22b"],
    ["a\rb\nc\r\nd", "a%0Db%0Ac%0D%0Ad"],
    ["a\\b%20;c", "a\\b%20;c"],
    ['x"; filename="evil.sh', "x%22; filename=%22evil.sh"],
  ])("%j is written %j", async (name, written) => {
    const text = await wire(make([[name, { content: "x", filename: name }]]));
    expect(text.split("\r\n")[1]).toBe(
      `Content-Disposition: form-data; name="${written}"; filename="${written}"`,
    );
    expect(text).not.toContain("filename*");
  });
});

describe("S40 S61 S63 what would end a line of a part's head is refused", () => {
  const evil = "text/plain\r\nX-Evil: 1";
  const typed = Object.defineProperty(new Blob(["x"]), "type", { value: evil });
  test.each<[title: string, value: unknown]>([
    ["in contentType", { content: "x", contentType: evil }],
    ["in the third element", ["a.txt", new Uint8Array(1), evil]],
    ["in the type of a Blob", typed],
    ["in the value of a header", { content: "x", headers: { "X-A": "1\r\nX-Evil: 1" } }],
    ["in the name of a header", { content: "x", headers: { "X-A\r\nX-Evil": "1" } }],
    ["in a Content-Type header", { content: "x", headers: { "content-type": "a/b\n" } }],
    ["a content type that is a number", { content: "x", contentType: 5 }],
    ["a content-disposition of one's own", { content: "x", headers: { "Content-Disposition": "form-data" } }],
  ])("%s", (_, value) => {
    expect(() => make({ f: value })).toThrow(OptionsError);
  });
});

describe("#53 the boundary", () => {
  test.each([
    ["multipart/form-data; boundary=abc", "abc"],
    ['multipart/form-data; charset=utf-8; boundary="a b:c"; x=1', "a b:c"],
    ["multipart/mixed;BOUNDARY=abc;x=y", "abc"],
  ])("of %s is used", async (contentType, boundary) => {
    const body = make({ a: "1" }, contentType);
    expect(Buffer.from(await bytes(body)).toString()).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--\r\n`,
    );
  });

  test.each([
    ["multipart/form-data", "multipart/form-data"],
    ["multipart/related; type=a/b ; ", "multipart/related; type=a/b"],
  ])("is generated where %s has none", async (contentType, type) => {
    const body = make({ a: "1" }, contentType);
    const boundary = body.contentType?.slice(`${type}; boundary=`.length);
    expect(body.contentType).toBe(`${type}; boundary=${boundary}`);
    expect(boundary).toMatch(/^chasqui-[0-9a-f-]{36}$/);
    expect(Buffer.from(await bytes(body)).toString()).toContain(`--${boundary}--`);
  });

  test.each([
    "application/json",
    "multipart/form-data; boundary=",
    `multipart/form-data; boundary=${"x".repeat(71)}`,
    'multipart/form-data; boundary="a ñ"',
  ])("of %s is an error", (contentType) => {
    expect(() => make({ a: "1" }, contentType)).toThrow(OptionsError);
  });

  test("S62 is not of Math.random, and another one each time", () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0);
    try {
      const types = Array.from({ length: 100 }, () => make({ a: "1" }).contentType);
      expect(new Set(types).size).toBe(100);
      expect(random).not.toHaveBeenCalled();
    } finally {
      random.mockRestore();
    }
  });
});

describe("#54 the length", () => {
  test("is known where every part's is: strings, bytes, Blobs, files on disk", async () => {
    const body = make({ a: "añ", b: new Uint8Array(3), c: new Blob(["xyz"]), d: await openAsBlob(file) });
    expect(body.length).toBe((await bytes(body)).byteLength);
    expect(body.replayable).toBe(true);
  });

  test.each<[string, () => unknown, boolean]>([
    ["a generator", () => generated("a", "b"), false],
    ["a ReadableStream", () => ReadableStream.from([new Uint8Array([97]), new Uint8Array([98])]), false],
    ["a Node Readable", () => Readable.from(["a", "b"]), false],
    ["a function", () => () => generated("a", "b"), true],
  ])("is unknown with %s among the parts, and the body is chunked", async (_, stream, replayable) => {
    const body = make({ n: "1", f: { content: stream(), filename: "f.txt" } });
    expect(body).toMatchObject({ length: undefined, content: undefined, replayable });
    expect(await parsed(body)).toEqual([
      ["n", "1"],
      ["f", "ab", "f.txt", "text/plain"],
    ]);
    if (replayable) expect(await parsed(body)).toHaveLength(2);
    else expect(() => body.open()).toThrow(ConsumedBodyError);
  });

  test("a small body in memory is one piece, a large one is not copied", () => {
    expect(make({ a: "x", b: new Uint8Array(10) }).content).toBeInstanceOf(Uint8Array);
    expect(make({ b: new Uint8Array(1_000_000) }).content).toBeUndefined();
  });

  test("a part is read when its turn comes, and not before", async () => {
    let pulled = 0;
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (;;) {
        pulled++;
        yield new Uint8Array(1000);
      }
    }
    const body = make({ f: slow() });
    expect(pulled).toBe(0);
    let read = 0;
    for await (const chunk of body.open()) {
      read += chunk.byteLength;
      if (read > 5000) break;
    }
    expect(pulled).toBeLessThan(8);
  });
});

test("#55 one file is posted twice, on disk or in memory", async () => {
  const blob = await openAsBlob(file);
  const body = make({ f: new File([blob], "d.csv"), g: blob });
  const expected = [
    ["f", "0123456789", "d.csv", "text/csv"],
    ["g", "0123456789", "blob", "application/octet-stream"],
  ];
  expect(await parsed(body)).toEqual(expected);
  expect(await parsed(body)).toEqual(expected);
  expect(await parsed(make({ f: new File([blob], "d.csv"), g: blob }))).toEqual(expected);
});

describe("#56 a bad name or value is an error that shows it", () => {
  test.each<[title: string, init: unknown, message: RegExp]>([
    ["an object", { a: { k: "v" } }, /"a" is an object with the keys k/],
    ["an object in an array", { a: ["x", { k: "v" }] }, /"a" is an object with the keys k/],
    ["a symbol", { a: Symbol("x") }, /"a" is a symbol/],
    ["NaN", { a: Number.NaN }, /"a" is NaN/],
    ["an invalid Date", { a: new Date(Number.NaN) }, /"a" is an invalid Date/],
    ["a promise", { a: Promise.resolve(1) }, /"a" is a Promise/],
    ["a content that is none", { a: { content: 5 } }, /"a" is the number 5/],
    [
      "a filename that is a number",
      { a: { content: "x", filename: 5 } },
      /filename of "a" must be a string or null, not the number 5/,
    ],
    ["a name that is a number", [[1, "x"]], /a name must be a string, not the number 1/],
    ["a name that is a number in a Map", new Map([[1, "x"]]), /not the number 1/],
    ["pairs of one", [["a"]], /each pair must be \[name, value\], not an array of 1/],
    ["a list of strings", ["a"], /each pair/],
    ["a string", "a", /multipart must be an object, pairs, a Map or FormData, not a string/],
  ])("%s", (_, init, message) => {
    expect(() => make(init)).toThrow(OptionsError);
    expect(() => make(init)).toThrow(message);
  });
});

test.each(["content", "filename", "contentType", "headers"])(
  "S55 %s of a part is read by own property",
  async (name) => {
    const value = name === "headers" ? { "x-evil": "1" } : "evil";
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      expect(await wire(make({ f: { content: "x" } }))).not.toContain("evil");
      expect(() => make({ f: { k: 1 } })).toThrow(OptionsError);
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
  },
);

test("no parts at all are a body that parsers take", async () => {
  expect(await parsed(make({}))).toEqual([]);
});

test("a FormData as body goes the same way", async () => {
  const form = new FormData();
  form.append("ñ", "1");
  form.append("f", new Blob(["x"], { type: "a/b" }), 'q".bin');
  const body = makeBody({ body: form });
  expect(body?.contentType).toMatch(/^multipart\/form-data; boundary=chasqui-/);
  expect(body && (await parsed(body))).toEqual([
    ["ñ", "1"],
    ["f", "x", 'q".bin', "a/b"],
  ]);
});

test("property: another parser reads what was given", async () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\0%]|^\s|\s$/.test(text));
  const bytesOf = fc.uint8Array({ maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(name, fc.string({ unit: "grapheme" }), bytesOf), { maxLength: 4 }),
      async (parts) => {
        const init: [string, string | { content: Uint8Array; filename: string }][] = parts.flatMap(
          ([key, text, content]) => [
            [key, text],
            [key, { content, filename: key }],
          ],
        );
        const body = make(init);
        const form = await new Response(await bytes(body), {
          headers: { "content-type": body.contentType ?? "" },
        }).formData();
        const read: unknown[] = [];
        for (const [key, value] of form) {
          read.push(
            typeof value === "string"
              ? [key, value]
              : [key, { content: await value.bytes(), filename: value.name }],
          );
        }
        expect(read).toEqual(init);
      },
    ),
    { seed: 16, numRuns: 100 },
  );
});

describe("whatever a part is called, it is one part with one name", () => {
  /** Names that want to be more: quotes, line breaks, headers, boundaries, and what another reader may take for such. */
  const hostile = fc
    .array(
      fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 4 }),
        fc.constantFrom(
          ...[
            '"',
            "\r",
            "\n",
            "\r\n",
            "\0",
            "\\",
            '\\"',
            ";",
            "; filename=x",
            '"; filename="evil.sh',
            "\u2028",
            "\x85",
          ],
          ...[
            "--b0",
            "\r\n--b0--\r\n",
            "\r\n\r\n",
            "\r\nContent-Type: text/html",
            "%22",
            "%0D%0A",
            "č",
            "Ċ",
            "日",
            "😀",
          ],
        ),
      ),
      { maxLength: 5 },
    )
    .map((pieces) => pieces.join(""));

  test("S63 S40 #51 #52 names and file names, however hostile, are escaped and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, fc.string({ unit: "grapheme" }), async (name, filename, text) => {
        const parts = [
          [name, text],
          [name, { content: new TextEncoder().encode(text), filename }],
        ];
        const body = make(parts, "multipart/form-data; boundary=b0");
        const sent = Buffer.from(await bytes(body)).toString("utf8");
        // As WHATWG HTML 4.10.21.8 has it; a half of a pair has no UTF-8.
        const written = (given: string): string =>
          given.toWellFormed().replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
        const field = `--b0\r\nContent-Disposition: form-data; name="${written(name)}"\r\n\r\n${text}\r\n`;
        const start = `--b0\r\nContent-Disposition: form-data; name="${written(name)}"; filename="${written(filename)}"\r\n`;
        expect(sent.startsWith(field + start)).toBe(true);
        const [type = "", ...rest] = sent.slice(field.length + start.length).split("\r\n\r\n");
        expect(type).toMatch(/^Content-Type: [!-~]+(?:; charset=utf-8)?$/i);
        expect(rest.join("\r\n\r\n")).toBe(`${text}\r\n--b0--\r\n`);
      }),
      { seed: 63, numRuns: 500 },
    );
  });

  test("S40 S61 a part's type and headers, however hostile, are one line each or refused", () => {
    fc.assert(
      fc.property(hostile, hostile, (type, value) => {
        let made: Body;
        try {
          const part = { content: "x", filename: "f", contentType: type, headers: { "x-own": value } };
          made = make({ f: part }, "multipart/form-data; boundary=b0");
        } catch (error) {
          expect(error).toBeInstanceOf(OptionsError);
          return;
        }
        const { content } = made;
        const head = Buffer.from(content instanceof Uint8Array ? content : "")
          .toString("utf8")
          .split("\r\n\r\n")[0];
        const lines = head?.split(/\r\n|\r|\n/) ?? [];
        expect(lines.map((line) => line.split(":")[0])).toEqual([
          "--b0",
          "Content-Disposition",
          "Content-Type",
          "x-own",
        ]);
      }),
      { seed: 40, numRuns: 500 },
    );
  });
});
