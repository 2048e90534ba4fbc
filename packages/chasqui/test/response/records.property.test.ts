import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EventState, events, type ServerSentEvent } from "../../src/response/events.ts";
import { lines } from "../../src/response/lines.ts";
import { ndjson } from "../../src/response/ndjson.ts";

const SEED = 20_261_122;
const MANY = 1024 * 1024;

/** The bytes in the pieces that the cuts make of them; a cut that comes twice makes an empty piece. */
async function* cutAt(
  bytes: Uint8Array,
  cuts: readonly number[],
): AsyncGenerator<Uint8Array, undefined, undefined> {
  let from = 0;
  for (const cut of cuts.map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}

/** All ways to cut that a short input has and that matter: nowhere, everywhere, and at each place alone. */
function everyCut(length: number): number[][] {
  const places = Array.from({ length: length + 1 }, (_, at) => at);
  return [[], places, ...places.map((at) => [at])];
}

interface Told {
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

/** The algorithm of the HTML standard (9.2.6), read off its page: the whole input at once, line by line. */
function naively(bytes: Uint8Array): { events: Told[]; lastEventId: string; retry: number | undefined } {
  const text = new TextDecoder("utf-8").decode(bytes);
  const told: Told[] = [];
  let [data, type, id, lastEventId] = ["", "", "", ""];
  let retry: number | undefined;
  // What follows the last end of a line is no line.
  for (const line of text.split(/\r\n|\n|\r/).slice(0, -1)) {
    if (line === "") {
      lastEventId = id;
      if (data !== "") told.push({ event: type === "" ? "message" : type, data: data.slice(0, -1), id });
      data = "";
      type = "";
      continue;
    }
    const [, field = line, value = ""] = /^([^:]*):(?: )?(.*)$/s.exec(line) ?? [];
    if (field === "event") type = value;
    else if (field === "data") data += `${value}\n`;
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^[0-9]+$/.test(value)) retry = Number(value);
  }
  return { events: told, lastEventId, retry };
}

async function read(bytes: Uint8Array, cuts: readonly number[]): Promise<ReturnType<typeof naively>> {
  const state: EventState = { lastEventId: "", retry: undefined };
  const reading = { maxRecord: MANY, status: 200, contentType: "text/event-stream", state };
  const found: Told[] = [];
  for await (const { event, data, id } of events(cutAt(bytes, cuts), reading))
    found.push({ event, data, id });
  return { events: found, ...state };
}

describe("the event stream of the HTML standard, 9.2.6", () => {
  test.each<[string, string, readonly [string, string, string][]]>([
    ["the standard's first example", "data: YHOO\ndata: +2\ndata: 10\n\n", [["message", "YHOO\n+2\n10", ""]]],
    [
      "its second",
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
      [
        ["message", "first event", "1"],
        ["message", "second event", ""],
      ],
    ],
    [
      "its third: a field without a colon is an empty one",
      "data\n\ndata\ndata\n\ndata:",
      [
        ["message", "", ""],
        ["message", "\n", ""],
      ],
    ],
    [
      "its fourth: one space after the colon is dropped",
      "data:test\n\ndata: test\n\n",
      [
        ["message", "test", ""],
        ["message", "test", ""],
      ],
    ],
    [
      "one byte order mark is dropped, a second is none",
      "\ufeffdata: a\n\n\ufeffdata: b\n\n",
      [["message", "a", ""]],
    ],
    ["all three ends of a line", "data: a\rdata: b\r\ndata: c\n\r", [["message", "a\nb\nc", ""]]],
    ["an id with a NUL is none", "id: 1\nid: 2\0\ndata: a\n\n", [["message", "a", "1"]]],
    [
      "an event's type is its own, an id lasts",
      "event: x\nid: 7\ndata: a\n\ndata: b\n\n",
      [
        ["x", "a", "7"],
        ["message", "b", "7"],
      ],
    ],
    [
      "without data there is no event, and its type is forgotten",
      "event: x\n\ndata: a\n\n",
      [["message", "a", ""]],
    ],
    ["fields are told by their very name", "Data: a\n data: b\ndata : c\ndatas: d\n\n", []],
    ["an event that does not end is none", "data: a\n\ndata: b\nid: 9\n", [["message", "a", ""]]],
    [
      "bytes that are no UTF-8 are U+FFFD, in whatever charset they were said to be",
      "data: \xe9\n\n",
      [["message", "\xe9", ""]],
    ],
  ])("%s, however it is cut", async (_what, text, expected) => {
    const bytes = new TextEncoder().encode(text);
    for (const cuts of everyCut(bytes.length)) {
      const { events } = await read(bytes, cuts);
      expect(events.map(({ event, data, id }) => [event, data, id])).toEqual(expected);
    }
    expect(naively(bytes).events.map(({ event, data, id }) => [event, data, id])).toEqual(expected);
  });

  test.each([
    ["12", 12],
    ["0", 0],
    ["007", 7],
    ["", undefined],
    ["1.5", undefined],
    ["-1", undefined],
    ["1 ", undefined],
    ["1e3", undefined],
    ["١", undefined],
  ])("retry: %j is %j", async (value, expected) => {
    expect((await read(new TextEncoder().encode(`retry: ${value}\n`), [])).retry).toBe(expected);
  });

  const token = fc.constantFrom(
    ..."\n \r \r\n : \ufeff ñ 日 😀 \0 a data data: data:x id:1 id: id event:e event retry:5 retry:x :c".split(
      " ",
    ),
    " ",
    "\n\n",
    "data: ",
  );
  const text = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(""));
  const bytes = fc.oneof(
    { weight: 5, arbitrary: text.map((given) => new TextEncoder().encode(given)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  );

  test("any input, cut anywhere, in characters and in CRLF, is what the standard's algorithm makes of it whole", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat(120), { maxLength: 10 }), async (input, cuts) => {
        const expected = naively(input);
        expect(await read(input, cuts)).toEqual(expected);
        expect(await read(input, everyCut(input.length)[1] ?? [])).toEqual(expected);
      }),
      { numRuns: 200, seed: SEED },
    );
  });

  test("lines, cut at every single byte, are those of the whole input", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const input = new TextEncoder().encode(given);
        const whole = given.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
        if (whole.at(-1) === "") whole.pop();
        for (const cuts of everyCut(input.length)) {
          expect(await Array.fromAsync(lines(cutAt(input, cuts), { maxRecord: MANY }))).toEqual(whole);
        }
      }),
      { numRuns: 25, seed: SEED },
    );
  });
});

describe("JSON Lines", () => {
  const end = fc.constantFrom("\n", "\r\n", "\n\n", " \n", "\n \t\r\n");

  test("any values come back as they were, whatever their lines end with and however they are cut", async () => {
    const values = fc.array(fc.tuple(fc.jsonValue(), end), { maxLength: 8 });
    const cuts = fc.array(fc.nat(300), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(values, cuts, fc.boolean(), fc.boolean(), async (given, cuts, marked, open) => {
        let text = given.map(([value, ends]) => JSON.stringify(value) + ends).join("");
        if (open) text = text.trimEnd();
        const input = new TextEncoder().encode((marked ? "\ufeff" : "") + text);
        const expected = given.map(([value]) => JSON.parse(JSON.stringify(value)));
        expect(await Array.fromAsync(ndjson(cutAt(input, cuts), { maxRecord: MANY }))).toEqual(expected);
      }),
      { numRuns: 200, seed: SEED },
    );
  });

  test("a document that is cut short, anywhere, gives its whole lines, and then no value that was not there", async () => {
    const input = new TextEncoder().encode('{"a":"ñ😀"}\n{"b":[1,{"c":null}]}\n"end"\n');
    const values = [{ a: "ñ😀" }, { b: [1, { c: null }] }, "end"];
    const ends = [...input].flatMap((byte, at) => (byte === 10 ? [at] : []));
    for (let length = 0; length <= input.length; length++) {
      const found: unknown[] = [];
      let failed = false;
      try {
        for await (const value of ndjson(cutAt(input.subarray(0, length), []), { maxRecord: MANY }))
          found.push(value);
      } catch (error) {
        failed = true;
        expect(error).toMatchObject({ code: "ERR_DECODE", line: found.length + 1 });
      }
      expect(found).toEqual(values.slice(0, found.length));
      // At an end of a line, just before it, and just behind it nothing is missing.
      const whole = length === 0 || ends.includes(length) || ends.includes(length - 1);
      expect([length, failed]).toEqual([length, !whole]);
    }
  });
});

describe("S57 P19 no record is longer than maxRecord, wherever the pieces are cut", () => {
  const size = (text: string): number => new TextEncoder().encode(text).length;
  const limit = fc.integer({ min: 1, max: 12 });
  const cuts = fc.array(fc.nat(80), { maxLength: 6 });
  const word = fc.string({ unit: fc.constantFrom("a", "ñ", "日", "😀", " "), maxLength: 8 });

  /** What is read before the error, and whether there is one of the right kind. */
  async function readUp<T>(records: AsyncIterable<T>): Promise<{ found: T[]; failed: boolean }> {
    const found: T[] = [];
    try {
      for await (const record of records) found.push(record);
      return { found, failed: false };
    } catch (error) {
      expect(error).toMatchObject({ code: "ERR_BODY_TOO_LARGE", what: "record" });
      return { found, failed: true };
    }
  }

  test("lines: those before the first that is too long, and then the error", async () => {
    const end = fc.constantFrom("\n", "\r\n", "\r");
    await fc.assert(
      fc.asyncProperty(fc.array(word), end, limit, cuts, async (all, ends, maxRecord, at) => {
        const input = new TextEncoder().encode(all.map((text) => text + ends).join(""));
        const tooLong = all.findIndex((text) => size(text) > maxRecord);
        const expected = tooLong < 0 ? all : all.slice(0, tooLong);
        expect(await readUp(lines(cutAt(input, at), { maxRecord }))).toEqual({
          found: expected,
          failed: tooLong >= 0,
        });
      }),
      { numRuns: 500, seed: SEED },
    );
  });

  test("JSON Lines: the same", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word), limit, cuts, async (values, maxRecord, at) => {
        const written = values.map((value) => JSON.stringify(value));
        const input = new TextEncoder().encode(written.map((text) => `${text}\n`).join(""));
        const tooLong = written.findIndex((text) => size(text) > maxRecord);
        expect(await readUp(ndjson(cutAt(input, at), { maxRecord }))).toEqual({
          found: tooLong < 0 ? values : values.slice(0, tooLong),
          failed: tooLong >= 0,
        });
      }),
      { numRuns: 500, seed: SEED },
    );
  });

  test("events: neither a line nor the data of several lines together", async () => {
    const event = fc.array(word, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 4 }),
        fc.integer({ min: 8, max: 40 }),
        cuts,
        async (given, maxRecord, at) => {
          const text = given.map((data) => `${data.map((one) => `data:|${one}\n`).join("")}\n`).join("");
          const all = given.map((data) => data.map((one) => `|${one}`).join("\n"));
          const tooLong = given.findIndex(
            (data, index) =>
              size(all[index] ?? "") > maxRecord || data.some((one) => size(`data:|${one}`) > maxRecord),
          );
          const reading = { maxRecord, status: 200, contentType: "text/event-stream" };
          const { found, failed } = await readUp(events(cutAt(new TextEncoder().encode(text), at), reading));
          expect(found.map(({ data }) => data)).toEqual(tooLong < 0 ? all : all.slice(0, tooLong));
          expect(failed).toBe(tooLong >= 0);
        },
      ),
      { numRuns: 500, seed: SEED },
    );
  });
});

test("an event is small: it has no more than it shows", async () => {
  const bytes = new TextEncoder().encode("id: 1\ndata: a\n\n");
  const found: ServerSentEvent[] = [];
  const reading = { maxRecord: MANY, status: 200, contentType: "text/event-stream" };
  for await (const event of events(cutAt(bytes, []), reading)) found.push(event);
  expect(JSON.stringify(found)).toBe('[{"event":"message","data":"a","id":"1"}]');
});
