import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKey, basic, bearer, Client, digest, env, fileFrom, OptionsError, oauth2 } from "chasqui";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";

/** A value that the types would refuse. */
const untyped = (text: string): never => JSON.parse(text) as never;
const badBackoff = untyped('{ "retry": { "backoff": { "base": "x" } } }');

function thrownBy(call: () => unknown): OptionsError {
  try {
    call();
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const framesOf = (error: Error): string[] =>
  (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));

describe("P11 a bad option of what is no call shows the caller's line first", () => {
  const limit = Error.stackTraceLimit;
  afterEach(() => {
    Error.stackTraceLimit = limit;
  });

  test.each<[string, () => unknown]>([
    [
      "new Client()",
      function callerOfClient() {
        return new Client(badBackoff);
      },
    ],
    [
      "extend()",
      function callerOfExtend() {
        return new Client().extend(badBackoff);
      },
    ],
    [
      "build()",
      function callerOfBuild() {
        return new Client().build("GET", "http://127.0.0.1:9/", badBackoff);
      },
    ],
    [
      "basic()",
      function callerOfBasic() {
        return basic("a:b", "c");
      },
    ],
    [
      "bearer()",
      function callerOfBearer() {
        return bearer("");
      },
    ],
    [
      "apiKey()",
      function callerOfApiKey() {
        return apiKey("key", { header: "" });
      },
    ],
    [
      "digest()",
      function callerOfDigest() {
        return digest("user", "passwd", untyped('{ "algorithms": ["CRC"] }'));
      },
    ],
    [
      "oauth2()",
      function callerOfOAuth2() {
        return oauth2(untyped("{}"));
      },
    ],
    [
      "env()",
      function callerOfEnv() {
        return env("CHASQUI_TEST_IS_NOT_SET");
      },
    ],
    [
      "an error of one's own",
      function callerOfOwn() {
        throw new OptionsError("of a middleware's own", { option: "mine" });
      },
    ],
  ])("%s", (_, call) => {
    const error = thrownBy(call);
    expect(framesOf(error)[0]).toContain(call.name);
    expect(framesOf(error)[0]).toContain("option-stacks.test.ts");
    expect(error.stack).toMatch(`${error.name}: ${error.message}\n`);
    expect(error.stack).not.toMatch(/chasqui[\\/]src[\\/]/);
  });

  test.each([0, 1, 3])("and no more than the %d lines that the program wants", (lines) => {
    Error.stackTraceLimit = lines;
    const error = thrownBy(() => new Client().extend(badBackoff));
    expect(Error.stackTraceLimit).toBe(lines);
    Error.stackTraceLimit = limit;
    expect(framesOf(error)).toHaveLength(lines);
    for (const frame of framesOf(error).slice(0, 1)) expect(frame).toContain("option-stacks.test.ts");
  });

  test("and a stack that the program makes itself is left to it", () => {
    const { prepareStackTrace } = Error;
    try {
      Error.prepareStackTrace = (error) => `made of ${String(error)}`;
      expect(thrownBy(() => bearer("")).stack).toMatch(/^made of OptionsError: bearer\(\)/);
    } finally {
      Error.prepareStackTrace = prepareStackTrace;
    }
  });
});

describe("fileFrom() says why a file cannot be read, and who asked", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "chasqui-file-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function callerOfFile(path: string): Promise<File> {
    return fileFrom(path);
  }

  test.each<[string, (folder: string) => string, string]>([
    ["none", () => join(folder, "none"), "it does not exist"],
    ["a folder", () => folder, "it is a folder"],
    ["a device", () => "/dev/null", "it is no ordinary file"],
    ["a name that is too long", () => join(folder, "x".repeat(300)), "its name is too long"],
  ])("P11 %s", async (_, pathIn, why) => {
    const path = pathIn(folder);
    const error = await caught(callerOfFile(path), OptionsError);
    expect(error.message).toBe(`The file ${JSON.stringify(path)} cannot be read: ${why}`);
    expect(error.option).toBe("path");
    expect(framesOf(error)[0]).toContain("callerOfFile");
    expect(error.stack).not.toMatch(/chasqui[\\/]src[\\/]/);
  });

  test.skipIf(process.getuid?.() === 0)("P11 one without permission (which root always has)", async () => {
    const path = join(folder, "closed");
    await writeFile(path, "x");
    await chmod(path, 0);
    const error = await caught(callerOfFile(path), OptionsError);
    expect(error.message).toBe(`The file ${JSON.stringify(path)} cannot be read: permission was denied`);
    expect(framesOf(error)[0]).toContain("callerOfFile");
  });

  test("P11 a path that is none", async () => {
    const call = function callerOfNoPath(): Promise<File> {
      return fileFrom(untyped("7"));
    };
    const error = await caught(call(), OptionsError);
    expect(framesOf(error)[0]).toContain("callerOfNoPath");
  });
});
