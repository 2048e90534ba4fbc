import { type Rule, rulesOf } from "./rule.ts";

const SAVE = ["client/save.test.ts"];
const SAFE_NAME = "proposes is made safe";

/** What becomes a file, under which name, and what is put together. */
export const FILE_RULES: readonly Rule[] = [
  ...rulesOf("response/validator.ts", SAVE, [
    ["a weak tag is no validator", '/^"[\\x21\\x23-\\x7e\\x80-\\xff]*"$/.test(tag)', "true"],
    [
      "a date of now is no validator",
      "|| sent - changed < CLOCKS_APART) return undefined;",
      ") return undefined;",
    ],
  ]),
  ...rulesOf("save/version.ts", SAVE, [
    [
      "the rest begins where it was asked to",
      "if (range?.first !== position || isCoded(response)) return false;",
      "if (range === undefined || isCoded(response)) return false;",
    ],
    [
      "the rest is the rest to the end",
      "if (range.total === undefined || range.last !== range.total - 1) return false;",
      "if (range.total === undefined) return false;",
    ],
    [
      "the rest is of a file of that length",
      "if (version.total !== undefined && range.total !== version.total) return false;",
      "",
    ],
    ["the rest comes from the same place", "if (!version.isFrom(placeOf(response))) return false;", ""],
    [
      "the rest is of that version",
      'return now === null ? version.validator.field !== "etag" : now === version.validator.value;',
      "return true;",
    ],
    ["it is asked for by If-Range", 'ranged.headers.set("if-range", version.validator.value);', ""],
    [
      "coded bytes are not put together",
      "if (range?.first !== position || isCoded(response)) return false;",
      "if (range?.first !== position) return false;",
    ],
    [
      "a coded response has no version",
      "if (response.status !== 200 || isCoded(response)) return undefined;",
      "if (response.status !== 200) return undefined;",
    ],
  ]),
  ...rulesOf("save/saving.ts", SAVE, [
    [
      "a bad status is no file",
      "if (response.status < 200 || response.status > 299) throw response.statusError();",
      "",
      "what is no file is not saved",
    ],
    ["a length is checked", "if (expected !== undefined && expected !== this.#position) {", "if (false) {"],
    [
      "a digest is checked",
      "if (came === hex) continue;",
      "continue;",
      "a digest that is another than was told",
    ],
    ["what is wrong is not kept", "await target.abandon(isWrong(error));", "await target.abandon(false);"],
    [
      "maxBytes holds over the parts of a file",
      "if (this.#position > this.#maxBytes) throw new BodyTooLargeError(this.#maxBytes);",
      "",
    ],
    [
      "a server's name replaces nothing",
      "this.#settings.overwrite ?? false);",
      "true);",
      "a name of the server's replaces no file",
    ],
  ]),
  ...rulesOf("platform/target-file.ts", SAVE, [
    [
      "a new file and none that is there",
      "constants.O_RDWR | constants.O_CREAT | constants.O_EXCL |",
      "constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC |",
    ],
    [
      "a private file is private from its first byte on",
      "this.#mode === undefined ? 0o666 : 0o600",
      "0o666",
      "private from its first byte on",
    ],
    [
      "the permissions of the old file",
      "before?.isFile() === true ? before.mode & 0o777 : undefined",
      "undefined",
      "in place of one that is there, with its permissions",
    ],
    [
      "it gets its name when it is whole",
      "if (this.#settings.overwrite) await rename(this.#name, this.#path);\n      else",
      "",
    ],
    ["one part is one call's", "if (claimed.has(this.#part)) return false;", ""],
  ]),
  ...rulesOf("platform/partial-note.ts", SAVE, [
    ["a name that nobody can guess", 'return randomBytes(16).toString("hex");', 'return "0";'],
    [
      "a part that is gone on with is one's own",
      "return stats.isFile() && stats.nlink === 1 && (uid === undefined || stats.uid === uid);",
      "return true;",
    ],
    ["a note says no URL", 'createHash("sha256").update(url).digest("hex")', "url"],
    ["a note is its owner's", '{ flag: "wx", mode: 0o600 }', '{ flag: "wx" }'],
  ]),
  ...rulesOf("platform/save-place.ts", SAVE, [
    [
      "a device is no file",
      "if (!stats.isFile() && !stats.isSymbolicLink()) {",
      "if (false) {",
      "a pipe, which would be lost",
    ],
    [
      "a file that is there stays, where that is asked for",
      "if (!overwrite) throw isThere(path);",
      "",
      "a file that is there, with `overwrite: false`",
    ],
  ]),
  ...rulesOf("response/filename.ts", SAVE, [
    ["a name is no path", '.split(/[/\\\\]/).at(-1) ?? "";', '?? "";', SAFE_NAME],
    ["a name is not hidden", '.replace(/^[.\\s]+/, "")', "", SAFE_NAME],
    ["a name is no device", "return DEVICE.test(safe) ? `_${safe}` : safe;", "return safe;", SAFE_NAME],
    ["a name does not deceive", 'name?.replaceAll(DECEIVING, "")', "name", SAFE_NAME],
    ["a name has an end", "if (size(name) <= LONGEST) return name;", "return name;", SAFE_NAME],
  ]),
];
