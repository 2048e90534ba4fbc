import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Section, sections } from "@chasqui/learn";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lessonPage } from "./lesson-page.ts";
import { serveOriginal } from "./original.ts";
import { PRINTED } from "./printed.ts";
import { BIN, type Ended, lesson, program } from "./program.ts";

/** The lines of a text that are not empty. */
const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");

describe("the whole lesson", () => {
  let whole: Ended;
  beforeAll(async () => {
    whole = await lesson([]);
  }, 60_000);

  test("ends by itself, with 0 and nothing on the error stream", () => {
    expect(whole.code).toBe(0);
    expect(whole.stderr).toBe("");
  });

  test("uses no colours where there is no terminal", () => {
    expect(whole.stdout).not.toContain("\u001b");
  });

  test.each(sections)("shows section $number, $title", ({ number, title }) => {
    expect(whole.stdout).toContain(`\n${number}. ${title}\n`);
  });

  test.each(Object.entries(PRINTED))("shows %s as it is, and what it printed", async (file, printed) => {
    const base = /^The practice API: (\S+)$/m.exec(whole.stdout)?.[1] ?? "no base";
    expect(whole.stdout.replaceAll(base, "BASE")).toContain(printed);
    expect(whole.stdout).toContain(`--- examples/lesson/${file}\n`);
  });
});

test("--section shows one section", async () => {
  const { code, stdout } = await lesson(["--section", "6"]);
  expect(code).toBe(0);
  expect(linesOf(stdout)).toEqual(
    expect.arrayContaining(["6. Sessions", "User: Leanne Graham", "Posts: 10", "Todos: 20"]),
  );
  expect(stdout.match(/^\d\. .*$/gm)).toEqual(["6. Sessions"]);
});

test("--list lists the sections", async () => {
  const { code, stdout } = await lesson(["--list"]);
  expect(code).toBe(0);
  expect(linesOf(stdout)).toEqual(sections.map(({ number, title }: Section) => `${number}  ${title}`));
});

test("--help names every option", async () => {
  const { code, stdout } = await lesson(["--help"]);
  expect(code).toBe(0);
  for (const option of ["section", "list", "quiz", "base-url", "help"])
    expect(stdout).toContain(`--${option}`);
});

test.each([
  [["--nope"], /--nope.*--section, --list, --quiz, --base-url, --help/],
  [["--section", "12"], /--section takes a number from 0 to 9, not "12"/],
  [["--section"], /--section/],
  [["6"], /6/],
  [["--base-url", "example.com"], /--base-url takes an http or https URL, not "example.com"/],
])("%j ends with 2 and says what is allowed", async (args, reason) => {
  const { code, stdout, stderr } = await lesson(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(reason);
  expect(stderr).not.toMatch(/\n\s+at /);
});

describe("--quiz", () => {
  test("asks ten questions, checks what can be checked, and shows every answer", async () => {
    const { code, stdout } = await lesson(["--quiz"], "post\n\n\n\n\n\nquery\n201\nAuthorization\n\n");
    expect(code).toBe(0);
    expect(stdout.match(/^\d\. /gm)).toHaveLength(10);
    expect(stdout).toContain("Right. POST.");
    expect(stdout).toContain("Not quite. params.");
    expect(stdout).toContain("3 of 4 checked answers are right.");
    expect(stdout).toContain("PUT replaces the whole resource, PATCH changes a part of it.");
  });

  test("shows the answers where nobody gives any", async () => {
    const { code, stdout } = await lesson(["--quiz"]);
    expect(code).toBe(0);
    expect(stdout).toContain("   POST.\n");
    expect(stdout).toContain("None of the 4 questions that can be checked was answered.\n");
    expect(stdout).not.toContain("0 of 4");
  });
});

describe("against another API", () => {
  test("leaves out what only the practice API has, and says so", async () => {
    await using original = await serveOriginal();
    const { code, stdout } = await lesson(["--base-url", original.url]);
    expect(stdout).not.toContain("FAILED");
    expect(code).toBe(0);
    expect(stdout).toContain("Resource not found");
    expect(stdout).toContain("Total posts fetched: 100");
    expect(stdout.match(/^--- skipped: it uses routes that only the practice API has$/gm)).toHaveLength(6);
  });

  test("ends with 1 and says why where nobody answers", async () => {
    const ended = await lesson(["--base-url", "http://127.0.0.1:1", "--section", "6"]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toBe(
      "No API answers at http://127.0.0.1:1: 127.0.0.1:1 refused the connection for GET http://127.0.0.1:1/auth/key\n",
    );
  });

  test("ends with 1 and names the section that failed", async () => {
    await using broken = await serveOriginal((path) => (path.startsWith("/todos") ? 500 : undefined));
    const ended = await lesson(["--base-url", broken.url, "--section", "2", "--section", "6"]);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain("--- FAILED: 06-sessions.ts ended with exit code 1");
    expect(ended.stdout).toContain("\nFailed: 6. Sessions\n");
  });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends it at once, without a stack trace", async (signal, code) => {
  const child: ChildProcess = spawn(process.execPath, [BIN], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let stderr = "";
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  if (child.stdout !== null) await Promise.race([once(child.stdout, "data"), ended]);
  child.kill(signal);
  expect(await ended).toEqual([code, null]);
  expect(stderr).toBe("");
});

test("an older Node is told which one is needed, before anything else is loaded", async () => {
  const older = `Object.defineProperty(process, "versions", { value: { node: "22.19.0" } });
    delete globalThis.AsyncDisposableStack;`;
  const ended = await program([
    "--import",
    `data:text/javascript,${encodeURIComponent(older)}`,
    BIN,
    "--list",
  ]);
  expect(ended).toEqual({
    code: 1,
    stdout: "",
    stderr: "chasqui-learn needs Node 24 or newer; this is 22.19.0\n",
  });
});

describe("what is cut short leaves nothing behind and says why", () => {
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), "learn-cut-"));
  });
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));

  /** The lesson, its standard output and its folder for temporary files chosen. */
  function spawned(stdout: "pipe" | number, args: readonly string[] = []) {
    // Its examples would keep their compiled code in the folder that is looked at.
    const env = { ...process.env, TMPDIR: temporary, NODE_COMPILE_CACHE: undefined };
    const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ["ignore", stdout, "pipe"] });
    const ended = once(child, "close");
    let stderr = "";
    child.stderr?.on("data", (text) => {
      stderr += text;
    });
    return { child, ended: ended.then(([code]) => ({ code, stderr })) };
  }

  test("SIGINT while the other API is asked ends it at once", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const asked = once(silent, "connection");
    const { child, ended } = spawned("pipe", ["--base-url", `http://127.0.0.1:${port}`]);
    const [socket] = await asked;
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 130, stderr: "" });
    expect(readdirSync(temporary)).toEqual([]);
    socket.destroy();
    silent.close();
  });

  test("a reader who has read enough, as head does, is no failure", async () => {
    const { child, ended } = spawned("pipe");
    if (child.stdout !== null) await once(child.stdout, "data");
    child.stdout?.destroy();
    expect(await ended).toEqual({ code: 0, stderr: "" });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.runIf(existsSync("/dev/full"))("a disk that is full", async () => {
    const full = openSync("/dev/full", "w");
    const { ended } = spawned(full);
    expect(await ended).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The lesson cannot be written: ENOSPC.*\n$/),
    });
    closeSync(full);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("no folder for temporary files", async () => {
    rmSync(temporary, { recursive: true });
    expect(await spawned("pipe").ended).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The lesson needs a folder for temporary files: ENOENT.*\n$/),
    });
  });
});

test("docs/lesson.md is the lesson: its text, the very programs, what they print", async () => {
  await expect(await lessonPage()).toMatchFileSnapshot("../../../docs/lesson.md");
});
