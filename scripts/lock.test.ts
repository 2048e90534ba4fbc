import { expect, test } from "vitest";
import { completeLock, type Lock, platformOf } from "./lock.ts";

function lockWith(optionalDependencies: Record<string, string>, more: Lock["packages"] = {}): Lock {
  return {
    packages: { "": {}, "node_modules/tool": { version: "1.0.0", dev: true, optionalDependencies }, ...more },
  };
}

test.each([
  ["@biomejs/cli-darwin-arm64", { os: ["darwin"], cpu: ["arm64"] }],
  ["@biomejs/cli-linux-x64", { os: ["linux"], cpu: ["x64"] }],
  ["@biomejs/cli-linux-x64-musl", { os: ["linux"], cpu: ["x64"], libc: ["musl"] }],
  ["@oxc-parser/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"], libc: ["glibc"] }],
  ["@oxc-parser/binding-android-arm-eabi", { os: ["android"], cpu: ["arm"] }],
  ["@oxc-parser/binding-win32-ia32-msvc", { os: ["win32"], cpu: ["ia32"] }],
  ["@duckdb/node-bindings-linux-arm64", { os: ["linux"], cpu: ["arm64"] }],
  ["fsevents", undefined],
])("%s is for its system", (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});

test("a missing platform package is added as npm writes it, and only once", () => {
  const lock = lockWith({ "@tool/linux-x64-musl": "1.0.0" });
  expect(completeLock(lock)).toHaveLength(1);
  expect(JSON.stringify(lock.packages["node_modules/@tool/linux-x64-musl"])).toBe(
    '{"version":"1.0.0","cpu":["x64"],"dev":true,"libc":["musl"],"optional":true,"os":["linux"]}',
  );
  expect(completeLock(lock)).toEqual([]);
});

test("an entry that is there stays, whether at the top or nested", () => {
  const more = {
    "node_modules/@tool/linux-x64": { version: "1.0.0", integrity: "sha512-x" },
    "node_modules/tool/node_modules/@tool/linux-arm64": { version: "1.0.0" },
  };
  const lock = lockWith({ "@tool/linux-x64": "1.0.0", "@tool/linux-arm64": "1.0.0" }, more);
  expect(completeLock(lock)).toEqual([]);
  expect(lock.packages).toMatchObject(more);
});

test("a second version is nested below the package that wants it", () => {
  const lock = lockWith(
    { "@tool/linux-x64": "1.0.0" },
    { "node_modules/@tool/linux-x64": { version: "2.0.0" } },
  );
  completeLock(lock);
  expect(lock.packages["node_modules/@tool/linux-x64"]?.version).toBe("2.0.0");
  expect(lock.packages["node_modules/tool/node_modules/@tool/linux-x64"]?.version).toBe("1.0.0");
});

test("the entries stand in npm's order", () => {
  const lock = lockWith({ "@tool/darwin-x64": "1.0.0" }, { "node_modules/b": { version: "1.0.0" } });
  completeLock(lock);
  expect(Object.keys(lock.packages)).toEqual([
    "",
    "node_modules/@tool/darwin-x64",
    "node_modules/b",
    "node_modules/tool",
  ]);
});

test("an address is removed, the link to a workspace stays", () => {
  const lock = lockWith(
    {},
    {
      "node_modules/a": { version: "1.0.0", resolved: "https://packages.example/a.tgz" },
      "node_modules/chasqui": { resolved: "packages/chasqui", link: true },
    },
  );
  completeLock(lock);
  expect(lock.packages["node_modules/a"]).toEqual({ version: "1.0.0" });
  expect(lock.packages["node_modules/chasqui"]).toEqual({ resolved: "packages/chasqui", link: true });
});

test("what cannot be derived is an error, not a guess", () => {
  expect(() => completeLock(lockWith({ "@tool/linux-x64": "^1.0.0" }))).toThrow("@tool/linux-x64@^1.0.0");
  expect(() => completeLock(lockWith({ fsevents: "2.3.3" }))).toThrow("fsevents@2.3.3");
});
