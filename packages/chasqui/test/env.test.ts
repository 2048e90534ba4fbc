import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apiKey, basic, bearer, env, get, isSecret, loadEnv, OptionsError, Secret } from "../src/index.ts";
import { json, serve } from "./peers/http-server.ts";
import { run } from "./peers/program.ts";

const NAMES = ["CHASQUI_TEST_TOKEN", "CHASQUI_TEST_OTHER", "CHASQUI_TEST_QUOTED"] as const;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chasqui-env-"));
  for (const name of NAMES) delete process.env[name];
});

afterEach(async () => {
  for (const name of NAMES) delete process.env[name];
  await rm(folder, { recursive: true });
});

function thrown(act: () => unknown): OptionsError {
  try {
    act();
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("env()", () => {
  test("gives the variable as a Secret, which prints as ***", () => {
    process.env.CHASQUI_TEST_TOKEN = "t0ken";
    const token = env("CHASQUI_TEST_TOKEN");
    expect(token).toBeInstanceOf(Secret);
    expect(isSecret(token)).toBe(true);
    expect(token.reveal()).toBe("t0ken");
    const ways = [
      `${token}`,
      String(token),
      JSON.stringify({ token }),
      inspect({ token }, { showHidden: true }),
    ];
    for (const text of ways) {
      expect(text).toContain("***");
      expect(text).not.toContain("t0ken");
    }
  });

  test.each([
    [undefined, "not set"],
    ["", "empty"],
  ])(
    "of %j throws an OptionsError that names the variable, says that it is %s, and what to do",
    (value, state) => {
      if (value !== undefined) process.env.CHASQUI_TEST_TOKEN = value;
      const error = thrown(() => env("CHASQUI_TEST_TOKEN"));
      expect(error.message).toBe(`The environment variable CHASQUI_TEST_TOKEN is ${state}`);
      expect(error.hint).toContain("export CHASQUI_TEST_TOKEN=");
      expect(error.hint).toContain("loadEnv()");
      expect(error.stack).toContain("env.test.ts");
    },
  );

  test("goes wherever a credential goes", async () => {
    process.env.CHASQUI_TEST_TOKEN = "t0ken";
    await using server = await serve(json({}));
    const token = env("CHASQUI_TEST_TOKEN");
    await get(server.origin, { auth: bearer(token) });
    expect(server.last().headers.authorization).toBe("Bearer t0ken");
    await get(server.origin, { auth: basic("ann", token) });
    expect(server.last().headers.authorization).toBe(`Basic ${btoa("ann:t0ken")}`);
    await get(server.origin, {
      auth: apiKey(token, { query: "k" }),
      headers: { "x-mine": token },
      cookies: { c: token },
    });
    expect(server.last().target).toBe("/?k=t0ken");
    expect(server.last().headers).toMatchObject({ "x-mine": "t0ken", cookie: "c=t0ken" });
    await get(server.origin, { params: { q: token } });
    expect(server.last().target).toBe("/?q=t0ken");
  });

  test("does not read what an object inherits", () => {
    expect(thrown(() => env("toString")).message).toContain("toString");
    expect(thrown(() => env("__proto__")).message).toContain("__proto__");
  });

  test.each([undefined, null, 5, "", {}])("of %j, which is no name, is an OptionsError", (name) => {
    expect(() => env(name as never)).toThrow(OptionsError);
  });
});

describe("loadEnv()", () => {
  test("reads a file as Node does: quotes, comments, export", async () => {
    const path = join(folder, "some.env");
    await writeFile(
      path,
      '# a comment\nexport CHASQUI_TEST_TOKEN=plain # said\nCHASQUI_TEST_QUOTED="a # b"\n',
    );
    loadEnv(path);
    expect(env("CHASQUI_TEST_TOKEN").reveal()).toBe("plain");
    expect(env("CHASQUI_TEST_QUOTED").reveal()).toBe("a # b");
  });

  test("does not override what is set already", async () => {
    const path = join(folder, ".env");
    await writeFile(path, "CHASQUI_TEST_TOKEN=file\nCHASQUI_TEST_OTHER=file\n");
    process.env.CHASQUI_TEST_TOKEN = "shell";
    loadEnv(path);
    expect(env("CHASQUI_TEST_TOKEN").reveal()).toBe("shell");
    expect(env("CHASQUI_TEST_OTHER").reveal()).toBe("file");
  });

  test("takes .env of the working directory by default", async () => {
    await writeFile(join(folder, ".env"), "CHASQUI_TEST_TOKEN=here\n");
    const { stdout, stderr } = await run(`
      process.chdir(${JSON.stringify(folder)});
      const { env, loadEnv } = await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
      loadEnv();
      console.log(env("CHASQUI_TEST_TOKEN").reveal(), String(env("CHASQUI_TEST_TOKEN")));
    `);
    expect([stderr, stdout]).toEqual(["", "here ***\n"]);
  });

  test("of a file that is not there throws an OptionsError that names it, with the cause", () => {
    const error = thrown(() => loadEnv(join(folder, "missing.env")));
    expect(error.message).toContain("missing.env");
    expect(error.cause).toMatchObject({ code: "ENOENT" });
  });
});
