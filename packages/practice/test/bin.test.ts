import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url));
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.stderr += chunk;
  });
  const url = async () => {
    while (!output.stdout.includes("\n")) await once(child.stdout, "data");
    return output.stdout.trim();
  };
  return { child, output, url, ended: once(child, "close").then(([code]) => code) };
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "prints its URL alone on one line, serves, and ends with 0 on %s",
  async (signal) => {
    const { child, output, url, ended } = start("--port", "0", "--posts", "250");
    const base = await url();
    expect(output.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
    expect(await (await fetch(`${base}/posts/250`)).json()).toMatchObject({ userId: 25 });
    const stalled = await fetch(`${base}/faults/stalled-body`);
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(output.stderr).toBe("");
    await expect(stalled.text()).rejects.toThrow();
  },
);

test("says which port is in use, and ends with 1", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const port = String(Object(other.address()).port);
  const { output, ended } = start("--port", port);
  expect(await ended).toBe(1);
  expect(output).toEqual({
    stdout: "",
    stderr: `chasqui-practice: port ${port} of 127.0.0.1 is in use; --port 0 takes a free one\n`,
  });
  other.close();
});

test.each([
  [
    ["--nonsense"],
    2,
    /^chasqui-practice: Unknown option '--nonsense'\. There are --port, --host, .*--help\.\nchasqui-practice --help says what the options mean\n$/,
  ],
  [["--port", "-1"], 2, /^chasqui-practice: Option '--port' argument is ambiguous\. There are/],
  [["--port", "abc"], 2, /--port must be a whole number, not "abc"/],
  [["--port", "99999"], 2, /--port must be a whole number from 0 to 65535, not 99999/],
  [["--posts"], 2, /--posts/],
  [["a.json", "b.json"], 2, /one file at most/],
  [["/nowhere/db.json"], 2, /^chasqui-practice: there is no file \/nowhere\/db\.json\n/],
  [[import.meta.dirname], 2, /test cannot be read: EISDIR/],
  [[bin], 2, /bin\.ts is not JSON: /],
  [["--posts", "9999999999999"], 2, /--posts must be a whole number from 0 to 1000000000, not 9999999999999/],
  [["--latency", "60001"], 2, /--latency must be a whole number from 0 to 60000, not 60001/],
  [["--keep", import.meta.dirname], 1, /test: unable to open database file/],
])("%j ends with %i and says why", async (args, code, reason) => {
  const { output, ended } = start(...args);
  expect(await ended).toBe(code);
  expect(output.stdout).toBe("");
  expect(output.stderr).toMatch(reason);
  expect(output.stderr).not.toMatch(/\n\s+at /);
});

test("--help lists every option", async () => {
  const { output, ended } = start("--help");
  expect(await ended).toBe(0);
  for (const option of ["port", "host", "posts", "keep", "latency", "seed", "cors"])
    expect(output.stdout).toContain(`--${option}`);
});

test("serves a file, with what is written kept in another", async () => {
  const folder = mkdtempSync(join(tmpdir(), "practice-bin-"));
  const [data, keep] = [join(folder, "db.json"), join(folder, "kept.db")];
  writeFileSync(data, JSON.stringify({ notes: [{ id: 1, text: "first" }] }));
  for (const expected of [2, 3]) {
    const { child, url, ended } = start("--port", "0", "--keep", keep, data);
    const base = await url();
    const created = await fetch(`${base}/notes`, {
      method: "POST",
      body: new URLSearchParams({ text: "more" }),
    });
    expect(await created.json()).toEqual({ text: "more", id: expected });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  }
  rmSync(folder, { recursive: true });
});

test("a file that another server keeps its rows in is refused, until that one is gone, however it went", async () => {
  const folder = mkdtempSync(join(tmpdir(), "practice-bin-"));
  const keep = join(folder, "kept.db");
  const first = start("--port", "0", "--keep", keep);
  const created = await fetch(`${await first.url()}/posts`, {
    method: "POST",
    body: new URLSearchParams({ title: "mine" }),
  });
  expect(created.status).toBe(201);
  const second = start("--port", "0", "--keep", keep);
  expect(await second.ended).toBe(1);
  expect(second.output).toEqual({
    stdout: "",
    stderr: `chasqui-practice: ${keep} is in use by another server\n`,
  });
  first.child.kill("SIGKILL");
  await first.ended;
  const third = start("--port", "0", "--keep", keep);
  expect(await (await fetch(`${await third.url()}/posts/101`)).json()).toMatchObject({ title: "mine" });
  third.child.kill("SIGTERM");
  expect(await third.ended).toBe(0);
  rmSync(folder, { recursive: true });
});

test("--keep alone keeps in memory", async () => {
  const { url } = start("--keep", "--port", "0");
  const base = await url();
  await fetch(`${base}/posts/1`, { method: "DELETE" });
  expect((await fetch(`${base}/posts/1`)).status).toBe(404);
});
