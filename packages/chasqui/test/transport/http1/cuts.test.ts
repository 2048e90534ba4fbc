import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type Answer, OwnConnection, requestOf } from "../../peers/http1-exchange.ts";
import { MALFORMED } from "../../peers/malformed-responses.ts";
import { serveRaw } from "../../peers/raw-server.ts";
import { response, wrongResponse } from "../../peers/response-bytes.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
/** Bytes that a head may have. */
const MOST = 64 * 1024;

/** What comes of bytes that are cut at these places. */
interface Read extends Answer {
  readonly events: readonly string[];
  readonly isKept: boolean;
}

/** A server that says nothing: what comes is given to its connections by hand. */
const server = await serveRaw(() => {});
afterAll(() => server.close());

async function read(
  bytes: string,
  cuts: readonly number[] = [],
  { isLent = false, method = "GET" }: { readonly isLent?: boolean; readonly method?: string } = {},
): Promise<Read> {
  await using connection = await OwnConnection.open(server.port);
  const told = connection.send(requestOf({ method }));
  const ends = [...cuts, bytes.length];
  for (const [index, end] of ends.entries()) {
    const piece = bytes.slice(ends[index - 1] ?? 0, end);
    connection.receive(Buffer.from(piece, "latin1"), isLent);
  }
  return { ...told.soFar, events: [...told.events], isKept: connection.isKept };
}

function everywhere(bytes: string): number[] {
  return Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
}

const RIGHT: readonly (readonly [what: string, bytes: string, body: string])[] = [
  ["a length", `${OK}x: a\r\ny:\r\ncontent-length: 10\r\n\r\n01234\r\n\r\n9`, "01234\r\n\r\n9"],
  ["no body", "HTTP/1.1 204 No Content\r\nx: a\r\n\r\n", ""],
  ["empty lines before it", `\r\n\r\n\r\n${OK}content-length: 2\r\n\r\nok`, "ok"],
  [
    "interim responses before it",
    `HTTP/1.1 100 \r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
    "ok",
  ],
  ["chunks", `${CHUNKED}3\r\n\r\n0\r\n00A\r\n0123456789\r\n0\r\n\r\n`, "\r\n00123456789"],
  ["chunks with extensions", `${CHUNKED}2;a\r\nok\r\n1;b=c; d = "e;\\"\xe9"\r\n!\r\n000;f\r\n\r\n`, "ok!"],
  ["trailers", `${CHUNKED}2\r\nok\r\n0\r\nx-a: b\r\nx-c:\r\n\r\n`, "ok"],
  ["a head of more than 2 KiB", `${OK}x: ${"y".repeat(2100)}\r\ncontent-length: 2\r\n\r\nok`, "ok"],
];

describe("#128 S67 a response is the same one wherever it is cut", () => {
  test.each(RIGHT)("%s", async (_, bytes, body) => {
    const whole = await read(bytes);
    expect(whole).toMatchObject({ body, isKept: true });
    expect(whole.events.at(-1)).toBe("end");
    const cuts = everywhere(bytes);
    for (const isLent of [false, true]) {
      // Of a long head its ends are enough.
      for (const cut of cuts.filter((at) => at < 100 || at > bytes.length - 100))
        expect(await read(bytes, [cut], { isLent }), `${cut}`).toEqual(whole);
      expect(await read(bytes, cuts, { isLent })).toEqual(whole);
      expect(await read(bytes, [], { isLent })).toEqual(whole);
    }
  });

  test("a body up to the end of the connection, whose pieces are nobody else's", async () => {
    const bytes = `${OK}x: a\r\n\r\n0123456789`;
    for (const cut of everywhere(bytes))
      expect((await read(bytes, [cut], { isLent: true })).body, `${cut}`).toBe("0123456789");
  });

  test.each([
    ["right ones", response, 250],
    ["wrong ones, which fail in the same way", wrongResponse, 350],
  ])("%s of every kind", async (_what, responses, numRuns) => {
    const events = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(
        responses,
        fc.array(fc.nat(9999), { minLength: 1, maxLength: 6 }),
        fc.constantFrom("GET", "GET", "HEAD"),
        fc.boolean(),
        async (bytes, parts, method, isLent) => {
          const whole = await read(bytes, [], { method });
          const cuts = parts.map((part) => Math.floor((part / 10_000) * bytes.length));
          cuts.sort((a, b) => a - b);
          expect(await read(bytes, cuts, { isLent, method })).toEqual(whole);
          expect(await read(bytes, everywhere(bytes), { method })).toEqual(whole);
          events.add(whole.events.at(-1));
        },
      ),
      { seed: 67, numRuns },
    );
    expect(events).toContain("end");
    expect(events.has("MalformedResponse")).toBe(responses === wrongResponse);
  });
});

describe("#129 what is no response is none wherever it is cut", () => {
  const rows = MALFORMED.filter(({ held, bytes }) => held === "protocol" && bytes.length < 200);

  test.each(rows.map(({ what, bytes }) => [what, bytes] as const))("%s", async (_, bytes) => {
    for (const cut of everywhere(bytes)) {
      const { events, isKept } = await read(bytes, [cut]);
      expect([events.at(-1), isKept], `${cut}`).toEqual(["MalformedResponse", false]);
    }
  });

  test.each([
    ["another protocol", "ICY 200 OK", 1],
    ["HTTP/1.1 that is spelled otherwise", "HTTp/1.1", 4],
    ["half a line break before it", "\rHTTP/1.1", 2],
    ["a line feed before it", "\nHTTP/1.1", 1],
    ["a bare LF in the status line", "HTTP/1.1 200 O\nK", 15],
    ["a bare CR in the status line", "HTTP/1.1 200 O\rK", 16],
    ["a NUL in a header", `${OK}x: \0a`, OK.length + 4],
    ["a bare CR in a header", `${OK}x: a\rb`, OK.length + 6],
    ["a bare LF in a header", `${OK}x: a\nb`, OK.length + 5],
    ["a header that goes on in another line", `${OK}x: a\r\n b`, OK.length + 7],
    ["no digit of a size", `${CHUNKED}x`, CHUNKED.length + 1],
    ["a letter behind a size", `${CHUNKED}1x`, CHUNKED.length + 2],
    ["a line break for a size", `${CHUNKED}\r\n\r\n`, CHUNKED.length + 1],
    ["an extension and no size", `${CHUNKED};x\r\n\r\n`, CHUNKED.length + 1],
    ["a line break for the last size", `${CHUNKED}1\r\na\r\n\r\n\r\n`, CHUNKED.length + 7],
    ["a size of 17 digits", `${CHUNKED}00010000000000000000`, CHUNKED.length + 20],
    ["no line feed behind a size", `${CHUNKED}1\rx`, CHUNKED.length + 3],
    ["a control character in an extension", `${CHUNKED}1;\x01x`, CHUNKED.length + 3],
    ["too much data", `${CHUNKED}1\r\nabc`, CHUNKED.length + 5],
    ["no line feed behind data", `${CHUNKED}1\r\na\rb`, CHUNKED.length + 6],
    ["a NUL in a trailer", `${CHUNKED}0\r\nx: \0a`, CHUNKED.length + 7],
    ["a trailer that goes on in another line", `${CHUNKED}0\r\nx: a\r\n b`, CHUNKED.length + 10],
  ])("%s: as soon as it shows, which is not at its end", async (_what, bytes, shows) => {
    const before = bytes.slice(0, shows - 1);
    expect((await read(before, everywhere(before))).isKept).toBe(true);
    const { events } = await read(bytes.slice(0, shows), everywhere(bytes.slice(0, shows)));
    expect(events.at(-1)).toBe("MalformedResponse");
  });
});

describe("what may be long has its limit, in one piece and in many", () => {
  /** Text of so many bytes that is right for a head, or trailers: the lines and the empty one behind them. */
  function lines(length: number): string {
    const behind = "\r\n\r\n";
    return `x: ${"y".repeat(length - 3 - behind.length)}${behind}`;
  }

  /** In one piece, in pieces of so many bytes, and in two that are cut at the last byte. */
  function ways(bytes: string): number[][] {
    const thousands = everywhere(bytes).filter((at) => at % 1000 === 0);
    return [[], thousands, [bytes.length - 1]];
  }

  const cases: readonly (readonly [string, (over: number) => string, string])[] = [
    ["S29 a head", (over) => OK + lines(MOST + over - OK.length), "HeadTooLarge"],
    [
      "S29 a head behind empty lines",
      (over) => `\r\n\r\n${OK}${lines(MOST + over - OK.length)}`,
      "HeadTooLarge",
    ],
    [
      "S29 that of an interim response",
      (over) => `HTTP/1.1 103 Hi\r\n${lines(MOST + over - 17)}${OK}\r\n`,
      "HeadTooLarge",
    ],
    ["S42 trailers", (over) => `${CHUNKED}0\r\n${lines(MOST + over)}`, "HeadTooLarge"],
    [
      "S29 the extensions of a chunk",
      (over) => `${CHUNKED}0;${"y".repeat(16 * 1024 + over - 1)}\r\n\r\n`,
      "MalformedResponse",
    ],
    ["S29 the digits of a size", (over) => `${CHUNKED}000${"f".repeat(16 + over)}\r\n`, "MalformedResponse"],
  ];

  test.each(cases)("%s", async (_what, bytesOver, expected) => {
    for (const cuts of ways(bytesOver(0))) {
      const { events } = await read(bytesOver(0), cuts);
      expect(events).toContain("head 200");
      expect(events).not.toContain(expected);
    }
    for (const cuts of ways(bytesOver(1)))
      expect((await read(bytesOver(1), cuts)).events.at(-1)).toBe(expected);
  });

  test("S29 a head that comes with a long body is no long head", async () => {
    const body = "y".repeat(3 * MOST);
    const head = `${OK}x: ${"y".repeat(3000)}\r\ncontent-length: ${body.length}\r\n\r\n`;
    for (const cuts of [[], [10], [head.length - 2]]) {
      const { events, body: came } = await read(head + body, cuts);
      expect([events.at(-1), came.length]).toEqual(["end", body.length]);
    }
  });
});
