import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningPractice, startPractice } from "../src/index.ts";

let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());

const script = fileURLToPath(new URL("python_client.py", import.meta.url));
const run = promisify(execFile);
const hasRequests = spawnSync("python3", ["-c", "import requests"]).status === 0;
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test.skipIf(!hasRequests)(
  `Python's requests finds a good server${hasRequests ? "" : " (skipped: python3 has no requests here)"}`,
  async () => {
    const { stdout } = await run("python3", [script, practice.url]).catch((error) => ({
      stdout: String(error.stderr),
    }));
    expect(stdout).toBe("OK\n");
  },
);

describe.skipIf(!hasCurl)(
  `curl finds a good server${hasCurl ? "" : " (skipped: there is no curl here)"}`,
  () => {
    const curl = async (...args: string[]) => {
      const format = "\n%{http_code} %{exitcode} %{num_connects}";
      const { stdout } = await run("curl", ["-sg", "-m", "5", "-w", format, ...args]).catch((error) => error);
      const [status = 0, exit = 0, connects = 0] =
        String(stdout).trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
      return { text: String(stdout).replace(/\n[^\n]*$/, ""), status, exit, connects };
    };

    test.each<[string, string[], number, RegExp]>([
      ["a row", ["/posts/1"], 200, /"title": "sunt aut facere/],
      ["a page", ["-i", "/posts?_page=2&_limit=1"], 200, /^link: <http:.*_page=1.*>; rel="first"/m],
      ["a filter", ["/posts?userId=1&title_like=^qui"], 200, /"id": 2,/],
      ["a missing row", ["/posts/999"], 404, /^\{\}$/],
      ["compressed", ["--compressed", "/posts/2"], 200, /qui est esse/],
      ["a form", ["-d", "title=x", "/posts"], 201, /"id": 101/],
      ["JSON", ["--json", '{"title":"x"}', "/posts"], 201, /"title": "x",\n {2}"id": 101/],
      ["a replacement", ["-X", "PUT", "--json", '{"title":"x"}', "/posts/1"], 200, /"id": 1/],
      ["a deletion", ["-X", "DELETE", "/posts/1"], 200, /^\{\}$/],
      ["Basic", ["-u", "user:passwd", "/auth/basic"], 200, /"authenticated": true/],
      ["Digest", ["--digest", "-u", "user:passwd", "/auth/digest"], 200, /"authenticated": true/],
      [
        "Digest with a session, SHA-256 and a query",
        ["--digest", "-u", "user:passwd", "/auth/digest?algorithm=SHA-256-sess&uses=1"],
        200,
        /"authenticated": true/,
      ],
      ["Digest of RFC 2069", ["--digest", "-u", "user:passwd", "/auth/digest?qop=none"], 200, /"digest"/],
      [
        "Digest with the wrong password",
        ["--digest", "-u", "user:no", "/auth/digest"],
        401,
        /password is wrong/,
      ],
      ["a redirect", ["-L", "/faults/redirect?to=/posts/2"], 200, /qui est esse/],
      ["an upload", ["-F", `file=@${script};filename=a.txt`, "/echo"], 200, /"name": "a.txt"/],
      ["the head", ["-I", "/posts/1"], 200, /^content-length: \d+/m],
      ["HTTP/1.0", ["-0", "/posts/1"], 200, /sunt aut facere/],
    ])("%s", async (_, args, status, text) => {
      const answer = await curl(...args.slice(0, -1), `${practice.url}${args.at(-1)}`);
      expect([answer.status, answer.exit]).toEqual([status, 0]);
      expect(answer.text).toMatch(text);
    });

    test("304 for the ETag that it has, without a body", async () => {
      const { text } = await curl("-I", `${practice.url}/posts/1`);
      const tag = /^etag: (.*)$/im.exec(text)?.[1]?.trim() ?? "";
      expect(await curl("-H", `If-None-Match: ${tag}`, `${practice.url}/posts/1`)).toMatchObject({
        status: 304,
        exit: 0,
        text: "",
      });
    });

    test("one connection for several requests", async () => {
      const { connects } = await curl(
        `${practice.url}/posts/1`,
        `${practice.url}/posts/2`,
        "-o",
        "/dev/null",
      );
      expect(connects).toBe(0);
    });

    test.each([
      ["/faults/reset", 56],
      ["/faults/truncated", 18],
    ])("%s ends with exit code %i", async (path, exit) => {
      expect((await curl(practice.url + path)).exit).toBe(exit);
    });
  },
);
