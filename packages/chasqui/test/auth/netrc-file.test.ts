import { describe, expect, test } from "vitest";
import { NetrcSyntaxError, netrcLogin, parseNetrc } from "../../src/auth/netrc-file.ts";

describe("the netrc format", () => {
  test.each<[string, string, unknown[]]>([
    ["nothing", "", []],
    ["white space and a mark of byte order", "\ufeff \r\n\t", []],
    [
      "one machine in a line",
      "machine a.test login ann password pa55",
      [{ machine: "a.test", login: "ann", password: "pa55" }],
    ],
    [
      "over several lines",
      "machine a.test\n\tlogin ann\n\tpassword pa55\n",
      [{ machine: "a.test", login: "ann", password: "pa55" }],
    ],
    [
      "lines of Windows",
      "machine a.test\r\nlogin ann\r\npassword pa55\r\n",
      [{ machine: "a.test", login: "ann", password: "pa55" }],
    ],
    [
      "an account",
      "machine a login b password c account d",
      [{ machine: "a", login: "b", password: "c", account: "d" }],
    ],
    ["user for login", "machine a user b password c", [{ machine: "a", login: "b", password: "c" }]],
    ["another order", "machine a password c login b", [{ machine: "a", login: "b", password: "c" }]],
    [
      "several, and a default",
      "machine a login b password c default login d password e",
      [
        { machine: "a", login: "b", password: "c" },
        { machine: undefined, login: "d", password: "e" },
      ],
    ],
    [
      "a host in capitals",
      "machine API.Test login b password c",
      [{ machine: "api.test", login: "b", password: "c" }],
    ],
    [
      "quotes",
      'machine a login "b c" password "d \\"e\\" \\\\ \\n"',
      [{ machine: "a", login: "b c", password: 'd "e" \\ \n' }],
    ],
    ["an empty quote", 'machine a login b password ""', [{ machine: "a", login: "b", password: "" }]],
    [
      "a quote within a word",
      'machine a login b password c"d',
      [{ machine: "a", login: "b", password: 'c"d' }],
    ],
    [
      "comments",
      "# one\nmachine a # two machine x\n#three\nlogin b\n # four\npassword c #",
      [{ machine: "a", login: "b", password: "c" }],
    ],
    [
      "a password that begins as a comment does",
      "machine a login b password #c",
      [{ machine: "a", login: "b", password: "#c" }],
    ],
    [
      "a password that is a keyword",
      "machine a login machine password login",
      [{ machine: "a", login: "machine", password: "login" }],
    ],
    [
      "a macro, which ends with an empty line",
      "machine a login b password c\nmacdef init\n cd /x\n machine evil login x password y\n\nmachine d login e password f",
      [
        { machine: "a", login: "b", password: "c" },
        { machine: "d", login: "e", password: "f" },
      ],
    ],
    ["a macro to the end of the file", "macdef init\nmachine evil login x password y\n", []],
    ["an entry without a password", "machine a login b", [{ machine: "a", login: "b" }]],
    [
      "a name of Object's",
      "machine __proto__ login constructor password toString",
      [{ machine: "__proto__", login: "constructor", password: "toString" }],
    ],
  ])("%s", (_, text, entries) => {
    expect(parseNetrc(text)).toEqual(entries);
  });

  test.each([
    ["a word that is unknown", "machine a\nlogin b\npasswrd s3cret", 3],
    ["a login of no machine", "login b password s3cret", 1],
    ["a password that is not there", "machine a login b\n\npassword", 3],
    ["a machine without a name", "machine", 1],
    ["a quote without an end", 'machine a\nlogin b password "s3cret\nmachine d', 2],
  ])("#93 %s is told with its line and without what stands there", (_, text, line) => {
    let error: unknown;
    try {
      parseNetrc(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(NetrcSyntaxError);
    expect(error).toMatchObject({ line, message: expect.not.stringContaining("s3cret") });
  });
});

describe("#93 S6 S30 whose entry counts", () => {
  const FILE = parseNetrc(`
    machine a.test login ann password a1
    machine a.test login bob password b1
    machine ::1 login six password s1
    machine bare.test login ann
    machine nologin.test password p1
    machine empty.test login "" password p1
    default login any password d1
  `);

  test.each<[string, string, string | undefined, boolean, string | undefined]>([
    ["the first of a host", "a.test", undefined, true, "ann:a1"],
    ["in any case", "A.TEST", undefined, true, "ann:a1"],
    ["an address in brackets", "[::1]", undefined, true, "six:s1"],
    ["S30 `user@` only matches that login", "a.test", "bob", true, "bob:b1"],
    ["S30 and no other one", "a.test", "eve", true, undefined],
    ["S30 nor an entry that has no login", "nologin.test", "eve", true, undefined],
    ["a default for a host that has none", "other.test", undefined, true, "any:d1"],
    ["a default of another login", "other.test", "ann", true, undefined],
    ["no default where it may not speak", "other.test", undefined, false, undefined],
    [
      "S30 an entry without password yields nothing, and not the default's",
      "bare.test",
      undefined,
      true,
      undefined,
    ],
    ["an entry without login yields nothing", "nologin.test", undefined, true, undefined],
    ["an entry with an empty login yields nothing", "empty.test", undefined, true, undefined],
    ["S30 nor the default's where the host has entries of others", "a.test", "any", true, undefined],
    ["a host that ends like one", "evil-a.test", undefined, false, undefined],
    ["a host that begins like one", "a.test.evil.test", undefined, false, undefined],
  ])("%s", (_, host, login, withDefault, expected) => {
    const found = netrcLogin(FILE, host, login, withDefault);
    expect(found && `${found.login}:${found.password}`).toBe(expected);
  });

  test.each([
    "default",
    'default login ""',
    "default login any",
    "default password p",
    'default login any password ""',
  ])("#93 S30 an empty default yields nothing: %s", (text) => {
    expect(netrcLogin(parseNetrc(text), "a.test", undefined, true)).toBeUndefined();
  });
});
