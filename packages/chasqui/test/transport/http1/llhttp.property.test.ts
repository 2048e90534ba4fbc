import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answer, OwnConnection, requestOf } from "../../peers/http1-exchange.ts";
import { nodeHttp } from "../../peers/node-http.ts";
import { serveRaw } from "../../peers/raw-server.ts";
import { response, wrongResponse } from "../../peers/response-bytes.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** What we take and llhttp does not: on all else both agree. */
const WE_TAKE: readonly (readonly [what: string, bytes: string, sign: RegExp])[] = [
  [
    "white space around the extensions of a chunk, which recipients put up with (RFC 9112 7.1.1)",
    `${CHUNKED}2; x = y\r\nok\r\n0\r\n\r\n`,
    /^[0-9a-f]+;[^\r\n]*[\t ]/im,
  ],
  [
    "an empty Transfer-Encoding, which names no coding",
    `${OK}transfer-encoding: \r\n\r\nok`,
    /^transfer-encoding:[\t ]*\r$/im,
  ],
  [
    "an interim response that says it is the last, which it cannot be",
    `HTTP/1.1 103 Early Hints\r\nconnection: close\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
    /^HTTP\/1\.1 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*connection:[^\r\n]*close/im,
  ],
  [
    "an interim response of HTTP/1.0, which keeps no connection",
    `HTTP/1.0 103 Early Hints\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
    /^HTTP\/(?!1\.1)\d\.\d 1\d\d/m,
  ],
];

/** What llhttp takes and we do not, beside all that is strange within a transfer coding. */
const THEY_TAKE: readonly (readonly [what: string, bytes: string])[] = [
  ["half a line break before the status line", `\n${OK}content-length: 2\r\n\r\nok`],
  ["chunks twice", `${OK}transfer-encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
  ["chunks within gzip", `${OK}transfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
];

/** What both make of the same bytes, behind which the server ends the connection. */
async function both(bytes: string, method: string): Promise<readonly [Answer | Error, Answer | Error]> {
  await using server = await serveRaw((socket) => void socket.end(bytes, "latin1"));
  return await compared(server.port, method);
}

async function compared(port: number, method: string): Promise<readonly [Answer | Error, Answer | Error]> {
  await using connection = await OwnConnection.open(port);
  const [ours, theirs] = await Promise.all([
    connection.send(requestOf({ method })).outcome,
    nodeHttp(port, method),
  ]);
  return [ours, theirs];
}

describe("#128 S67 what is taken for a response llhttp reads as the same one: status, headers, body", () => {
  test.each([
    ["right ones", "GET", response, 250, [190, 0]],
    ["right ones of HEAD", "HEAD", response, 80, [60, 0]],
    ["wrong ones", "GET", wrongResponse, 1500, [200, 500]],
    ["wrong ones of HEAD", "HEAD", wrongResponse, 400, [50, 150]],
  ] as const)("%s", async (_what, method, responses, numRuns, [taken, refused]) => {
    let bytes = "";
    await using server = await serveRaw((socket) => void socket.end(bytes, "latin1"));
    const seen = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(responses, async (given) => {
        bytes = given;
        const [ours, theirs] = await compared(server.port, method);
        if (ours instanceof Error) {
          // What is right is taken.
          expect(responses).toBe(wrongResponse);
          if (theirs instanceof Error) seen.refused++;
          return;
        }
        if (WE_TAKE.some(([, , sign]) => sign.test(given))) return;
        expect(theirs).toEqual(ours);
        seen.taken++;
      }),
      { seed: 9112, numRuns },
    );
    // Else it would have compared nothing.
    expect(seen.taken).toBeGreaterThanOrEqual(taken);
    expect(seen.refused).toBeGreaterThanOrEqual(refused);
  });

  test.each(WE_TAKE)("we alone take %s", async (_what, bytes, sign) => {
    expect(bytes).toMatch(sign);
    const [ours, theirs] = await both(bytes, "GET");
    expect(ours).toMatchObject({ status: 200, body: "ok" });
    expect(theirs).toBeInstanceOf(Error);
  });

  test.each(THEY_TAKE)("llhttp alone takes %s", async (_what, bytes) => {
    const [ours, theirs] = await both(bytes, "GET");
    expect(ours).toMatchObject({ name: "MalformedResponse" });
    expect(theirs).not.toBeInstanceOf(Error);
  });

  test.each([
    ["white space around a length", `${OK}content-length: \t2 \r\n\r\nok`],
    ["control characters in a reason phrase", "HTTP/1.1 200 a\x01\x7fb\r\ncontent-length: 2\r\n\r\nok"],
    ["a reason phrase in UTF-8", "HTTP/1.1 200 \xc3\xa9\r\ncontent-length: 2\r\n\r\nok"],
    ["no reason phrase", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok"],
    ["chunks of HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
  ])("both take %s", async (_what, bytes) => {
    const [ours, theirs] = await both(bytes, "GET");
    expect(ours).toMatchObject({ status: 200, body: "ok" });
    expect(theirs).toEqual(ours);
  });

  test.each([
    ["a 204 with a length and chunks", "GET", "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n"],
    ["a 304 with a length and chunks", "GET", "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n"],
    ["an answer to HEAD with a length and chunks", "HEAD", `${OK}content-length: 5\r\n`],
    ["an interim response with a length and chunks", "GET", "HTTP/1.1 103 Hints\r\ncontent-length: 5\r\n"],
  ])("both refuse %s, though it has no body", async (_what, method, head) => {
    const behind = head.includes("103") ? `${OK}\r\n` : "";
    const [ours, theirs] = await both(`${head}transfer-encoding: chunked\r\n\r\n${behind}`, method);
    expect(ours).toMatchObject({ name: "MalformedResponse" });
    expect(theirs).toBeInstanceOf(Error);
  });

  test.each([
    ["that is no number", "content-length: 2x\r\n"],
    ["that is there twice", "content-length: 2\r\ncontent-length: 2\r\n"],
  ])("both refuse an interim response with a length %s", async (_what, lines) => {
    const [ours, theirs] = await both(`HTTP/1.1 103 Hints\r\n${lines}\r\n${OK}\r\n`, "GET");
    expect(ours).toMatchObject({ name: "MalformedResponse" });
    expect(theirs).toBeInstanceOf(Error);
  });
});
