import { appendFile, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallerError, Client, fileFrom, put } from "chasqui";
import { afterAll, beforeAll, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { serve } from "../peers/http-server.ts";
import { numbered } from "../peers/versioned-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chasqui-upload-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([0, 1, 262_144, 262_145, 1_000_003])(
  "#41 a file of %d bytes is sent as it is, with its length",
  async (size) => {
    const path = join(folder, `of-${size}`);
    await writeFile(path, numbered(size));
    await using server = await serve((response) => response.end() && undefined);
    const file = await fileFrom(path);
    await put(server.origin, { body: file });
    expect(server.last().body).toEqual(Buffer.from(numbered(size)));
    expect(server.last().headers["content-length"]).toBe(String(size));
    await put(server.origin, { body: file.slice(10, 300_000) });
    expect(server.last().body).toEqual(Buffer.from(numbered(size)).subarray(10, 300_000));
  },
);

test("P6 a file is sent again from its beginning by a retry and a redirect", async () => {
  const path = join(folder, "again");
  await writeFile(path, numbered(700_000));
  let turn = 0;
  await using server = await serve((response) => {
    turn++;
    if (turn === 1) response.writeHead(503).end();
    else if (turn === 2) response.writeHead(307, { location: "/there" }).end();
    else response.end();
  });
  await put(server.origin, { body: await fileFrom(path), retry: { backoff: { base: 0 } } });
  expect(server.seen.map(({ body }) => body.length)).toEqual([700_000, 700_000, 700_000]);
});

test.each([
  ["has grown", (path: string) => appendFile(path, "more")],
  ["was written anew", (path: string) => utimes(path, new Date(1000), new Date(1000))],
  ["is gone", (path: string) => rm(path)],
])("a file that %s since it was named is not sent: its length was announced", async (_, change) => {
  const path = join(folder, "changed");
  await writeFile(path, numbered(1000));
  await using server = await serve((response) => response.end() && undefined);
  await using client = new Client({ baseUrl: server.origin, retry: false });
  const file = await fileFrom(path);
  await change(path);
  const error = await caught(client.put("/", { multipart: { file } }), CallerError);
  expect(error.message).toContain("changed");
  expect(server.seen.length).toBe(0);
});
