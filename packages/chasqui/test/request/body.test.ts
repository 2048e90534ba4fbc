import { createReadStream, openAsBlob } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConsumedBodyError } from "../../src/errors/consumed-body-error.ts";
import { OptionsError } from "../../src/errors/options-error.ts";
import { type Body, type BodyOptions, makeBody } from "../../src/request/body.ts";

let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chasqui-body-"));
  file = join(folder, "digits.txt");
  await writeFile(file, "0123456789");
});
afterAll(() => rm(folder, { recursive: true }));

function bodyOf(body: unknown): Body {
  const made = makeBody({ body } as BodyOptions);
  if (made === undefined) throw new Error("no body");
  return made;
}

async function text(body: Body): Promise<string> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of body.open()) {
    expect(chunk).toBeInstanceOf(Uint8Array);
    all += decoder.decode(chunk, { stream: true });
  }
  return all + decoder.decode();
}

async function* generated(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* chunks;
}

describe("a body in memory", () => {
  test.each<[title: string, value: unknown, sent: string, length: number, type: string | undefined]>([
    ["#37 a string, its length in bytes", "añ😀", "añ😀", 7, undefined],
    ["an empty string", "", "", 0, undefined],
    ["bytes", new Uint8Array([97, 98]), "ab", 2, undefined],
    ["a Buffer that is a part of a pool", Buffer.from("abcdef").subarray(2, 4), "cd", 2, undefined],
    ["an ArrayBuffer", new Uint8Array([97, 98]).buffer, "ab", 2, undefined],
    ["a view of other numbers", new Uint16Array([0x6261, 0x6463]), "abcd", 4, undefined],
    ["a DataView with an offset", new DataView(new Uint8Array([97, 98, 99]).buffer, 1), "bc", 2, undefined],
    [
      "URLSearchParams",
      new URLSearchParams({ a: "x y", b: "ñ" }),
      "a=x+y&b=%C3%B1",
      14,
      "application/x-www-form-urlencoded",
    ],
  ])("%s", async (_, value, sent, length, type) => {
    const body = bodyOf(value);
    expect(body).toMatchObject({ length, contentType: type, replayable: true });
    expect(body.content).not.toBeUndefined();
    expect(await text(body)).toBe(sent);
    expect(await text(body)).toBe(sent);
  });

  test("a string stays a string, and its length is that of its UTF-8", () => {
    const body = bodyOf("añ\ud800");
    expect(body.length).toBe(new TextEncoder().encode("añ\ud800").length);
    expect(body.content).toBe("añ\ud800");
  });
});

describe("a Blob", () => {
  test("has its type and its size, and is sent again", async () => {
    const body = bodyOf(new Blob(["0123"], { type: "text/csv" }));
    expect(body).toMatchObject({ contentType: "text/csv", length: 4, replayable: true, content: undefined });
    expect(await text(body)).toBe("0123");
    expect(await text(body)).toBe("0123");
  });

  test("without a type has none", () => {
    expect(bodyOf(new Blob(["x"])).contentType).toBeUndefined();
  });

  test("#41 on disk: a slice of it is sent from where it begins, its length that of the rest", async () => {
    const blob = await openAsBlob(file);
    expect(bodyOf(blob).length).toBe(10);
    const rest = bodyOf(blob.slice(4));
    expect(rest.length).toBe(6);
    expect(await text(rest)).toBe("456789");
    expect(await text(rest)).toBe("456789");
  });
});

describe("a stream", () => {
  const makers: [string, () => unknown][] = [
    [
      "a ReadableStream",
      () => ReadableStream.from([new TextEncoder().encode("ab"), new TextEncoder().encode("cd")]),
    ],
    ["a Node Readable", () => Readable.from([Buffer.from("ab"), Buffer.from("cd")])],
    ["a Node Readable of strings", () => Readable.from(["ab", "cd"])],
    ["a generator", () => generated("ab", "", new TextEncoder().encode("cd"))],
    ["a file", () => createReadStream(file, { start: 0, end: 3, highWaterMark: 2 })],
  ];

  test.each(makers)("#39 of %s: its length is unknown", async (name, make) => {
    const body = bodyOf(make());
    expect(body).toMatchObject({
      length: undefined,
      contentType: undefined,
      replayable: false,
      content: undefined,
    });
    expect(await text(body)).toBe(name === "a file" ? "0123" : "abcd");
  });

  test.each(makers)(
    "#42 %s is sent once; a second time is an error and not an empty body",
    async (_, make) => {
      const stream = make();
      const body = bodyOf(stream);
      await text(body);
      expect(() => body.open()).toThrow(ConsumedBodyError);
      expect(() => body.open()).toThrow(/body: the stream was read before/);
      expect(() => bodyOf(stream)).toThrow(ConsumedBodyError);
    },
  );

  test.each(makers)("P6 %s out of a function is sent as often as one likes", async (_, make) => {
    const body = bodyOf(make);
    expect(body).toMatchObject({ length: undefined, replayable: true, content: undefined });
    expect(await text(body)).toBe(await text(body));
  });

  test("#42 a body that was opened and not read is opened no second time either", () => {
    const body = bodyOf(generated("a"));
    body.open();
    expect(() => body.open()).toThrow(ConsumedBodyError);
  });

  test("#41 a stream that was read in part is sent from where it stands", async () => {
    expect(await text(bodyOf(createReadStream(file, { start: 7 })))).toBe("789");
    const half = generated("ab", "cd");
    await half.next();
    expect(await text(bodyOf(half))).toBe("cd");
  });

  test("#42 a locked stream is refused at once", () => {
    const stream = ReadableStream.from(["x"]);
    stream.getReader();
    expect(() => bodyOf(stream)).toThrow(ConsumedBodyError);
  });

  test("#42 a function that makes the same stream again is found out", async () => {
    const stream = ReadableStream.from([new Uint8Array([97])]);
    const body = bodyOf(() => stream);
    expect(await text(body)).toBe("a");
    await expect(text(body)).rejects.toThrow(ConsumedBodyError);
  });

  test("an object that makes an iterator each time is one for each call", async () => {
    const many = { [Symbol.asyncIterator]: () => generated("ab") };
    expect(await text(bodyOf(many))).toBe("ab");
    expect(await text(bodyOf(many))).toBe("ab");
  });

  test.each<[string, () => unknown, string]>([
    ["a promise of a stream", async () => generated("ab"), "ab"],
    ["a string", () => "añ", "añ"],
    ["bytes", () => new Uint8Array([97]), "a"],
    ["a Blob", () => new Blob(["b"]), "b"],
  ])("a function may make %s", async (_, make, sent) => {
    expect(await text(bodyOf(make))).toBe(sent);
  });

  test.each([
    ["a number", () => 5],
    ["a function", () => () => "x"],
    ["nothing", () => undefined],
  ])("a function that makes %s is an error", async (_, make) => {
    await expect(text(bodyOf(make))).rejects.toThrow(OptionsError);
  });

  test("what a function throws is thrown", async () => {
    const failed = new Error("no file");
    const body = bodyOf(() => {
      throw failed;
    });
    await expect(text(body)).rejects.toBe(failed);
  });

  test("#43 a chunk that is neither bytes nor a string is an error", async () => {
    await expect(text(bodyOf(Readable.from([{ a: 1 }])))).rejects.toThrow(
      /chunks must be bytes or strings, not an object/,
    );
  });

  test("the error of a stream is thrown to the reader, and kills nobody while none reads", async () => {
    const missing = createReadStream(join(folder, "missing"));
    const body = bodyOf(missing);
    await new Promise((resolve) => missing.on("close", resolve));
    await expect(text(body)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a reader that leaves early ends the stream", async () => {
    const node = new PassThrough();
    node.write("ab");
    for await (const _ of bodyOf(node).open()) break;
    expect(node.destroyed).toBe(true);
    let cancelled = false;
    const web = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array([1])),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const _ of bodyOf(web).open()) break;
    expect(cancelled).toBe(true);
  });

  test("a ReadableStream that cannot be iterated, as in some browsers, is read by its reader", async () => {
    const stream = ReadableStream.from([new Uint8Array([97, 98])]);
    Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined });
    const body = bodyOf(stream);
    expect(await text(body)).toBe("ab");
    expect(() => bodyOf(stream)).toThrow(ConsumedBodyError);
  });
});

describe("#43 what is no body", () => {
  test.each<[value: unknown, kind: string]>([
    [123, "the number 123"],
    [true, "the boolean true"],
    [5n, "the bigint 5n"],
    [Symbol("x"), "a symbol"],
    [{ a: 1 }, "an object with the keys a"],
    [["a"], "an array of 1"],
    [new Date(0), "a Date"],
    [new Map(), "a Map"],
    [Promise.resolve("x"), "a Promise"],
    [new (class Thing {})(), "an instance of Thing"],
  ])("%s is refused at once", (value, kind) => {
    expect(() => bodyOf(value)).toThrow(OptionsError);
    expect(() => bodyOf(value)).toThrow(`not ${kind}`);
  });

  test.each([
    ["form", "a=1"],
    ["form", 5],
    ["multipart", "x"],
    ["multipart", 5],
    ["multipart", new Blob(["x"])],
  ])("%s: %s is refused at once", (name, value) => {
    expect(() => makeBody({ [name]: value } as BodyOptions)).toThrow(OptionsError);
    expect(() => makeBody({ [name]: value } as BodyOptions)).toThrow(new RegExp(`^${name} must be`));
  });
});

describe("#35 #36 one body", () => {
  const ways: Record<string, unknown> = { json: { a: 1 }, form: { a: 1 }, multipart: { a: 1 }, body: "a" };
  const names = Object.keys(ways);
  const two = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const));

  test.each(two)("%s and %s together are refused", (a, b) => {
    expect(() => makeBody({ [a]: ways[a], [b]: ways[b] })).toThrow(`${a} and ${b} are both given`);
  });

  test("undefined counts for nothing, null for a body of JSON alone", () => {
    expect(makeBody({ json: undefined, form: undefined, multipart: undefined, body: "x" })?.content).toBe(
      "x",
    );
    expect(makeBody({ form: null, multipart: null, body: null } as unknown as BodyOptions)).toBeUndefined();
    expect(() => makeBody({ json: null, body: "x" })).toThrow(OptionsError);
  });

  test("#38 none at all is undefined", () => {
    expect(makeBody({})).toBeUndefined();
  });

  test.each(names)("S55 %s is read by own property", (name) => {
    Object.defineProperty(Object.prototype, name, { value: ways[name], configurable: true, writable: true });
    try {
      expect(makeBody({})).toBeUndefined();
      const own = Object.defineProperty({}, "body", { value: "x", enumerable: true });
      expect(makeBody(own)?.content).toBe("x");
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
  });
});

describe("#34 a form", () => {
  test.each<[title: string, form: unknown, sent: string]>([
    ["repeats the key of an array", { a: [1, 2], b: "x y" }, "a=1&a=2&b=x+y"],
    [
      "keeps the order and the doubles of pairs",
      [
        ["b", 1],
        ["a", 2],
        ["b", 3],
      ],
      "b=1&a=2&b=3",
    ],
    ["takes a Map", new Map([["a", "&"]]), "a=%26"],
    ["takes URLSearchParams", new URLSearchParams("a=1&a=2"), "a=1&a=2"],
    ["D9 leaves null and undefined out", { a: null, b: undefined, c: "" }, "c="],
    ["is empty and still a body", {}, ""],
  ])("%s", async (_, form, sent) => {
    const body = makeBody({ form } as BodyOptions);
    expect(body).toMatchObject({
      contentType: "application/x-www-form-urlencoded",
      length: sent.length,
      replayable: true,
    });
    expect(body && (await text(body))).toBe(sent);
  });

  test("S60 nothing walks down what is nested in a form, however deep it is: the first object is refused", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? { k: deep } : [deep];
    const circle: unknown[] = [];
    circle.push(circle);
    for (const form of [
      { deep },
      { deep: [deep] },
      [["deep", deep]],
      new Map([["deep", deep]]),
      { circle },
    ]) {
      expect(() => makeBody({ form } as BodyOptions)).toThrow(OptionsError);
    }
  });

  test("an object as a value is an error that names the form and the field", () => {
    expect(() => makeBody({ form: { where: { a: 1 } } })).toThrow(/^form: "where" is an object/);
  });
});

test("an object in a form: the hint names no option that a form does not have", () => {
  expect(() => makeBody({ form: { where: { a: 1 } } })).toThrow(
    expect.objectContaining({ hint: expect.not.stringContaining("Style") }),
  );
});
