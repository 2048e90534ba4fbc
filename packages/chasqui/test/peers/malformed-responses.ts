/** What a server may send that is no HTTP, or almost none, and what is to come of it. */

/**
 * What comes of a response: `"ok"` (the status, and the body `ok`), `"empty"` (the status, and no body), `"protocol"` and
 * `"closed"` (a NetworkError of that kind), `"headers"` and `"idle"` (a TimeoutError of that phase), `"large"` (a
 * BodyTooLargeError), `"decode"` (a DecodeError).
 */
export type Outcome = "ok" | "empty" | "protocol" | "closed" | "headers" | "idle" | "large" | "decode";

/** One of them. */
export interface Malformed {
  readonly what: string;
  /** In Latin-1: a character a byte. */
  readonly bytes: string;
  /** While the connection stays open. */
  readonly held: Outcome;
  /** When the server ends it in good order behind the bytes. */
  readonly ended: Outcome;
}

type Row = readonly [what: string, bytes: string, held: Outcome, ended?: Outcome];

const OK = "HTTP/1.1 200 OK\r\n";
const TWO = "content-length: 2\r\n\r\nok";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const CHUNKS = "2\r\nok\r\n0\r\n\r\n";

const STATUS_LINES: readonly Row[] = [
  ["no reason phrase", `HTTP/1.1 200\r\n${TWO}`, "ok"],
  ["an empty reason phrase", `HTTP/1.1 200 \r\n${TWO}`, "ok"],
  ["#124 a status of three digits that nobody knows", `HTTP/1.1 999 Odd\r\n${TWO}`, "ok"],
  ["a status of two digits", `HTTP/1.1 99 X\r\n${TWO}`, "protocol"],
  ["a status below 100", `HTTP/1.1 099 X\r\n${TWO}`, "protocol"],
  ["the status 000", `HTTP/1.1 000 X\r\n${TWO}`, "protocol"],
  ["a status of four digits", `HTTP/1.1 1000 X\r\n${TWO}`, "protocol"],
  ["a status with a sign", `HTTP/1.1 +200 X\r\n${TWO}`, "protocol"],
  ["a status below zero", `HTTP/1.1 -200 X\r\n${TWO}`, "protocol"],
  ["a status with an exponent", `HTTP/1.1 2e2 X\r\n${TWO}`, "protocol"],
  ["a status with a fraction", `HTTP/1.1 200.0 X\r\n${TWO}`, "protocol"],
  ["a status that is a word", `HTTP/1.1 abc X\r\n${TWO}`, "protocol"],
  ["no status", `HTTP/1.1  OK\r\n${TWO}`, "protocol"],
  ["two spaces before the status", `HTTP/1.1  200 OK\r\n${TWO}`, "protocol"],
  ["a tab before the status", `HTTP/1.1\t200 OK\r\n${TWO}`, "protocol"],
  ["HTTP/1.0", `HTTP/1.0 200 OK\r\n${TWO}`, "ok"],
  // What a status line calls itself changes nothing of how it is read, and its connection is not kept.
  ["HTTP/0.9 in a status line", `HTTP/0.9 200 OK\r\n${TWO}`, "ok"],
  ["HTTP/2.0 in a status line", `HTTP/2.0 200 OK\r\n${TWO}`, "ok"],
  ["HTTP/1.2", `HTTP/1.2 200 OK\r\n${TWO}`, "protocol"],
  ["HTTP/3.0", `HTTP/3.0 200 OK\r\n${TWO}`, "protocol"],
  ["HTTP/9.9", `HTTP/9.9 200 OK\r\n${TWO}`, "protocol"],
  ["HTTP/1.10", `HTTP/1.10 200 OK\r\n${TWO}`, "protocol"],
  ["HTTP/1", `HTTP/1 200 OK\r\n${TWO}`, "protocol"],
  ["http in lower case", `http/1.1 200 OK\r\n${TWO}`, "protocol"],
  ["another protocol", `ICY 200 OK\r\n${TWO}`, "protocol"],
  ["HTTP/0.9, a body and no head", "<html>hello</html>", "protocol"],
  ["a request", "GET / HTTP/1.1\r\nhost: x\r\n\r\n", "protocol"],
  ["another server's greeting", "220 smtp.example.com ESMTP\r\n", "protocol"],
  ["TLS", "\x15\x03\x01\x00\x02\x02\x46", "protocol"],
  ["HTTP/2", "\x00\x00\x12\x04\x00\x00\x00\x00\x00", "protocol"],
  ["empty lines before the status line", `\r\n\r\n${OK}${TWO}`, "ok"],
  ["empty lines alone", "\r\n\r\n\r\n\r\n", "headers", "closed"],
  ["a space before the status line", ` ${OK}${TWO}`, "protocol"],
  ["a NUL before the status line", `\0${OK}${TWO}`, "protocol"],
  ["a bare CR in the reason phrase", `HTTP/1.1 200 O\rK\r\n${TWO}`, "protocol"],
  ["a bare LF behind the status line", `HTTP/1.1 200 OK\n${TWO}`, "protocol"],
];

const FIELDS: readonly Row[] = [
  ["a header without a colon", `${OK}x\r\n${TWO}`, "protocol"],
  ["an empty name", `${OK}: a\r\n${TWO}`, "protocol"],
  ["an empty value", `${OK}x:\r\n${TWO}`, "ok"],
  ["a space before the colon", `${OK}x : a\r\n${TWO}`, "protocol"],
  ["a tab before the colon", `${OK}x\t: a\r\n${TWO}`, "protocol"],
  ["a space before the colon of Content-Length", `${OK}content-length : 2\r\n\r\nok`, "protocol"],
  [
    "a space before the colon of Transfer-Encoding",
    `${OK}transfer-encoding : chunked\r\n\r\n${CHUNKS}`,
    "protocol",
  ],
  ["a space in a name", `${OK}x y: a\r\n${TWO}`, "protocol"],
  ["a tab in a name", `${OK}x\ty: a\r\n${TWO}`, "protocol"],
  ["a NUL in a name", `${OK}x\0y: a\r\n${TWO}`, "protocol"],
  ["a CR in a name", `${OK}x\ry: a\r\n${TWO}`, "protocol"],
  ["a separator in a name", `${OK}x(y): a\r\n${TWO}`, "protocol"],
  ["a name beyond ASCII", `${OK}x\xe9y: a\r\n${TWO}`, "protocol"],
  ["a NUL in a value", `${OK}x: a\0b\r\n${TWO}`, "protocol"],
  ["a control character in a value", `${OK}x: a\x01b\r\n${TWO}`, "protocol"],
  ["an escape in a value", `${OK}x: a\x1b[2Jb\r\n${TWO}`, "protocol"],
  ["a DEL in a value", `${OK}x: a\x7fb\r\n${TWO}`, "protocol"],
  ["a tab in a value", `${OK}x: a\tb\r\n${TWO}`, "ok"],
  ["bytes beyond ASCII in a value", `${OK}x: a\xe9b\r\n${TWO}`, "ok"],
  ["a bare CR in a value", `${OK}x: a\rb\r\n${TWO}`, "protocol"],
  ["a bare LF in a value", `${OK}x: a\nset-cookie: b=c\r\n${TWO}`, "protocol"],
  ["two CRs behind a value", `${OK}x: a\r\r\n${TWO}`, "protocol"],
  ["bare LFs alone", `HTTP/1.1 200 OK\ncontent-length: 2\n\nok`, "protocol"],
  ["bare CRs alone", `HTTP/1.1 200 OK\rcontent-length: 2\r\rok`, "protocol"],
  ["a bare LF behind the last header", `${OK}content-length: 2\n\r\nok`, "protocol"],
  ["a bare LF as the empty line", `${OK}content-length: 2\r\n\nok`, "protocol"],
  ["a space as the empty line", `${OK}content-length: 2\r\n \r\nok`, "protocol"],
  ["a folded value", `${OK}x: a\r\n b\r\n${TWO}`, "protocol"],
  ["a value folded by a tab", `${OK}x: a\r\n\tb\r\n${TWO}`, "protocol"],
  ["a fold before the first header", `${OK} x: a\r\n${TWO}`, "protocol"],
  ["a folded Content-Length", `${OK}content-length:\r\n 2\r\n\r\nok`, "protocol"],
  ["a folded Transfer-Encoding", `${OK}transfer-encoding:\r\n chunked\r\n\r\n${CHUNKS}`, "protocol"],
  ["commas alone in Connection", `${OK}connection: ,,,\r\n${TWO}`, "ok"],
  ["a Keep-Alive of 300,000 years", `${OK}keep-alive: timeout=9999999999999\r\n${TWO}`, "ok"],
  ["a Keep-Alive below zero", `${OK}keep-alive: timeout=-1\r\n${TWO}`, "ok"],
];

const LENGTHS: readonly Row[] = [
  [
    "S67 two lengths, in names of other case",
    `${OK}content-length: 1\r\nContent-Length: 2\r\n\r\nok`,
    "protocol",
  ],
  ["two lengths, the larger first", `${OK}content-length: 3\r\ncontent-length: 2\r\n\r\nok`, "protocol"],
  ["one length twice", `${OK}content-length: 2\r\ncontent-length: 2\r\n\r\nok`, "protocol"],
  ["a list of lengths", `${OK}content-length: 2, 3\r\n\r\nok`, "protocol"],
  ["a list of one length twice", `${OK}content-length: 2, 2\r\n\r\nok`, "protocol"],
  ["a length with a sign", `${OK}content-length: +2\r\n\r\nok`, "protocol"],
  ["a length below zero", `${OK}content-length: -2\r\n\r\nok`, "protocol"],
  ["a hexadecimal length", `${OK}content-length: 0x2\r\n\r\nok`, "protocol"],
  ["a length with a fraction", `${OK}content-length: 2.0\r\n\r\nok`, "protocol"],
  ["a length with an exponent", `${OK}content-length: 2e0\r\n\r\nok`, "protocol"],
  ["a length with a space in it", `${OK}content-length: 2 2\r\n\r\nok`, "protocol"],
  ["a length in quotes", `${OK}content-length: "2"\r\n\r\nok`, "protocol"],
  ["a length with a param", `${OK}content-length: 2;x\r\n\r\nok`, "protocol"],
  ["a length with an underscore", `${OK}content-length: _2\r\n\r\nok`, "protocol"],
  ["a length that is a word", `${OK}content-length: two\r\n\r\nok`, "protocol"],
  ["a length of other digits", `${OK}content-length: \xd9\xa2\r\n\r\nok`, "protocol"],
  ["an empty length", `${OK}content-length:\r\n\r\nok`, "protocol"],
  ["a length with a NUL", `${OK}content-length: 2\0\r\n\r\nok`, "protocol"],
  ["a length of 2^64 + 2", `${OK}content-length: 18446744073709551618\r\n\r\nok`, "protocol"],
  ["a length of 26 digits", `${OK}content-length: 99999999999999999999999999\r\n\r\nok`, "protocol"],
  ["a length of 2^63", `${OK}content-length: 9223372036854775808\r\n\r\nok`, "large"],
  ["a length of 2^53 + 1", `${OK}content-length: 9007199254740993\r\n\r\nok`, "large"],
  // White space around a value is no part of it (RFC 9110 5.5).
  ["a space behind a length", `${OK}content-length: 2 \r\n\r\nok`, "ok"],
  ["zeros before a length", `${OK}content-length: 0002\r\n\r\nok`, "ok"],
  ["a length that is too long", `${OK}content-length: 3\r\n\r\nok`, "idle", "closed"],
  [
    "a length and chunks",
    `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`,
    "protocol",
  ],
  [
    "chunks and a length",
    `${OK}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n${CHUNKS}`,
    "protocol",
  ],
  [
    "a length of 0 and chunks",
    `${OK}content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`,
    "protocol",
  ],
  ["a length and no coding", `${OK}transfer-encoding: identity\r\n${TWO}`, "protocol"],
];

const CODINGS: readonly Row[] = [
  ["chunks in capitals", `${OK}Transfer-Encoding: CHUNKED\r\n\r\n${CHUNKS}`, "ok"],
  [
    "chunked in two lines",
    `${OK}transfer-encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    "protocol",
  ],
  ["chunked twice in one line", `${OK}transfer-encoding: chunked, chunked\r\n\r\n${CHUNKS}`, "protocol"],
  [
    "gzip within chunks, as a transfer coding",
    `${OK}transfer-encoding: gzip, chunked\r\n\r\n${CHUNKS}`,
    "protocol",
  ],
  ["gzip around chunks", `${OK}transfer-encoding: chunked, gzip\r\n\r\n${CHUNKS}`, "protocol"],
  ["gzip as a transfer coding", `${OK}transfer-encoding: gzip\r\n\r\nok`, "protocol"],
  ["chunked and identity", `${OK}transfer-encoding: chunked, identity\r\n\r\n${CHUNKS}`, "protocol"],
  ["a coding that nobody knows", `${OK}transfer-encoding: xchunked\r\n\r\n${CHUNKS}`, "protocol"],
  ["chunked with a letter more", `${OK}transfer-encoding: chunkedx\r\n\r\n${CHUNKS}`, "protocol"],
  ["chunked with a param", `${OK}transfer-encoding: chunked;x=1\r\n\r\n${CHUNKS}`, "protocol"],
  ["chunked in quotes", `${OK}transfer-encoding: "chunked"\r\n\r\n${CHUNKS}`, "protocol"],
  ["chunked behind a control character", `${OK}transfer-encoding: \x0bchunked\r\n\r\n${CHUNKS}`, "protocol"],
  ["chunked behind a no-break space", `${OK}transfer-encoding: \xa0chunked\r\n\r\n${CHUNKS}`, "protocol"],
  ["chunked before a no-break space", `${OK}transfer-encoding: chunked\xa0\r\n\r\n${CHUNKS}`, "protocol"],
  ["an empty coding", `${OK}transfer-encoding:\r\n\r\nok`, "idle", "ok"],
  ["the coding identity", `${OK}transfer-encoding: identity\r\n\r\nok`, "idle", "ok"],
  ["chunks of HTTP/1.0", `HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`, "ok"],
  ["gzip that is none", `${OK}content-encoding: gzip\r\n${TWO}`, "decode"],
  ["six codings", `${OK}content-encoding: gzip,gzip,gzip,gzip,gzip,gzip\r\n${TWO}`, "decode"],
];

const CHUNK_ROWS: readonly Row[] = [
  ["zeros before a size", `${CHUNKED}${"0".repeat(100)}2\r\nok\r\n000\r\n\r\n`, "ok"],
  ["a size below zero", `${CHUNKED}-2\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a size with a sign", `${CHUNKED}+2\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a size with 0x", `${CHUNKED}0x2\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a size that is no number", `${CHUNKED}g\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["no size", `${CHUNKED}\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["no size, and an end", `${CHUNKED}\r\n\r\n`, "protocol"],
  ["no last size", `${CHUNKED}2\r\nok\r\n\r\n\r\n`, "protocol"],
  ["an extension and no size", `${CHUNKED};x\r\n\r\n`, "protocol"],
  ["a space before a size", `${CHUNKED} 2\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a space behind a size", `${CHUNKED}2 \r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a tab behind a size", `${CHUNKED}2\t\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a size of 2^64 + 2", `${CHUNKED}10000000000000002\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a size of 2^64 - 1", `${CHUNKED}ffffffffffffffff\r\nok\r\n0\r\n\r\n`, "idle", "closed"],
  ["a size of 2^63 - 1", `${CHUNKED}7fffffffffffffff\r\nok\r\n0\r\n\r\n`, "idle", "closed"],
  ["a bare LF behind a size", `${CHUNKED}2\nok\r\n0\r\n\r\n`, "protocol"],
  ["a bare CR behind a size", `${CHUNKED}2\rok\r\n0\r\n\r\n`, "protocol"],
  ["a bare LF behind a chunk", `${CHUNKED}2\r\nok\n0\r\n\r\n`, "protocol"],
  ["nothing behind a chunk", `${CHUNKED}2\r\nok0\r\n\r\n`, "protocol"],
  ["a chunk that is longer than its size", `${CHUNKED}2\r\nokk\r\n0\r\n\r\n`, "protocol"],
  ["a chunk that is shorter than its size", `${CHUNKED}3\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["an extension", `${CHUNKED}2;x=y\r\nok\r\n0;z\r\n\r\n`, "ok"],
  ["an extension in quotes", `${CHUNKED}2;x="y z"\r\nok\r\n0\r\n\r\n`, "ok"],
  ["a line break in an extension's quotes", `${CHUNKED}2;x="a\r\nb"\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a bare LF in an extension", `${CHUNKED}2;\nxx\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["a NUL in an extension", `${CHUNKED}2;x=\0\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["garbage for an extension", `${CHUNKED}2;;;=,@\r\nok\r\n0\r\n\r\n`, "protocol"],
  ["no last line", `${CHUNKED}2\r\nok\r\n0\r\n`, "idle", "closed"],
  ["no last chunk", `${CHUNKED}2\r\nok\r\n`, "idle", "closed"],
  ["bare LFs at the end", `${CHUNKED}2\r\nok\r\n0\n\n`, "protocol"],
  ["a trailer", `${CHUNKED}2\r\nok\r\n0\r\nx-t: 1\r\n\r\n`, "ok"],
  ["a length as a trailer", `${CHUNKED}2\r\nok\r\n0\r\ncontent-length: 99\r\n\r\n`, "protocol"],
  ["a trailer without a colon", `${CHUNKED}2\r\nok\r\n0\r\nxt\r\n\r\n`, "protocol"],
  ["a folded trailer", `${CHUNKED}2\r\nok\r\n0\r\nx: a\r\n b\r\n\r\n`, "protocol"],
  ["a NUL in a trailer", `${CHUNKED}2\r\nok\r\n0\r\nx: a\0b\r\n\r\n`, "protocol"],
  ["a bare LF in a trailer", `${CHUNKED}2\r\nok\r\n0\r\nx: a\ny: b\r\n\r\n`, "protocol"],
];

const BODIES: readonly Row[] = [
  ["a 204 with a length and a body", `HTTP/1.1 204 No Content\r\n${TWO}`, "empty"],
  ["a 204 with a body", "HTTP/1.1 204 No Content\r\n\r\nok", "empty"],
  ["a 204 with chunks", `HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`, "empty"],
  ["a 304 with a body", `HTTP/1.1 304 Not Modified\r\n${TWO}`, "empty"],
  ["a 304 with chunks", `HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`, "empty"],
  ["a length of 0 and a body", `${OK}content-length: 0\r\n\r\nok`, "empty"],
  ["a body up to the end of the connection", `${OK}\r\nok`, "idle", "ok"],
  ["the same of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok", "idle", "ok"],
  ["nothing at all", "", "headers", "closed"],
];

const INTERIM: readonly Row[] = [
  ["a 102 before the response", `HTTP/1.1 102 Processing\r\n\r\n${OK}${TWO}`, "ok"],
  ["a 103 with a length", `HTTP/1.1 103 Early Hints\r\ncontent-length: 2\r\n\r\n${OK}${TWO}`, "ok"],
  ["a 103 with chunks", `HTTP/1.1 103 Early Hints\r\ntransfer-encoding: chunked\r\n\r\n${OK}${TWO}`, "ok"],
  ["a 199 before the response", `HTTP/1.1 199 Odd\r\n\r\n${OK}${TWO}`, "ok"],
  ["a 103 and nothing more", "HTTP/1.1 103 Early Hints\r\n\r\n", "headers", "closed"],
  ["a 103 with a bad header", "HTTP/1.1 103 Early Hints\r\nx y: z\r\n\r\n", "protocol"],
  ["32 interim responses", `${"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(32)}${OK}${TWO}`, "ok"],
  ["33 interim responses", `${"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(33)}${OK}${TWO}`, "protocol"],
  ["a 100 that nobody asked for", `HTTP/1.1 100 Continue\r\n\r\n${OK}${TWO}`, "ok"],
  ["33 of them", `${"HTTP/1.1 100 Continue\r\n\r\n".repeat(33)}${OK}${TWO}`, "protocol"],
  ["a 101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "protocol"],
  [
    "a 101 to another protocol",
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\x81\x05hello",
    "protocol",
  ],
  ["a 200 that names another protocol", `${OK}connection: upgrade\r\nupgrade: h2c\r\n${TWO}`, "ok"],
];

/** All of them. */
export const MALFORMED: readonly Malformed[] = [
  ...STATUS_LINES,
  ...FIELDS,
  ...LENGTHS,
  ...CODINGS,
  ...CHUNK_ROWS,
  ...BODIES,
  ...INTERIM,
].map(([what, bytes, held, ended = held]) => ({ what, bytes, held, ended }));
