import { type Rule, rulesOf } from "./rule.ts";

const READING = [
  "transport/http1/cuts.test.ts",
  "transport/http1/llhttp.property.test.ts",
  "client/malformed.test.ts",
];
const KEPT = ["transport/http1/keep-alive.test.ts", "client/stale-connections.test.ts"];
const WRITING = ["transport/http1/writing.test.ts"];
const HEADS = ["transport/http1/request-head.test.ts"];

/** How HTTP/1.1 is read and written, and when its connections are kept. */
export const HTTP1_RULES: readonly Rule[] = [
  ...rulesOf("transport/http1/field-line.ts", READING, [
    ["no control character in a head", "if (UNFIT.test(text)) throw", "if (false) throw"],
    ["no bare CR in a head", "\\x80-\\xff]|\\r(?!\\n)|(?<!", "\\x80-\\xff]|(?<!"],
    ["no bare LF in a head", "|(?<!\\r)\\n|\\n(?=[\\t ])/", "|\\n(?=[\\t ])/"],
    ["a header ends with its line", "|\\n(?=[\\t ])/", "/"],
    ["no half of a line break in a status line", "if (BREAK.test(text)) throw", "if (false) throw"],
    ["a name is a token", "if (!isToken(raw)) throw", "if (false) throw"],
    ["a header has a colon", "if (colon < 0 || colon >= stop) throw", "if (false) throw"],
    [
      "white space before a value is none of it",
      "while (first < last && isBlank(text.charCodeAt(first))) first++;",
      "",
    ],
    [
      "white space behind a value is none of it",
      "while (last > first && isBlank(text.charCodeAt(last - 1))) last--;",
      "",
    ],
  ]),
  ...rulesOf("transport/http1/head-reader.ts", READING, [
    ["empty lines before a response are none of it", "at = afterEmptyLines(bytes, from, to);", "at = from;"],
    [
      "an empty line that is cut in two is one",
      "if (before === 1 && held[0] === CR && held[1] === LF) {",
      "if (false) {",
    ],
    [
      "a head has an end",
      "if (end < 0 ? size > HEADER_LIMIT : end + END.length > HEADER_LIMIT) throw new HeadTooLarge();",
      "",
    ],
    ["a head's end may be cut", "Math.max(0, before - END.length + 1)", "before"],
    ["what begins otherwise is none", "if (!BEGINNING.startsWith(beginning) && !isCut) {", "if (false) {"],
    [
      "what shows in a status line that is not whole",
      "checkStatusLine(line < 0 ? more : more.slice(0, line));",
      "",
    ],
    ["what shows in a head that is not whole", "checkCharacters(more.slice(line));", ""],
    ["headers are no status line", "this.#isPastStatus = true;", ""],
    [
      "a line break may be cut at its end",
      "this.#size - (held[this.#size - 1] === CR ? 1 : 0)",
      "this.#size",
    ],
    ["a line break may be cut at its beginning", "held[before - 1] === CR ? 1 : ", ""],
    ["a line that goes on may be cut from its own", "held[before - 1] === LF ? 2 : 0", "0"],
  ]),
  ...rulesOf(
    "transport/http1/head-reader.ts",
    ["client/network-errors.test.ts"],
    [["an answer in TLS is told as one", "isTls: beginning.startsWith(TLS_ALERT)", "isTls: false"]],
  ),
  ...rulesOf("transport/http1/response-head.ts", READING, [
    ["no other version", "if (!VERSIONS.has(version)) throw", "if (false) throw"],
    ["no half of a line break in a status line", "checkStatusLine(head.slice(0, lineEnd));", ""],
    ["no control character in headers", "checkCharacters(head.slice(lineEnd));", ""],
    ["a status is three digits from 100 on", "!(status >= 100) || ", ""],
    ["a status is no more than three digits", " || !isSpaced", ""],
    [
      "a reason is in UTF-8",
      '/[\\x80-\\xff]/.test(text) ? Buffer.from(text, "latin1").toString() : text',
      "text",
    ],
    ["lines of a name are one list", "value === undefined ? next : `${value}, ${next}`", "next"],
  ]),
  ...rulesOf("transport/http1/response-head.ts", KEPT, [
    ["HTTP/1.1 alone keeps its connections", 'version === "HTTP/1.1 "', "true"],
  ]),
  ...rulesOf("transport/http1/chunks.ts", READING, [
    ["a size is less than 2^64", "if (this.#left > 0 && ++this.#digits > MOST_DIGITS)", "if (false)"],
    ["zeros before a size are none of it", "this.#left > 0 && ++this.#digits", "++this.#digits"],
    ["a size has its own digits", "this.#digits = 0;\n      this.#place", "this.#place"],
    ["a size is there", "!this.#hasSize || (byte", "(byte"],
    ["a size is there before each chunk", "this.#hasSize = false;", ""],
    ["a size is hexadecimal digits", "(byte !== CR && byte !== SEMICOLON)", "false"],
    ["extensions have an end", "if (this.#text.length + stop - from > MOST_EXTENSIONS) {", "if (false) {"],
    ["no control character in extensions", "if (/[^\\t\\x20-\\x7e\\x80-\\xff]/.test(more))", "if (false)"],
    ["extensions are what they may be", "if (!EXTENSIONS.test(this.#text)) throw", "if (false) throw"],
    ["a line feed behind a size", "if (bytes[at++] !== LF) throw", "if (at++ < 0) throw"],
    ["a line break behind data", "if (bytes[at] !== (this.#isCut ? LF : CR))", "if (false)"],
    [
      "trailers have an end",
      "if ((end < 0 ? text.length : end + 4) > HEADER_LIMIT) throw new HeadTooLarge();",
      "",
    ],
    ["the end of trailers may be cut", "Math.max(0, before - 3)", "before"],
    [
      "what shows in trailers that are not whole",
      "checkCharacters(text.slice(first",
      "void (text.slice(first",
    ],
    ["no control character in trailers", "checkCharacters(trailers);", ""],
    ["no length behind a body", "if (fields.some(", "if (false && fields.some("],
  ]),
  ...rulesOf("transport/http1/message.ts", READING, [
    ["no other coding than chunks", "if (coding !== undefined) checkCoding(coding);", ""],
    ["chunks once", "(?:chunked|identity)?", "(?:chunked|identity|chunked, chunked)?"],
    ["a no-break space is no white space", "^(?:chunked|identity)?$", "^\\s*(?:chunked|identity)?\\s*$"],
    ["a length is looked at", "if (length !== undefined) checkLength(length);", ""],
    ["a length or a transfer coding", "if (coding !== undefined && length !== undefined)", "if (false)"],
    ["an answer to HEAD has no body", 'method === "HEAD" || ', ""],
    [
      "a 204 and a 304 have no body",
      ' || status === 204 || status === 304) return "none"',
      ') return "none"',
    ],
    ["a length is digits", "if (!/^\\d+$/.test(length))", "if (false)"],
    [
      "a length is less than 2^64",
      "digits.length > MOST.length || (digits.length === MOST.length && digits > MOST)",
      "false",
    ],
  ]),
  ...rulesOf("transport/http1/message.ts", KEPT, [
    ["HTTP/1.0 has no chunks", 'if (framing === "chunks" && !head.isCurrent) return false;', ""],
    ["a length of what has no body may be meant", "(length !== undefined && Number(length) > 0) || ", ""],
    ["chunks of what has no body may be meant", ' || head.header("transfer-encoding") !== undefined', ""],
    ["close is close", '!options.includes("close") && ', ""],
    ["HTTP/1.0 keeps what it says it keeps", ' || options.includes("keep-alive")', ""],
    [
      "HTTP/1.0 keeps nothing else",
      "if (said === undefined) return head.isCurrent;",
      "if (said === undefined) return true;",
    ],
    ["words of a list are trimmed", ".map((option) => option.trim())", ""],
    ["the server's word comes first", "if (said === undefined) return idleTimeout;", "return idleTimeout;"],
    ["and is kept well", "Number(seconds) * 1000 - THRESHOLD", "Number(seconds) * 1000"],
    [
      "and has an end",
      "Math.min(Number(seconds) * 1000 - THRESHOLD, LONGEST)",
      "(Number(seconds) * 1000 - THRESHOLD)",
    ],
    ["another word is another thing", "(?:^|[,;\\s])timeout", "timeout"],
  ]),
  ...rulesOf("transport/http1/request-head.ts", HEADS, [
    ["one Host", "if (named !== undefined) refuse(", "if (false) refuse("],
    ["one Content-Length", "if (announced !== undefined) refuse(", "if (false) refuse("],
    [
      "a Content-Length is digits",
      '/^\\d+$/.test(value) ? Number(value) : refuse("its',
      'true ? Number(value) : refuse("its',
    ],
    ["a Host of the request's own is taken", "named ?? host", "host"],
    ["close is the last", "isLast ||= ", "isLast &&= "],
    [
      "framing is not for the caller",
      "refuse(`the header ${name.toLowerCase()} is not for the caller to set`);",
      "break;",
    ],
    [
      "a body is as long as it is announced",
      "if (isWhole && announced !== undefined && announced !== length) {",
      "if (false) {",
    ],
    ["a length is in bytes", "Buffer.byteLength(whole)", "whole.length"],
    ["a server is not left waiting for a body", " || WITH_BODY.has(method)", ""],
    ["what has no body says nothing of it", "length > 0 || WITH_BODY.has(method)", "true"],
    ["a target is one word", "NO_TARGET.test(path) || ", ""],
    ["what is written is Latin-1", "UNFIT.test(text) || ", ""],
    ["a header is a line", " || countOf(text) !== count", ""],
  ]),
  ...rulesOf("transport/http1/http1-connection.ts", WRITING, [
    ["a large body is not copied", "length > SMALL", "false"],
    ["text beyond ASCII is no Latin-1", " && whole.length === length", ""],
    ["an empty piece is no end", "if (piece.length === 0) continue;", ""],
    ["no more than was announced", "if (announced !== undefined && sent > announced) {", "if (false) {"],
    ["no less than was announced", "if (announced !== undefined && sent < announced) {", "if (false) {"],
    ["no more than is taken", "if (!takesMore) await this.#whenDrained();", ""],
    [
      "no piece is an empty body",
      "if (head !== undefined) this.#begin(`${head}content-length",
      "if (false) this.#begin(`${head}content-length",
    ],
    ["who waits to write is told of the end", "this.#stopIdle();\n    this.#proceed();", "this.#stopIdle();"],
    ["what was not sent whole is the last", " && !this.#isSending", ""],
    ["what was not taken whole is the last", " && this.hasWritten) {", ") {"],
    [
      "what is given up as it begins is not sent",
      "if (this.#handler !== handler) return;\n    if (head.pieces",
      "if (head.pieces",
      "what is given up as it begins is not sent",
    ],
  ]),
  ...rulesOf("transport/http1/http1-connection.ts", READING, [
    ["no other protocol", "if (head.status === 101) throw", "if (false) throw"],
    ["what is lent is copied", "if (isLent) return copyOf(bytes, from, to);", ""],
    [
      "chunks of what is lent are copied",
      'case "chunks":\n          if (isLent) {',
      'case "chunks":\n          if (false) {',
    ],
    [
      "a body that is cut off is none",
      'if (this.#awaited === "all") this.#complete(false);',
      "if (this.#handler !== undefined) this.#complete(false);",
    ],
  ]),
  ...rulesOf("transport/http1/http1-connection.ts", KEPT, [
    [
      "what came meanwhile is seen first",
      "if (!this.#wasUsed || (this.#isHeard && at - this.#idleSince < FRESH)) this.#write(request, handler);\n    else ",
      "if (true) this.#write(request, handler);\n    else ",
    ],
    ["what was just heard is not looked at", " || (this.#isHeard && at - this.#idleSince < FRESH)", ""],
    ["what is new is not looked at", "!this.#wasUsed || (", "("],
    ["what may have more to say is looked at", "this.#isHeard && at", "at"],
    [
      "what was given up meanwhile is not written",
      "if (this.#request === request) this.#write",
      "this.#write",
    ],
    ["what was written is not given back", " || this.#isWritten) {", ") {"],
    ["what was not written is", "handler === undefined || this.#isWritten) {", "true) {"],
    ["a request that says so is the last", "this.#isKept = !head.isLast;", "this.#isKept = true;"],
    ["no time is no time", "this.#idleLimit > 0 && isKept", "isKept"],
    ["the response says whether there is another", " && isKept(head, framing);", ";"],
    ["what is behind a response ends it", "this.#isKept && isAll && ", "this.#isKept && "],
    ["what nobody asked for ends it", "this.#lose(new ConnectionEnded());\n          return;", "return;"],
    [
      "less time is less",
      "if (this.#idleTimer !== undefined && this.#idleLimit < this.#armedFor) this.#stopIdle();",
      "",
    ],
    ["no limit is no timer", "if (!Number.isFinite(ms)) return;", ""],
    [
      "what is under way is not ended",
      'if (this.#awaited !== "nothing" || this.#handler !== undefined) return;',
      "",
    ],
    ["it is idle since its last exchange", "if (left > 1) this.#limitIdle(left);\n        else ", ""],
  ]),
  ...rulesOf(
    "transport/http1/http1-connection.ts",
    ["client/unasked-answers.test.ts"],
    [
      [
        "what comes before a head is no answer to it",
        "    if (head.pieces !== undefined) void",
        '    this.#awaited = "head";\n    if (head.pieces !== undefined) void',
      ],
    ],
  ),
  ...rulesOf(
    "transport/connection.ts",
    ["client/unasked-answers.test.ts", "client/http2.test.ts"],
    [
      [
        "what cannot be sent needs no connection",
        "      handler.onResponseError(null, error);\n      return;",
        "      throw error;",
      ],
      ["what was not begun over HTTP/2 ends its connection", " || !this.#isJoined) {", ") {"],
    ],
  ),
];
