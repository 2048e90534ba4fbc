import fc from "fast-check";

/** Bytes of a response, in Latin-1: a character a byte. */
type Bytes = fc.Arbitrary<string>;

function byte(min: number, max: number): Bytes {
  return fc.integer({ min, max }).map((code) => String.fromCharCode(code));
}

/** Texts one behind the other. */
function inTurn(...parts: Bytes[]): Bytes {
  return fc.tuple(...parts).map((texts) => texts.join(""));
}

const blank = fc.constantFrom("", " ", "  ", "\t", " \t");
const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}$/);
const text = fc.string({
  unit: fc.oneof(
    { weight: 8, arbitrary: byte(0x21, 0x7e) },
    { weight: 2, arbitrary: fc.constantFrom(" ", "\t", "\xe9", "\xff") },
  ),
  maxLength: 8,
});
const data = fc.string({ unit: byte(0, 255), minLength: 1, maxLength: 20 });

const field = inTurn(token, fc.constant(":"), blank, text, blank, fc.constant("\r\n"));
const known = fc.constantFrom(
  "Connection: keep-alive\r\n",
  "Connection: close\r\n",
  "Connection:\r\n",
  "Keep-Alive: timeout=5\r\n",
  "Connection: upgrade\r\nUpgrade: h2c\r\n",
  "Set-Cookie: a=b\r\nset-cookie: c=d\r\n",
);
const fields = fc
  .array(fc.oneof({ weight: 3, arbitrary: field }, { weight: 1, arbitrary: known }), { maxLength: 3 })
  .map((lines) => lines.join(""));

const value = fc.oneof(
  token,
  text.map((quoted) => `"${quoted.replace(/["\\]/g, "\\$&")}"`),
);
const extension = inTurn(
  fc.constant(";"),
  blank,
  token,
  fc.oneof(fc.constant(""), inTurn(blank, fc.constant("="), blank, value)),
);
const extensions = fc.oneof(
  { weight: 5, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: extension },
  { weight: 1, arbitrary: inTurn(extension, extension) },
);
const zeros = fc.constantFrom("", "", "0", "000");
const chunk = fc.tuple(zeros, data, fc.boolean(), extensions).map(([before, content, isUpper, behind]) => {
  const size = content.length.toString(16);
  return `${before}${isUpper ? size.toUpperCase() : size}${behind}\r\n${content}\r\n`;
});
const chunks = inTurn(
  fc.array(chunk, { maxLength: 4 }).map((all) => all.join("")),
  zeros.map((more) => `0${more}`),
  extensions,
  fc.constant("\r\n"),
  fields,
  fc.constant("\r\n"),
);

/** A line that says how a body is framed, and the body. */
type Framed = readonly [line: string, body: string];

const framed: fc.Arbitrary<Framed> = fc.oneof(
  fc
    .tuple(fc.oneof(fc.constant(""), data), blank, zeros, blank)
    .map(
      ([body, before, more, behind]): Framed => [
        `Content-Length:${before}${more}${body.length}${behind}\r\n`,
        body,
      ],
    ),
  fc.tuple(fc.constantFrom("Transfer-Encoding: chunked\r\n", "transfer-encoding:CHUNKED\r\n"), chunks),
  data.map((body): Framed => ["", body]),
);
const interim = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: inTurn(
      fc.constantFrom("100 Continue", "103 Early Hints", "102", "199 X").map((it) => `HTTP/1.1 ${it}\r\n`),
      fields,
      fc.constant("\r\n"),
    ),
  },
);
const statusLine = inTurn(
  fc.constantFrom("HTTP/1.1 ", "HTTP/1.1 ", "HTTP/1.1 ", "HTTP/1.0 "),
  fc.constantFrom("200", "200", "200", "201", "204", "205", "206", "304", "404", "500", "999"),
  fc.oneof(
    fc.constantFrom("", " ", " OK", " Not Found"),
    text.map((reason) => ` ${reason}`),
  ),
  fc.constant("\r\n"),
);

/** A response that is right, with all that is seldom seen in one; its end is that of the connection, where it says no other. */
export const response: Bytes = fc
  .tuple(fc.constantFrom("", "", "", "\r\n", "\r\n\r\n"), interim, statusLine, fields, framed, fields)
  .map(
    ([empty, before, line, some, [framing, body], more]) =>
      `${empty}${before}${line}${some}${framing}${more}\r\n${body}`,
  );

const odd = fc.oneof(
  fc.constantFrom("\r", "\n", "\r\n", "\0", " ", "\t", ":", ";", "=", '"', "\\", ",", "\x7f", "\x0b"),
  fc.constantFrom("0", "1", "f", "g", "x", "-", "+", "\r\n\r\n", "\r\n ", "HTTP/1.1 "),
  byte(0, 255),
);
const oddLine = fc.constantFrom(
  "Content-Length: 1\r\n",
  "content-length: 0\r\n",
  "content-length: 2x\r\n",
  "Transfer-Encoding: chunked\r\n",
  "transfer-encoding: identity\r\n",
  "transfer-encoding: gzip, chunked\r\n",
  "connection: close\r\n",
  " x: y\r\n",
);

/** One thing that goes wrong on the way. */
type Slip = (bytes: string) => string;

/** Where, as a part of the whole. */
const place = fc.nat(9999).map((part) => part / 10_000);

/** @param change - What becomes of the bytes before and behind a place. */
function slipAt(part: number, inHead: boolean, change: (before: string, behind: string) => string): Slip {
  return (bytes) => {
    const at = Math.floor(part * (inHead ? bytes.indexOf("\r\n\r\n") + 4 : bytes.length));
    return change(bytes.slice(0, at), bytes.slice(at));
  };
}

function flipped(character: string, bit: number): string {
  return character === "" ? "" : String.fromCharCode(character.charCodeAt(0) ^ (1 << bit));
}

const slip: fc.Arbitrary<Slip> = fc.oneof(
  fc
    .tuple(place, fc.boolean(), odd)
    .map(([part, inHead, what]) => slipAt(part, inHead, (before, behind) => before + what + behind)),
  fc
    .tuple(place, fc.boolean(), fc.oneof(fc.constant(""), odd))
    .map(([part, inHead, what]) => slipAt(part, inHead, (before, behind) => before + what + behind.slice(1))),
  fc
    .tuple(place, fc.boolean(), fc.nat(7))
    .map(([part, inHead, bit]) =>
      slipAt(part, inHead, (before, behind) => before + flipped(behind.slice(0, 1), bit) + behind.slice(1)),
    ),
  fc.tuple(place, oddLine).map(
    ([part, line]): Slip =>
      (bytes) => {
        const last = bytes.lastIndexOf("\r\n\r\n") + 2;
        const starts = [...bytes.slice(0, last).matchAll(/\r\n/g)].map(({ index }) => index + 2);
        const at = starts[Math.floor(part * starts.length)] ?? 0;
        return bytes.slice(0, at) + line + bytes.slice(at);
      },
  ),
);

/** A response that was right, and in which something goes wrong. */
export const wrongResponse: Bytes = fc
  .tuple(response, fc.array(slip, { minLength: 1, maxLength: 2 }))
  .map(([bytes, slips]) => slips.reduce((changed, change) => change(changed), bytes));
