import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPractice, type PracticeOptions } from "../src/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "practice-keep-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ids = async (practice: ReturnType<typeof createPractice>, path: string) =>
  ((await (await practice.fetch(`http://x.test${path}`)).json()) as { id: number }[]).map((row) => row.id);
const post = (title: string) => ({ method: "POST", body: new URLSearchParams({ title, userId: "1" }) });

test("rows kept in a file are there when the server is started again", async () => {
  const keep = join(folder, "rows.db");
  const first = createPractice({ keep });
  await first.fetch("http://x.test/posts", post("kept"));
  await first.fetch("http://x.test/posts", post("deleted again"));
  await first.fetch("http://x.test/posts/102", { method: "DELETE" });
  await first.fetch("http://x.test/posts/1", { method: "DELETE" });
  await first.fetch("http://x.test/posts/2", {
    method: "PATCH",
    body: new URLSearchParams({ title: "changed" }),
  });
  first.close();
  const second = createPractice({ keep });
  expect(await ids(second, "/posts?userId=1")).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 101]);
  expect(await (await second.fetch("http://x.test/posts/2")).json()).toMatchObject({ title: "changed" });
  expect(await (await second.fetch("http://x.test/posts", post("next"))).json()).toMatchObject({ id: 102 });
  second.close();
});

test("objects of own data are kept too", async () => {
  const options: PracticeOptions = {
    keep: join(folder, "own.db"),
    data: { profile: { name: "Ana" }, notes: [] },
  };
  const first = createPractice(options);
  await first.fetch("http://x.test/profile", {
    method: "PATCH",
    body: new URLSearchParams({ city: "Cusco" }),
  });
  first.close();
  const second = createPractice(options);
  expect(await (await second.fetch("http://x.test/profile")).json()).toEqual({ name: "Ana", city: "Cusco" });
  second.close();
});

test("a file has one keeper at a time, in one process too", () => {
  const keep = join(folder, "rows.db");
  const first = createPractice({ keep });
  expect(() => createPractice({ keep })).toThrow(/rows\.db is in use by another server/);
  first.close();
  createPractice({ keep }).close();
});

test("a file that was written over other rows, or is none, is refused", () => {
  const keep = join(folder, "rows.db");
  createPractice({ keep }).close();
  expect(() => createPractice({ keep, posts: 1000 })).toThrow(/keeps changes to 100 posts of seed 1/);
  const text = join(folder, "notes.txt");
  writeFileSync(text, "this is no database, and it is longer than the header of one would be".repeat(20));
  expect(() => createPractice({ keep: text })).toThrow(/notes\.txt: file is not a database/);
});
