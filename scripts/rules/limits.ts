import { type Rule, rulesOf } from "./rule.ts";

const ANSWERS = [
  "client/timeouts.test.ts",
  "client/network-errors.test.ts",
  "client/responses.test.ts",
  "client/redirects.test.ts",
  "client/malformed.test.ts",
];
const DECODING = ["transport/content-decoding.test.ts", "client/responses.test.ts", "client/streams.test.ts"];
const RECORDS = ["response/lines.test.ts", "response/records.property.test.ts", "client/streams.test.ts"];

/** What of a response is too much, and what is none. */
export const LIMIT_RULES: readonly Rule[] = [
  ...rulesOf(
    "response/content-encoding-chain.ts",
    ["response/content-encoding-chain.test.ts", ...ANSWERS],
    [
      ["at most five codings", "if (names.length === MOST_LAYERS) {", "if (false) {"],
      [
        "identity is no coding",
        'if (name === "" || name === "identity") continue;',
        'if (name === "") continue;',
      ],
    ],
  ),
  ...rulesOf("transport/flight.ts", ANSWERS, [
    ["interim responses end", "if (this.#interim > INTERIM_LIMIT) this.#refuse(", "if (false) this.#refuse("],
    ["a body that nobody wants is not read to its end", "if (this.#size > DISCARD_LIMIT) this.#drop();", ""],
    [
      "nor begun where it is said to be long",
      'if (plan.mode === "discard" && length > DISCARD_LIMIT) this.#drop();\n    else',
      "",
    ],
    [
      "a body that is too large ends the exchange",
      "if (this.#size > this.#most()) this.#tooLarge();\n    else this.#keep(chunk);",
      "this.#keep(chunk);",
    ],
    [
      "a body that is said to be too large is not begun",
      'else if (plan.mode === "buffer" && length > this.#most()) this.#tooLarge();',
      "",
    ],
  ]),
  ...rulesOf(
    "transport/gathered-body.ts",
    ["transport/gathered-body.test.ts"],
    [
      [
        "memory is for who has sent a part of it",
        "this.#announced <= this.#size * TRUSTED",
        "this.#announced > 0",
        "gets no memory for what a server announces and does not send",
      ],
      [
        "what was announced may be wrong",
        "if (this.#size > this.#announced) this.#partAgain(from);\n    else if",
        "if",
        "is the pieces one after the other, whatever was announced",
      ],
      [
        "very many pieces are not an object each",
        "piece.length < SMALL && this.#pieces.length >= FEW",
        "false",
      ],
      [
        "a piece holds nothing beside it",
        "this.#pieces.push(this.#held.kept(piece));",
        "this.#pieces.push(piece);",
      ],
      [
        "what was copied comes first",
        "else {\n      this.#endBlock();",
        "else {",
        "small and large ones in turn",
      ],
    ],
  ),
  ...rulesOf(
    "transport/body-queue.ts",
    ["transport/read-memory.test.ts", "transport/body-queue.test.ts"],
    [
      ["a piece holds nothing beside it", "this.#held.kept(piece);", "piece;"],
      ["very many pieces are not an object each", "if (this.#waiting.length >= MANY)", "if (false)"],
    ],
  ),
  ...rulesOf(
    "transport/read-memory.ts",
    ["transport/read-memory.test.ts"],
    [
      [
        "what all read into is read out of at once",
        "if (read === shared) {",
        "if (false) {",
        "who kept the piece sees nothing",
      ],
      [
        "memory is given back by a piece that is all of it",
        "piece.length !== this.#size || ",
        "",
        "is not given back by a part of a piece",
      ],
      [
        "memory is given back where it was given",
        " || !this.#given.delete(buffer)",
        "",
        "nor taken from elsewhere",
      ],
      [
        "who kept a piece sees nothing of the next",
        "Buffer.from(buffer.transfer())",
        "piece",
        "who kept the piece sees nothing",
      ],
    ],
  ),
  ...rulesOf(
    "transport/flight.ts",
    ["client/timeouts.test.ts"],
    [
      [
        "a body that nobody wants has a second",
        'if (plan.mode === "discard") this.#dropIn(DISCARD_TIME);\n    else',
        "",
      ],
      ["the headers have their time", 'this.#watch("headers", timeouts.headers, timing.sentAt);', ""],
      [
        "a pause in the body has its time",
        'else this.#watch("idle", ',
        'else if (false) this.#watch("idle", ',
      ],
      [
        "each piece begins the pause anew",
        "if (this.#timer !== undefined && !isOver) this.#lastByte = this.#clock.now();",
        "",
      ],
      ["a slow reader is no silent server", "if (this.#incoming?.queue.paused) this.#lastByte = now;", ""],
    ],
  ),
  ...rulesOf(
    "transport/ended-connection.ts",
    ["client/stale-connections.test.ts", "client/network-errors.test.ts"],
    [
      [
        "what may not be sent twice is not",
        "|| !IDEMPOTENT.includes(method)) return false;",
        ") return false;",
      ],
      [
        "what was answered is not sent anew",
        "if (!connection.reused || !connection.silent ||",
        "if (!connection.reused ||",
      ],
      [
        "what failed on a new connection is not sent anew",
        "if (!connection.reused || !connection.silent ||",
        "if (!connection.silent ||",
      ],
    ],
  ),
  ...rulesOf("transport/undici-client.ts", ANSWERS, [
    ["headers have an end", "maxHeaderSize: HEADER_LIMIT,", "maxHeaderSize: 1e9,"],
  ]),
  ...rulesOf("transport/network-failure.ts", ANSWERS, [
    [
      "headers that are too large are said to be so",
      'if (error instanceof HeadTooLarge || code === "UND_ERR_HEADERS_OVERFLOW") {',
      "if (false) {",
    ],
  ]),
  ...rulesOf("transport/content-decoding.ts", DECODING, [
    [
      "what is decoded on the spot has a limit",
      "maxOutputLength: Math.max(1, Math.min(limit, SYNC_OUTPUT))",
      "maxOutputLength: 1e9",
    ],
    ["each layer has a limit", "if (size > limit) throw new BodyTooLargeError(maxBytes);", ""],
    ["a plain body has a limit", "if (this.#size <= this.#maxBytes) return;", "return;"],
    ["the last layer has the body's own", "return index === codings.length - 1 ? maxBytes :", "return"],
    ["no bytes are none under any coding", "if (decoded.length === 0) return decoded;", ""],
    [
      "a coding that is not known stays on",
      'if (name !== "gzip" && name !== "deflate" && name !== "br" && name !== "zstd") break;',
      'if (name !== "gzip" && name !== "deflate" && name !== "br" && name !== "zstd") continue;',
    ],
    ["bare deflate is deflate", "(isZlib(start) ? createInflate : createInflateRaw)", "createInflate"],
  ]),
  ...rulesOf("transport/gzip.ts", DECODING, [
    ["a checksum is checked", "if (view.getUint32(0, true) !== crc)", "if (false)"],
    ["a length is checked", "if (view.getUint32(4, true) !== size % 2 ** 32)", "if (false)"],
    [
      "a member that is cut short is none",
      "if (trailer.length < TRAILER) throw cutShort();",
      "if (trailer.length < TRAILER) return;",
    ],
    ["what follows the members is nothing", "if (member === 0) throw undecodable", "throw undecodable"],
  ]),
  ...rulesOf("transport/decompress.ts", DECODING, [
    [
      "thousands of empty parts are refused",
      "if (parts > MOST_PARTS && size < parts * SMALL_PART) {",
      "if (false) {",
    ],
  ]),
  ...rulesOf("transport/zstd.ts", DECODING, [
    ["a window has an end", "[constants.ZSTD_d_windowLogMax]: 23", "[constants.ZSTD_d_windowLogMax]: 27"],
  ]),
  ...rulesOf("response/lines.ts", RECORDS, [
    ["a line that comes in pieces has an end", "if (this.#bytes > this.#maxRecord) {", "if (false) {"],
    ["a line that comes whole has an end", "if (tooLong >= 0) {", "if (false) {"],
    ["CRLF in two pieces is one end", "if (text.charCodeAt(0) === LF) from = 1;", ""],
  ]),
  ...rulesOf(
    "response/events.ts",
    ["response/records.property.test.ts", "client/events.test.ts"],
    [
      [
        "the data of an event have an end",
        "if (this.#size - 1 > maxRecord) this.failure",
        "if (false) this.failure",
      ],
      [
        "events are of their type",
        "if (status !== 204 && !isEventStream(contentType)) {",
        "if (false) {",
        "is a DecodeError that says what came, and frees the connection",
      ],
      [
        "an id with a NUL is none",
        'if (!value.includes("\\0")) this.#id = value;',
        "this.#id = value;",
        "an id with a NUL is none",
      ],
      ["a wait is digits", "&& /^[0-9]+$/.test(value))", ")", "which only digits can be"],
    ],
  ),
  ...rulesOf(
    "response/ndjson.ts",
    ["response/records.property.test.ts", "client/ndjson.test.ts"],
    [
      [
        "a bad line does not quote itself",
        "...(error instanceof SyntaxError ? {} : { cause: error }),\n          ...(text",
        "cause: error,\n          ...(text",
        "by its number and without quoting it",
      ],
    ],
  ),
];
