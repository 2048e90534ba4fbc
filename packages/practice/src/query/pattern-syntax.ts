import { Refusal } from "../refusal.ts";

/** What a pattern says, as a tree. */
export type Node =
  | { readonly type: "set"; readonly has: (code: number) => boolean }
  | { readonly type: "assert"; readonly at: "start" | "end" | "word" | "not-word" }
  | { readonly type: "sequence"; readonly items: readonly Node[] }
  | { readonly type: "choice"; readonly items: readonly Node[] }
  | { readonly type: "repeat"; readonly item: Node; readonly min: number; readonly max: number };

type Has = (code: number) => boolean;

/** Whether a character is one of `\w`. */
export function isWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
  );
}

const isDigit: Has = (code) => code >= 48 && code <= 57;
const isSpace: Has = (code) => /\s/.test(String.fromCharCode(code));
const isLineEnd: Has = (code) => code === 10 || code === 13 || code === 0x2028 || code === 0x2029;
const CLASSES: Readonly<Record<string, Has>> = {
  d: isDigit,
  D: (code) => !isDigit(code),
  w: isWord,
  W: (code) => !isWord(code),
  s: isSpace,
  S: (code) => !isSpace(code),
};
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12, 0: 0 };

/** A character also stands for its other case. */
function foldings(code: number): number[] {
  const char = String.fromCharCode(code);
  return [char, char.toLowerCase(), char.toUpperCase()]
    .filter((one) => one.length === 1)
    .map((one) => one.charCodeAt(0));
}

function oneOf(test: Has): Has {
  return (code) => foldings(code).some(test);
}

/**
 * Reads the regular expressions of `_like`: literals, `.`, classes, groups, alternation, anchors, word boundaries and
 * repetition. What only a backtracking matcher can do (references, looking around) is refused.
 *
 * @throws {Refusal} 400 with the reason.
 */
export function readPattern(source: string): Node {
  let at = 0;
  const peek = (): string | undefined => source[at];
  const refuse = (reason: string): never => {
    throw new Refusal(400, `_like: ${reason} in the pattern ${JSON.stringify(source)}`);
  };

  function choice(): Node {
    const items = [sequence()];
    while (peek() === "|") {
      at++;
      items.push(sequence());
    }
    return items.length === 1 && items[0] ? items[0] : { type: "choice", items };
  }

  function sequence(): Node {
    const items: Node[] = [];
    while (at < source.length && peek() !== "|" && peek() !== ")") items.push(repeated(atom()));
    return { type: "sequence", items };
  }

  function repeated(item: Node): Node {
    const counted = /^\{(\d+)(?:(,)(\d*))?\}/.exec(source.slice(at, at + 20));
    const sign = peek() ?? "";
    let range: [number, number] | undefined;
    if (counted) {
      const min = Number(counted[1]);
      range = [min, counted[2] ? (counted[3] ? Number(counted[3]) : Number.POSITIVE_INFINITY) : min];
    } else if (sign !== "" && "*+?".includes(sign)) {
      range = [sign === "+" ? 1 : 0, sign === "?" ? 1 : Number.POSITIVE_INFINITY];
    }
    if (!range) return item;
    at += counted ? counted[0].length : 1;
    // A lazy repetition matches the same texts.
    if (peek() === "?") at++;
    return { type: "repeat", item, min: range[0], max: range[1] };
  }

  function atom(): Node {
    const char = source[at++] ?? "";
    if (char === "^") return { type: "assert", at: "start" };
    if (char === "$") return { type: "assert", at: "end" };
    if (char === ".") return { type: "set", has: (code) => !isLineEnd(code) };
    if (char === "[") return { type: "set", has: set() };
    if (char === "(") return group();
    if (char === "\\") return escaped();
    return { type: "set", has: literal(char.charCodeAt(0)) };
  }

  function group(): Node {
    if (peek() === "?") {
      const opening = /^\?(?::|<[A-Za-z_$][\w$]*>)/.exec(source.slice(at));
      if (!opening) return refuse("looking ahead or behind, and flags, are not supported");
      at += opening[0].length;
    }
    const inner = choice();
    at++; // the closing bracket, which the RegExp constructor has seen
    return inner;
  }

  function escaped(): Node {
    const char = peek() ?? "";
    if (char === "b" || char === "B") {
      at++;
      return { type: "assert", at: char === "b" ? "word" : "not-word" };
    }
    if (/[1-9k]/.test(char)) return refuse("references to groups are not supported");
    const found = escapeValue();
    return { type: "set", has: typeof found === "number" ? literal(found) : found };
  }

  /** The class or the character after a backslash. */
  function escapeValue(): number | Has {
    const char = source[at++] ?? "\\";
    const hex =
      char === "x"
        ? /^[\da-f]{2}/i.exec(source.slice(at))
        : char === "u"
          ? /^[\da-f]{4}/i.exec(source.slice(at))
          : null;
    if (hex) {
      at += hex[0].length;
      return Number.parseInt(hex[0], 16);
    }
    return CLASSES[char] ?? CONTROLS[char] ?? char.charCodeAt(0);
  }

  function set(): Has {
    const negated = peek() === "^";
    if (negated) at++;
    const tests: Has[] = [];
    while (at < source.length && peek() !== "]") {
      const low = member();
      if (typeof low === "number" && peek() === "-" && source[at + 1] !== "]" && at + 1 < source.length) {
        at++;
        const high = member();
        if (typeof high === "number") tests.push((code) => code >= low && code <= high);
        else tests.push((code) => code === low || code === 45, high);
      } else tests.push(typeof low === "number" ? (code) => code === low : low);
    }
    at++;
    const inside = oneOf((code) => tests.some((test) => test(code)));
    return negated ? (code) => !inside(code) : inside;
  }

  function member(): number | Has {
    const char = source[at++] ?? "";
    if (char !== "\\") return char.charCodeAt(0);
    if (peek() === "b") {
      at++;
      return 8;
    }
    return escapeValue();
  }

  const tree = choice();
  return at < source.length ? refuse(`an unexpected ${JSON.stringify(peek())}`) : tree;
}

function literal(wanted: number): Has {
  const folded = new Set(foldings(wanted));
  return (code) => folded.has(code) || foldings(code).some((one) => folded.has(one));
}
