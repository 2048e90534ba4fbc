import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CookieAttributes, CookieJar, type CookieStore } from "../../src/cookies/cookie-jar.ts";
import { CallerError } from "../../src/errors/caller-error.ts";
import { OptionsError } from "../../src/errors/options-error.ts";
import { theDisk as theDiskOfWeb } from "../../src/platform/web.ts";
import { caught } from "../peers/caught.ts";

const HOUR = 3_600_000;

/** A jar whose time stands until it is moved. */
function clocked(): { jar: CookieJar; now: () => number; move: (ms: number) => void } {
  let at = Date.UTC(2026, 10, 22, 20);
  const now = (): number => at;
  return {
    jar: new CookieJar({ now }),
    now,
    move: (ms) => {
      at += ms;
    },
  };
}

async function filled(url: string, ...lines: string[]): Promise<CookieJar> {
  const { jar } = clocked();
  await jar.setCookies(url, lines);
  return jar;
}

describe("an empty jar", () => {
  test("costs nothing: no promise, no tough-cookie", () => {
    const jar = new CookieJar();
    expect(jar.isEmpty).toBe(true);
    expect(jar.size).toBe(0);
    expect(jar.getCookieHeader("https://a.test/")).toBe("");
    expect(jar.setCookies("https://a.test/", [])).toBeUndefined();
    expect([...jar]).toEqual([]);
    expect(jar.get("a")).toBeUndefined();
    expect(jar.delete("a")).toBe(false);
  });

  test("what arrives while the parser is loaded is kept, in order", async () => {
    const jar = new CookieJar();
    const both = [
      jar.setCookies("https://a.test/", ["a=1"]),
      jar.setCookies("https://a.test/", ["a=2", "b=3"]),
    ];
    await Promise.all(both);
    expect(jar.getCookieHeader("https://a.test/")).toBe("a=2; b=3");
    // From now on it is there, for other jars too.
    const other = new CookieJar();
    expect(other.setCookies("https://a.test/", ["a=1"])).toBeUndefined();
    expect(other.isEmpty).toBe(false);
  });
});

describe("#80 #85 what is sent where", () => {
  test.each<[string, string, string, string, boolean]>([
    // what it is, set at, the line, asked at, whether it is sent
    ["S2 no domain: the host that set it", "https://a.test/", "c=1", "https://a.test/x", true],
    ["S2 no domain: not below it", "https://a.test/", "c=1", "https://x.a.test/", false],
    ["S2 no domain: not above it", "https://x.a.test/", "c=1", "https://a.test/", false],
    ["S2 no domain: no other", "https://a.test/", "c=1", "https://b.test/", false],
    ["cookies know no ports", "https://a.test:1/", "c=1", "https://a.test:2/", true],
    ["a domain: the host itself", "https://a.test/", "c=1; Domain=a.test", "https://a.test/", true],
    ["a domain: below it", "https://a.test/", "c=1; Domain=a.test", "https://x.y.a.test/", true],
    ["a domain with its dot", "https://a.test/", "c=1; Domain=.a.test", "https://x.a.test/", true],
    ["a domain above the host", "https://x.a.test/", "c=1; Domain=a.test", "https://y.a.test/", true],
    ["a domain in any case", "https://X.A.test/", "c=1; Domain=A.TEST", "https://y.a.TEST/", true],
    ["a domain that only ends alike", "https://a.test/", "c=1; Domain=a.test", "https://evila.test/", false],
    ["a domain of somebody else", "https://a.test/", "c=1; Domain=b.test", "https://b.test/", false],
    ["a domain below the host", "https://a.test/", "c=1; Domain=x.a.test", "https://x.a.test/", false],
    ["an empty domain is none", "https://a.test/", "c=1; Domain=", "https://a.test/", true],
    ["the path", "https://a.test/", "c=1; Path=/v1", "https://a.test/v1/x", true],
    ["the path: not beside it", "https://a.test/", "c=1; Path=/v1", "https://a.test/v10", false],
    ["no path: where it was set", "https://a.test/v1/login", "c=1", "https://a.test/v1/me", true],
    ["no path: not above", "https://a.test/v1/login", "c=1", "https://a.test/", false],
    ["a path that is none", "https://a.test/v1/login", "c=1; Path=v2", "https://a.test/v1/me", true],
    ["secure: over https", "https://a.test/", "c=1; Secure", "https://a.test/", true],
    ["secure: not over http", "https://a.test/", "c=1; Secure", "http://a.test/", false],
    ["secure: not set over http", "http://a.test/", "c=1; Secure", "https://a.test/", false],
    ["httpOnly is ours to send", "https://a.test/", "c=1; HttpOnly", "https://a.test/", true],
    // This machine, and addresses.
    ["localhost", "http://localhost:3000/", "c=1", "http://localhost:4000/", true],
    ["localhost, named", "http://localhost/", "c=1; Domain=localhost", "http://localhost/", true],
    ["localhost, secure", "http://localhost/", "c=1; Secure", "http://localhost/", true],
    ["localhost from below it", "http://a.localhost/", "c=1; Domain=localhost", "http://b.localhost/", false],
    ["127.0.0.1", "http://127.0.0.1:3000/", "c=1", "http://127.0.0.1/", true],
    ["127.0.0.1, named", "http://127.0.0.1/", "c=1; Domain=127.0.0.1", "http://127.0.0.1/", true],
    ["127.0.0.1, in part", "http://127.0.0.1/", "c=1; Domain=0.0.1", "http://127.0.0.1/", false],
    ["::1", "http://[::1]:3000/", "c=1", "http://[::1]/", true],
    ["::1, named", "http://[::1]/", "c=1; Domain=[::1]", "http://[::1]/", true],
    ["::1, named without brackets", "http://[::1]/", "c=1; Domain=::1", "http://[::1]/", true],
    ["a name without a dot", "http://server/", "c=1", "http://server/", true],
    [
      "an inner network",
      "http://x.corp.internal/",
      "c=1; Domain=corp.internal",
      "http://y.corp.internal/",
      true,
    ],
    // Public suffixes.
    ["S24 a public suffix", "https://a.co.uk/", "c=1; Domain=co.uk", "https://b.co.uk/", false],
    ["S25 a public suffix in capitals", "https://a.co.uk/", "c=1; Domain=co.UK", "https://b.co.uk/", false],
    [
      "S24 a public suffix with a dot at its end",
      "https://a.co.uk/",
      "c=1; Domain=co.uk.",
      "https://b.co.uk/",
      false,
    ],
    [
      "S24 a public suffix with one, from a host with one",
      "https://a.co.uk./",
      "c=1; Domain=co.uk.",
      "https://b.co.uk./",
      false,
    ],
    [
      "S24 a public suffix with two dots",
      "https://a.co.uk/",
      "c=1; Domain=co.uk..",
      "https://b.co.uk/",
      false,
    ],
    ["a whole country", "https://a.com/", "c=1; Domain=com", "https://b.com/", false],
    ["a private suffix", "https://a.github.io/", "c=1; Domain=github.io", "https://b.github.io/", false],
    ["a suffix for itself", "https://github.io/", "c=1; Domain=github.io", "https://github.io/", true],
    [
      "a suffix for itself alone",
      "https://github.io/",
      "c=1; Domain=github.io",
      "https://a.github.io/",
      false,
    ],
    ["S24 a host with a dot at its end is that host", "https://a.test./", "c=1", "https://a.test/", true],
    [
      "a name beyond ASCII",
      "https://bücher.test/",
      "c=1; Domain=bücher.test",
      "https://x.bücher.test/",
      true,
    ],
    [
      "a name beyond ASCII, encoded",
      "https://bücher.test/",
      "c=1; Domain=xn--bcher-kva.test",
      "https://x.bücher.test/",
      true,
    ],
    // Promises of the name.
    ["__Secure- kept", "https://a.test/", "__Secure-c=1; Secure", "https://a.test/", true],
    ["__Secure- broken", "https://a.test/", "__Secure-c=1", "https://a.test/", false],
    ["__Host- kept", "https://a.test/", "__Host-c=1; Secure; Path=/", "https://a.test/x", true],
    [
      "__Host- with a domain",
      "https://a.test/",
      "__Host-c=1; Secure; Path=/; Domain=a.test",
      "https://a.test/",
      false,
    ],
    ["__Host- with a path", "https://a.test/", "__Host-c=1; Secure; Path=/x", "https://a.test/x", false],
    ["__host- in small letters", "https://a.test/", "__host-c=1; Path=/", "https://a.test/", false],
  ])("%s", async (_, setAt, line, askedAt, sent) => {
    const jar = await filled(setAt, line);
    const pair = line.split(";")[0] ?? "";
    expect(jar.getCookieHeader(askedAt)).toBe(sent ? pair : "");
  });

  test("longer paths first, then older cookies; one that is replaced keeps its place", async () => {
    const jar = await filled(
      "https://a.test/x/y",
      "a=1; Path=/",
      "b=2; Path=/x",
      "c=3; Path=/",
      "a=4; Path=/",
      "d=5; Path=/x/y",
    );
    expect(jar.getCookieHeader("https://a.test/x/y/z")).toBe("d=5; b=2; a=4; c=3");
  });

  test("S2 #79 each hop of a redirect speaks for itself", async () => {
    const jar = await filled("https://a.test/", "c=a");
    await jar.setCookies("https://b.test/", ["c=b"]);
    expect(jar.getCookieHeader("https://a.test/")).toBe("c=a");
    expect(jar.getCookieHeader("https://b.test/")).toBe("c=b");
  });

  test("what is no URL gets nothing, and sets nothing", async () => {
    const jar = await filled("no url", "c=1");
    expect(jar.isEmpty).toBe(true);
    expect((await filled("https://a.test/", "c=1")).getCookieHeader("no url")).toBe("");
  });

  test("a cookie from http does not take the place of a secure one", async () => {
    const jar = await filled("https://a.test/", "c=safe; Secure; Path=/");
    await jar.setCookies("http://a.test/", [
      "c=forged; Path=/",
      "c=forged; Domain=a.test; Path=/x",
      "d=1; Path=/",
    ]);
    await jar.setCookies("http://x.a.test/", ["c=forged; Domain=a.test; Path=/"]);
    expect(jar.getCookieHeader("https://a.test/x")).toBe("c=safe; d=1");
    await jar.setCookies("https://a.test/", ["c=new; Secure; Path=/"]);
    expect(jar.getCookieHeader("https://a.test/")).toBe("c=new; d=1");
  });
});

describe("#84 #87 S69 S27 values are opaque: quotes stay, nothing is decoded", () => {
  test.each([
    ["quotes are kept", 'c="a b"', 'c="a b"'],
    ["nothing is decoded", "c=%0D%0AX-Evil:%201", "c=%0D%0AX-Evil:%201"],
    ["signs of equality", "c=a=b==", "c=a=b=="],
    ["an empty value", "c=", "c="],
    ["spaces around", "  c = a b  ; Path=/", "c=a b"],
    ["a comma", "c=a,b", "c=a,b"],
    ["bytes beyond ASCII", "c=\xe9", "c=\xe9"],
    ["braces and backslashes", 'c={"a":"\\b"}', 'c={"a":"\\b"}'],
  ])("%s", async (_, line, header) => {
    expect((await filled("https://a.test/", line)).getCookieHeader("https://a.test/")).toBe(header);
  });

  test.each([
    ["a line break", "c=1\r\nX: 1"],
    ["a zero", "c=1\0"],
    ["a tab", "c=1\t2"],
    ["a delete", "c=\x7f"],
    ["a control character in the name", "c\x01=1"],
    ["one in the path", "c=1; Path=/\x01"],
    ["one in the domain", "c=1; Domain=a.test\x01"],
    ["what is not Latin-1", "c=日"],
    ["no name", "=1"],
    ["no sign of equality", "just-text"],
    ["nothing", ""],
    ["only signs", ";;;"],
    ["too long", `c=${"x".repeat(4096)}`],
    ["too long a name", `${"x".repeat(4097)}=`],
    ["too long a line", `c=1; ${"x".repeat(8192)}`],
  ])("refused: %s", async (_, line) => {
    const jar = await filled("https://a.test/", line, "good=1");
    expect(jar.getCookieHeader("https://a.test/")).toBe("good=1");
  });

  test("S27 every byte below 0x20, and 0x7f, is refused in a name and a value, from a server and by hand", async () => {
    for (const code of [...Array(0x20).keys(), 0x7f]) {
      const bad = String.fromCharCode(code);
      const jar = await filled("https://a.test/", `c=1${bad}2`, `c${bad}d=1`, `c=1; Path=/${bad}x`, "good=1");
      expect(jar.getCookieHeader("https://a.test/"), `U+${code.toString(16)}`).toBe("good=1");
      expect(() => jar.set("c", `1${bad}2`, { url: "https://a.test/" })).toThrow(OptionsError);
      expect(() => jar.set(`c${bad}d`, "1", { url: "https://a.test/" })).toThrow(OptionsError);
      expect(() => jar.set("c", "1", { url: "https://a.test/", path: `/${bad}` })).toThrow(OptionsError);
    }
  });

  test("4096 bytes of name and value are not too long", async () => {
    const jar = await filled("https://a.test/", `c=${"x".repeat(4095)}`);
    expect(jar.get("c")).toHaveLength(4095);
  });

  test.each([
    ["Strict", "strict"],
    ["lax", "lax"],
    ["None", "none"],
    ["StrictLax", undefined],
    ["Lax Strict", undefined],
    ["", undefined],
  ])("S70 SameSite=%s is %s", async (given, expected) => {
    const [cookie] = await filled("https://a.test/", `c=1; SameSite=${given}`);
    expect(cookie?.sameSite).toBe(expected);
  });

  test("#87 a comma in Expires is not the end of a cookie", async () => {
    const jar = await filled("https://a.test/", "a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Path=/", "b=2");
    expect(jar.getCookieHeader("https://a.test/")).toBe("a=1; b=2");
    expect([...jar][0]?.expires).toEqual(new Date("2031-01-01T00:00:00Z"));
  });
});

describe("#81 time", () => {
  test.each([
    "Max-Age=0",
    "Max-Age=-1",
    "Max-Age=-99999999999999999999",
    "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "expires=Sat, 01-Jan-00 00:00:00 GMT",
  ])("%s removes", async (attribute) => {
    const jar = await filled("https://a.test/", "c=1; Path=/", "d=2; Path=/");
    await jar.setCookies("https://a.test/", [`c=gone; Path=/; ${attribute}`]);
    expect(jar.getCookieHeader("https://a.test/")).toBe("d=2");
    expect(jar.size).toBe(1);
  });

  test("Max-Age beats Expires, and counts from its arrival, not from its last use", async () => {
    const { jar, move } = clocked();
    await jar.setCookies("https://a.test/", ["c=1; Max-Age=7200; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]);
    move(HOUR);
    expect(jar.getCookieHeader("https://a.test/")).toBe("c=1");
    move(HOUR - 1);
    expect(jar.getCookieHeader("https://a.test/")).toBe("c=1");
    move(1);
    expect(jar.getCookieHeader("https://a.test/")).toBe("");
    expect([...jar]).toEqual([]);
    expect(jar.get("c")).toBeUndefined();
    expect(jar.isEmpty).toBe(true);
  });

  test("an absurd Max-Age is the end of time", async () => {
    const jar = await filled(
      "https://a.test/",
      `c=1; Max-Age=${"9".repeat(400)}`,
      `d=1; Max-Age=${"9".repeat(20)}`,
    );
    expect(() => JSON.stringify(jar)).not.toThrow();
    expect(jar.size).toBe(2);
  });

  test("an Expires that is none is none", async () => {
    const [cookie] = await filled("https://a.test/", "c=1; Expires=tomorrow; Max-Age=soon");
    expect(cookie?.expires).toBeUndefined();
  });

  test("a removal works only for whom it belongs to", async () => {
    const jar = await filled("https://a.test/", "c=1; Domain=a.test; Path=/");
    await jar.setCookies("https://b.test/", ["c=; Domain=a.test; Path=/; Max-Age=0"]);
    expect(jar.get("c")).toBe("1");
  });
});

describe("S26 limits: of cookies a host, a response and a jar, and of bytes a cookie", () => {
  test("of a response, the first 50 are read", async () => {
    const jar = await filled("https://a.test/", ...Array.from({ length: 200 }, (_, at) => `c${at}=1`));
    expect(jar.size).toBe(50);
  });

  test("a domain keeps 180, those that were used last", async () => {
    const { jar, move } = clocked();
    await jar.setCookies("https://a.test/", ["first=1; Path=/used", "soon=1; Max-Age=1"]);
    for (let at = 0; at < 200; at++) {
      await jar.setCookies("https://a.test/", [`c${at}=1; Path=/other`]);
      move(100);
      jar.getCookieHeader("https://a.test/used");
      expect(jar.size).toBeLessThanOrEqual(180);
    }
    expect(jar.size).toBe(180);
    expect(jar.get("first")).toBe("1");
    expect(jar.get("c199")).toBe("1");
    expect(jar.get("soon")).toBeUndefined();
  });

  test("a jar keeps 3000, however many hosts there are", async () => {
    const jar = new CookieJar();
    for (let host = 0; host < 70; host++) {
      await jar.setCookies(
        `https://h${host}.a.test/`,
        Array.from({ length: 50 }, (_, at) => `c${at}=1`),
      );
    }
    expect(jar.size).toBe(3000);
    expect(jar.getCookieHeader("https://h69.a.test/")).toContain("c49=1");
    expect(jar.getCookieHeader("https://h0.a.test/")).toBe("");
  });

  test("no more is sent than a server takes", async () => {
    const jar = new CookieJar();
    for (let at = 0; at < 20; at++) await jar.setCookies("https://a.test/", [`c${at}=${"x".repeat(4000)}`]);
    const header = jar.getCookieHeader("https://a.test/");
    expect(header.length).toBeLessThanOrEqual(16 * 1024);
    expect(header).toMatch(/^c0=x+; c1=x+; c2=x+; c3=x+$/);
  });
});

describe("S64 domains, names and paths that Object.prototype has pollute nothing", () => {
  test.each(["__proto__", "constructor", "toString"])("%s as a domain, a name and a path", async (word) => {
    const jar = new CookieJar();
    await jar.setCookies(`http://${word}/`, [`${word}=1; Domain=${word}; Path=/${word}`]);
    await jar.setCookies("http://a.test/", [
      `${word}=1; Domain=${word}`,
      "c=1; Domain=__proto__; Path=__proto__",
    ]);
    expect(jar.get(word, { domain: word })).toBe("1");
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("/__proto__");
    expect(Reflect.get({}, `/${word}`)).toBeUndefined();
    expect(CookieJar.fromJSON(JSON.stringify(jar)).get(word, { domain: word })).toBe("1");
  });
});

describe("#86 looking a cookie up", () => {
  test("by name, and by more where there are several", async () => {
    const jar = await filled("https://a.test/", "c=1; Path=/", "c=2; Path=/x", "d=3");
    await jar.setCookies("https://b.test/", ["c=4; Path=/"]);
    expect(jar.get("d")).toBe("3");
    expect(jar.get("D")).toBeUndefined();
    expect(() => jar.get("c")).toThrow(OptionsError);
    expect(() => jar.get("c", { domain: "a.test" })).toThrow(/2 cookies "c": a\.test\/, a\.test\/x/);
    expect(jar.get("c", { domain: "a.test", path: "/x" })).toBe("2");
    expect(jar.get("c", { domain: ".B.test." })).toBe("4");
    expect(jar.get("c", { domain: "test" })).toBeUndefined();
  });

  test("the conflict tells places and no values", async () => {
    const jar = await filled("https://a.test/", "c=secret1; Path=/", "c=secret2; Path=/x");
    expect(() => jar.get("c")).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("secret") }),
    );
  });

  test("delete and clear", async () => {
    const jar = await filled("https://a.test/", "c=1; Path=/", "c=2; Path=/x", "d=3");
    expect(jar.delete("c", { path: "/x" })).toBe(true);
    expect(jar.get("c")).toBe("1");
    expect(jar.delete("c")).toBe(true);
    expect(jar.delete("c")).toBe(false);
    expect(jar.size).toBe(1);
    jar.clear();
    expect(jar.isEmpty).toBe(true);
    expect(jar.getCookieHeader("https://a.test/")).toBe("");
  });

  test("iteration shows all of them, in the order in which they came", async () => {
    const jar = await filled(
      "https://x.a.test/v/1",
      "c=1; Domain=a.test; Path=/; Secure; HttpOnly; SameSite=Lax",
      'd="2"; Max-Age=60',
    );
    expect([...jar]).toEqual([
      {
        name: "c",
        value: "1",
        domain: "a.test",
        path: "/",
        hostOnly: false,
        secure: true,
        httpOnly: true,
        sameSite: "lax",
        expires: undefined,
      },
      {
        name: "d",
        value: '"2"',
        domain: "x.a.test",
        path: "/v",
        hostOnly: true,
        secure: false,
        httpOnly: false,
        sameSite: undefined,
        expires: new Date(Date.UTC(2026, 10, 22, 20, 1)),
      },
    ]);
  });

  test("P9 printing it shows no value", async () => {
    const jar = await filled("https://a.test/", "c=secret");
    expect(inspect(jar)).toBe("CookieJar { c=*** (a.test/) }");
    expect(inspect({ nested: { jar } })).not.toContain("secret");
    expect(inspect(new CookieJar())).toBe("CookieJar {}");
  });
});

describe("cookies that are set by hand", () => {
  test("at a URL, for its host alone; at a domain, for all below it", () => {
    const { jar } = clocked();
    jar.set("a", "1", { url: "https://x.test/y" });
    jar.set("b", "2", { domain: ".X.test" });
    jar.set("c", "3", { domain: "localhost", path: "/p" });
    jar.set("d", "4", { url: new URL("https://x.test"), secure: true });
    expect(jar.getCookieHeader("https://x.test/")).toBe("a=1; b=2; d=4");
    expect(jar.getCookieHeader("http://x.test/")).toBe("a=1; b=2");
    expect(jar.getCookieHeader("https://sub.x.test/")).toBe("b=2");
    expect(jar.getCookieHeader("http://localhost:4010/p/q")).toBe("c=3");
    expect(jar.getCookieHeader("http://a.localhost/p")).toBe("");
  });

  test("a server replaces them, and they expire", async () => {
    const { jar, now, move } = clocked();
    jar.set("a", "1", { url: "https://x.test/" });
    jar.set("b", "1", { url: "https://x.test/", expires: new Date(now() + HOUR) });
    await jar.setCookies("https://x.test/", ["a=2; Path=/"]);
    expect(jar.getCookieHeader("https://x.test/")).toBe("a=2; b=1");
    move(HOUR);
    expect(jar.getCookieHeader("https://x.test/")).toBe("a=2");
    jar.set("a", "", { url: "https://x.test/", expires: new Date(0) });
    expect(jar.isEmpty).toBe(true);
  });

  const at: CookieAttributes = { url: "https://a.test/" };
  test.each<[string, unknown, unknown, unknown]>([
    ["an empty name", "", "1", at],
    ["a name with =", "a=b", "1", at],
    ["a name with ;", "a;b", "1", at],
    ["a name with a line break", "a\r\nb", "1", at],
    ["a name that is a number", 1, "1", at],
    ["S73 a value with ;", "a", "1; Domain=b.test", at],
    ["S27 a value with a line break", "a", "1\r\nX: 1", at],
    ["a value beyond Latin-1", "a", "日", at],
    ["a value with spaces around", "a", " 1", at],
    ["a value that is a number", "a", 1, at],
    ["a value that is too long", "a", "x".repeat(4096), at],
    ["no place", "a", "1", {}],
    ["two places", "a", "1", { ...at, domain: "a.test" }],
    ["no attributes", "a", "1", undefined],
    ["a string of attributes", "a", "1", "https://a.test"],
    ["S73 an attribute that is not known", "a", "1", { ...at, unparsed: ["; Domain=b.test"] }],
    ["a url that is none", "a", "1", { url: "a.test" }],
    ["a domain that is none", "a", "1", { domain: "a b" }],
    ["S73 a domain with ;", "a", "1", { domain: "a.test; Path=/; Secure" }],
    ["S73 a domain with a line break", "a", "1", { domain: "a.test\r\nSet-Cookie: b=1" }],
    ["S73 a path with a line break", "a", "1", { ...at, path: "/\r\nX: 1" }],
    ["S73 a domain that is a URL", "a", "1", { domain: "https://a.test/" }],
    ["an empty domain", "a", "1", { domain: "" }],
    ["S73 a path with ;", "a", "1", { ...at, path: "/; Domain=b.test" }],
    ["a path without /", "a", "1", { ...at, path: "x" }],
    ["an expiry that is no date", "a", "1", { ...at, expires: "tomorrow" }],
    ["an expiry that is an invalid date", "a", "1", { ...at, expires: new Date("x") }],
    ["secure that is a string", "a", "1", { ...at, secure: "yes" }],
  ])("%s is an OptionsError", (_, name, value, attributes) => {
    const jar = new CookieJar();
    expect(() => Reflect.apply(jar.set, jar, [name, value, attributes])).toThrow(OptionsError);
    expect(jar.isEmpty).toBe(true);
  });

  test("the error does not tell the value", () => {
    const jar = new CookieJar();
    expect(() => jar.set("a", "secret;", at)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("secret") }),
    );
  });

  test("S55 inherited attributes are none", () => {
    const jar = new CookieJar();
    expect(() => jar.set("a", "1", Object.create({ domain: "b.test" }))).toThrow(OptionsError);
  });
});

describe("S38 a jar in JSON", () => {
  test("comes back as it was: host-only stays, an expiry is a moment", async () => {
    const { jar, now, move } = clocked();
    await jar.setCookies("https://x.a.test/v/1", [
      "host=1; Path=/",
      "domain=2; Domain=a.test; Path=/; Secure; HttpOnly; SameSite=Strict",
      "timed=3; Path=/; Max-Age=7200",
    ]);
    move(HOUR);
    const text = JSON.stringify(jar);
    const again = CookieJar.fromJSON(text, { now });
    expect([...again]).toEqual([...jar]);
    expect(again.toJSON()).toEqual(jar.toJSON());
    expect(again.getCookieHeader("https://y.a.test/")).toBe("domain=2");
    expect(again.getCookieHeader("https://sub.x.a.test/")).toBe("domain=2");
    expect(again.getCookieHeader("https://x.a.test/")).toBe("host=1; domain=2; timed=3");
    move(HOUR);
    expect(again.getCookieHeader("https://x.a.test/")).toBe("host=1; domain=2");
    expect(CookieJar.fromJSON(JSON.parse(text), { now }).size).toBe(2);
  });

  test("without the flag, a cookie is its host's alone", () => {
    const jar = CookieJar.fromJSON({
      version: 1,
      cookies: [{ name: "c", value: "1", domain: "a.test", path: "/", secure: false, httpOnly: false }],
    });
    expect(jar.getCookieHeader("https://x.a.test/")).toBe("");
    expect(jar.getCookieHeader("https://a.test/")).toBe("c=1");
  });

  const good = { name: "c", value: "secret", domain: "a.test", path: "/" };
  test.each<[string, unknown]>([
    ["no JSON", "{secret"],
    ["nothing", undefined],
    ["null", null],
    ["an array", []],
    ["another version", { version: 2, cookies: [] }],
    ["no cookies", { version: 1 }],
    ["cookies by name", { version: 1, cookies: { c: "secret" } }],
    ["a cookie that is a string", { version: 1, cookies: ["c=secret"] }],
    ["S27 a line break", { version: 1, cookies: [{ ...good, value: "secret\r\nX: 1" }] }],
    ["S73 a semicolon", { version: 1, cookies: [{ ...good, name: "c;d" }] }],
    ["no value", { version: 1, cookies: [{ ...good, value: undefined }] }],
    ["no domain", { version: 1, cookies: [{ ...good, domain: "" }] }],
    ["no path", { version: 1, cookies: [{ ...good, path: undefined }] }],
    ["an expiry that is none", { version: 1, cookies: [{ ...good, expires: "secret" }] }],
    ["a creation that is none", { version: 1, cookies: [{ ...good, created: 5 }] }],
    ["a SameSite that is none", { version: 1, cookies: [{ ...good, sameSite: "StrictLax" }] }],
    ["inherited fields", { version: 1, cookies: [Object.create(good)] }],
  ])("%s is an OptionsError that tells no value", (_, json) => {
    const read = (): unknown => CookieJar.fromJSON(json);
    expect(read).toThrow(OptionsError);
    expect(read).toThrow(expect.not.objectContaining({ message: expect.stringContaining("secret") }));
  });

  test("whatever a server sets comes back, and goes into a header", async () => {
    const text = fc.string({
      unit: fc.constantFrom(...'ab=;, "%\\\t\x7f\xe9日-_./'.split("")),
      maxLength: 12,
    });
    const host = fc.constantFrom("a.test", "x.a.test", "localhost", "127.0.0.1", "[::1]", "a.co.uk");
    const attribute = fc.oneof(
      text,
      fc.constantFrom(
        "Domain=a.test",
        "Domain=co.uk",
        "Path=/",
        "Path=/x",
        "Secure",
        "Max-Age=60",
        "Max-Age=0",
        "HttpOnly",
      ),
    );
    const line = fc
      .tuple(text, text, fc.array(attribute, { maxLength: 4 }))
      .map(([name, value, rest]) => [`${name}=${value}`, ...rest].join(";"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(host, fc.array(line, { maxLength: 5 })), { maxLength: 4 }),
        async (responses) => {
          const { jar, now } = clocked();
          for (const [from, lines] of responses) await jar.setCookies(`https://${from}/x/y`, lines);
          const again = CookieJar.fromJSON(JSON.stringify(jar), { now });
          expect([...again]).toEqual([...jar]);
          for (const [to] of responses) {
            const header = jar.getCookieHeader(`https://${to}/x/y`);
            expect(again.getCookieHeader(`https://${to}/x/y`)).toBe(header);
            expect(header).toMatch(/^[\x20-\x7e\x80-\xff]*$/);
          }
          expect(jar.getCookieHeader("https://b.test/x/y")).toBe("");
          expect(jar.getCookieHeader("https://b.co.uk/x/y")).toBe("");
        },
      ),
      { seed: 38, numRuns: 500 },
    );
  });
});

describe("a jar in a file", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chasqui-jar-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test.skipIf(process.platform === "win32")(
    "S38 round trip: host-only stays, an expiry is absolute, and the file has the mode 0600",
    async () => {
      const { jar, now, move } = clocked();
      await jar.setCookies("https://x.a.test/v/1", [
        "host=1; Path=/",
        "domain=2; Domain=a.test; Path=/",
        "timed=3; Path=/; Max-Age=7200",
      ]);
      const path = join(folder, "jar.json");
      await writeFile(path, "everybody may read this", { mode: 0o644 });
      await jar.save(path);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(["jar.json"]);
      const again = await CookieJar.load(new URL(`file://${path}`), { now });
      expect([...again]).toEqual([...jar]);
      expect(again.getCookieHeader("https://sub.x.a.test/")).toBe("domain=2");
      expect(again.getCookieHeader("https://x.a.test/")).toBe("host=1; domain=2; timed=3");
      // Not two hours from when it was read.
      move(2 * HOUR);
      expect((await CookieJar.load(path, { now })).getCookieHeader("https://x.a.test/")).toBe(
        "host=1; domain=2",
      );
    },
  );

  test("S38 a link in its place is replaced, and what it leads to is left alone", async () => {
    const path = join(folder, "jar.json");
    await writeFile(join(folder, "victim"), "untouched");
    await symlink(join(folder, "victim"), path);
    await (await filled("https://a.test/", "c=1")).save(path);
    expect(await readFile(join(folder, "victim"), "utf8")).toBe("untouched");
    expect((await CookieJar.load(path)).get("c")).toBe("1");
  });

  test("S39 the file is JSON and is read as nothing else", async () => {
    const path = join(folder, "jar.json");
    await (await filled("https://a.test/", "c=1")).save(path);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ version: 1, cookies: [{ name: "c" }] });
    for (const text of [
      "\x80\x04\x95.",
      "module.exports = {}",
      "({ version: 1, cookies: [] })",
      "c=1; Path=/",
    ]) {
      await writeFile(path, text);
      const error = await caught(CookieJar.load(path), OptionsError);
      expect(error.message).toBe(`The cookie jar is no JSON, in the file ${path}`);
    }
  });

  test("where there is no file yet the jar is empty; a folder is told as none", async () => {
    expect((await CookieJar.load(join(folder, "none.json"))).isEmpty).toBe(true);
    await caught(CookieJar.load(folder), CallerError);
    await caught(new CookieJar().save(folder), OptionsError);
    await caught(new CookieJar().save(join(folder, "none", "jar.json")), OptionsError);
    await caught(new CookieJar().save(""), OptionsError);
  });

  test("outside Node it is refused, with what to do instead", async () => {
    expect(await caught(theDiskOfWeb("A cookie jar in a file", "keep its JSON"), OptionsError)).toMatchObject(
      {
        message: "A cookie jar in a file needs Node: keep its JSON",
      },
    );
  });
});

test("#88 a store of one's own needs two methods", async () => {
  class Own implements CookieStore {
    readonly lines: string[] = [];
    async getCookieHeader(): Promise<string> {
      return this.lines.join("; ");
    }
    setCookies(_url: string, lines: readonly string[]): void {
      this.lines.push(...lines);
    }
  }
  const stores: CookieStore[] = [new Own(), new CookieJar()];
  for (const store of stores) {
    await store.setCookies("https://a.test/", ["a=1"]);
    expect(await store.getCookieHeader("https://a.test/")).toBe("a=1");
  }
});
