import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AuthError, fileTokens, OptionsError, oauth2 } from "../../src/index.ts";
import { FileLock, type LockTime } from "../../src/platform/file-lock.ts";
import { openTokenFile } from "../../src/platform/web.ts";
import { caught } from "../peers/caught.ts";
import { tokenServer } from "../peers/token-server.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chasqui-tokens-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PEERS = join(import.meta.dirname, "../peers");
const token = { accessToken: "t", obtainedAt: 1, expiresAt: 2, refreshToken: "r", scope: "a" };
const modeOf = (path: string): number => statSync(path).mode & 0o777;

function child(program: string, ...args: string[]): ChildProcess {
  const node = ["--conditions=chasqui-source", join(PEERS, program), ...args];
  return spawn(process.execPath, node, { stdio: ["ignore", "pipe", "inherit"] });
}

async function saidBy(process: ChildProcess): Promise<string> {
  let text = "";
  process.stdout?.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  await once(process, "close");
  return text;
}

describe("tokens in a file", () => {
  test("S38 are their owner's alone, in folders that are made for them, and come back as they were", async () => {
    const path = join(folder, "a/b/tokens.json");
    const store = fileTokens(path);
    expect(await store.get("k")).toBeUndefined();
    await store.set("k", token);
    await store.set("__proto__", { accessToken: "p", obtainedAt: 1 });
    expect([modeOf(path), modeOf(join(folder, "a")), modeOf(join(folder, "a/b"))]).toEqual([
      0o600, 0o700, 0o700,
    ]);
    const again = fileTokens(pathToFileURL(path));
    expect(await again.get("k")).toEqual(token);
    expect(await again.get("__proto__")).toEqual({ accessToken: "p", obtainedAt: 1 });
    expect(await again.get("constructor")).toBeUndefined();
    await again.delete("k");
    expect(await store.get("k")).toBeUndefined();
    expect(readdirSync(join(folder, "a/b")).sort()).toEqual(["tokens.json", "tokens.json.locks"]);
  });

  test.each([0o640, 0o604, 0o660, 0o644])(
    "of mode %o, which others can read, are refused and not used",
    async (mode) => {
      const path = join(folder, "tokens.json");
      await fileTokens(path).set("k", token);
      chmodSync(path, mode);
      const before = readFileSync(path, "utf8");
      expect(await caught(Promise.resolve(fileTokens(path).get("k")), AuthError)).toMatchObject({
        hint: `chmod 600 ${path}`,
      });
      await caught(Promise.resolve(fileTokens(path).set("k", token)), AuthError);
      expect(readFileSync(path, "utf8")).toBe(before);
    },
  );

  test.each([
    ["cut off", '{"version":1,"tokens":{"k":{"accessToken":"s3cr'],
    ["another program's", '{"access_token":"s3cr3t"}'],
    ["of another version", '{"version":2,"tokens":{}}'],
    ["without a token", '{"version":1,"tokens":{"k":{"accessToken":5}}}'],
    ["empty", ""],
  ])("that are no such file (%s) are refused, neither shown nor written over", async (_, text) => {
    const path = join(folder, "tokens.json");
    writeFileSync(path, text, { mode: 0o600 });
    const error = await caught(Promise.resolve(fileTokens(path).get("k")), AuthError);
    expect(error.message).toMatch(/is no file of tokens$/);
    expect(JSON.stringify(error)).not.toContain("s3cr");
    await caught(Promise.resolve(fileTokens(path).set("k", token)), AuthError);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("behind a link are written where it leads to", async () => {
    mkdirSync(join(folder, "real"));
    await fileTokens(join(folder, "real/t.json")).set("k", token);
    symlinkSync(join(folder, "real/t.json"), join(folder, "link.json"));
    await fileTokens(join(folder, "link.json")).set("j", token);
    expect(await fileTokens(join(folder, "real/t.json")).get("j")).toEqual(token);
  });

  test("that are written at once are all there", async () => {
    const path = join(folder, "tokens.json");
    const stores = Array.from({ length: 5 }, () => fileTokens(path));
    await Promise.all(
      stores.flatMap((store, s) => Array.from({ length: 4 }, (_, i) => store.set(`${s} ${i}`, token))),
    );
    const keys = Object.keys(JSON.parse(readFileSync(path, "utf8")).tokens);
    expect(keys).toHaveLength(20);
  });

  test("can be had once what stood in the way of their folder is gone", async () => {
    writeFileSync(join(folder, "in-the-way"), "");
    const store = fileTokens(join(folder, "in-the-way/tokens.json"));
    await expect(store.get("k")).rejects.toThrow();
    rmSync(join(folder, "in-the-way"));
    expect(await store.get("k")).toBeUndefined();
  });

  test("need a path, and Node", async () => {
    expect(() => fileTokens("")).toThrow(OptionsError);
    expect(() => fileTokens(5 as never)).toThrow(OptionsError);
    expect(await caught(openTokenFile("x"), OptionsError)).toMatchObject({ option: "store" });
  });
});

describe("a lock between processes", () => {
  const counter = (): string => join(folder, "counter");
  const locks = (): string => join(folder, "locks");

  test("lets one do its work at a time, of four processes and this one", async () => {
    writeFileSync(counter(), "0");
    const others = Array.from({ length: 4 }, () => saidBy(child("lock-holder.ts", locks(), counter(), "25")));
    for (let i = 0; i < 25; i++) {
      await new FileLock(locks(), "x").hold(async () => {
        const before = Number(readFileSync(counter(), "utf8"));
        await new Promise((resolve) => setImmediate(resolve));
        writeFileSync(counter(), String(before + 1));
      });
    }
    await Promise.all(others);
    expect(readFileSync(counter(), "utf8")).toBe("125");
    // The row is cut behind who goes on.
    expect(readdirSync(locks()).length).toBeLessThanOrEqual(2);
  });

  test("lets one do its work at a time, of twenty that come at once", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all(Array.from({ length: 20 }, () => new FileLock(locks(), "x").hold(work)));
    expect(most).toBe(1);
  });

  test("of a process that is killed is free at once, and of five that are killed one after the other", async () => {
    writeFileSync(counter(), "0");
    for (let i = 0; i < 5; i++) {
      const holder = child("lock-holder.ts", locks(), counter(), "1", "forever");
      const [said] = await once(holder.stdout ?? holder, "data");
      expect(String(said)).toBe("held\n");
      holder.kill("SIGKILL");
      await once(holder, "close");
    }
    expect(await new FileLock(locks(), "x").hold(async () => "mine")).toBe("mine");
  });

  test("is given back by work that fails", async () => {
    const lock = new FileLock(locks(), "x");
    await caught(
      lock.hold(async () => {
        throw new TypeError("no");
      }),
      TypeError,
    );
    expect(await lock.hold(async () => "mine")).toBe("mine");
  });

  test("of another machine is taken over when it has been silent for half a minute, and not before", async () => {
    mkdirSync(locks());
    writeFileSync(join(locks(), "x.7"), JSON.stringify({ machine: "elsewhere", pid: process.pid }));
    let now = 0;
    let beats = 0;
    const time: LockTime = {
      now: () => now,
      wait: async () => {
        now += 1000;
        // It shows that it is there, twice, and then no more.
        if (now === 20_000 || now === 40_000) {
          beats++;
          writeFileSync(
            join(locks(), "x.7"),
            JSON.stringify({ machine: "elsewhere", pid: process.pid, beats }),
          );
        }
      },
    };
    await new FileLock(locks(), "x", time).hold(async () => {});
    expect([beats, now]).toEqual([2, 70_000]);
    expect(readdirSync(locks()).sort()).toEqual(["x.8", "x.8.free"]);
  });

  test("that was cut off while it was made is of nobody", async () => {
    mkdirSync(locks());
    writeFileSync(join(locks(), "x.1"), '{"mach');
    let now = 0;
    const time: LockTime = {
      now: () => now,
      wait: async () => {
        now += 1000;
      },
    };
    await new FileLock(locks(), "x", time).hold(async () => {});
    expect(now).toBe(30_000);
  });
});

describe("a holder that was stopped for longer than others wait", () => {
  /** Half a minute of silence goes by at once. */
  function fast(): LockTime {
    let now = 0;
    return { now: () => (now += 10_000), wait: () => new Promise((resolve) => setImmediate(resolve)) };
  }
  const nameOf = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 16);

  test("knows that its lock is another's, and does not take it back", async () => {
    const locks = join(folder, "locks");
    const told: boolean[] = [];
    await new FileLock(locks, "x").hold(async (still) => {
      told.push(await still());
      await new FileLock(locks, "x", fast()).hold(async (theirs) => {
        told.push(await still(), await theirs());
      });
      told.push(await still());
    });
    expect(told).toEqual([true, false, true, false]);
  });

  test("does not write its token over the newer one of who came after it, and gives that to the next", async () => {
    const path = join(folder, "tokens.json");
    const late = fileTokens(path);
    const newer = { ...token, accessToken: "newer", obtainedAt: 40_000 };
    await late.lock?.("k", async () => {
      // Its own token came just before it was stopped.
      await new FileLock(`${path}.locks`, nameOf("k"), fast()).hold(async () =>
        fileTokens(path).set("k", newer),
      );
      await late.set("k", { ...token, accessToken: "older", obtainedAt: 1000 });
      await late.set("another key", token);
    });
    expect(await late.get("k")).toEqual(newer);
    expect(await late.get("another key")).toEqual(token);
    // Whoever has the lock replaces what is there, whenever it was got.
    await late.lock?.("k", async () => late.set("k", token));
    expect(await late.get("k")).toEqual(token);
  });

  test("writes its token where nobody has stored another one since, or an older one", async () => {
    const path = join(folder, "tokens.json");
    const late = fileTokens(path);
    await late.set("k", token);
    const own = { ...token, accessToken: "own", obtainedAt: 1000 };
    await late.lock?.("k", async () => {
      await new FileLock(`${path}.locks`, nameOf("k"), fast()).hold(async () => {});
      await late.set("k", own);
    });
    expect(await late.get("k")).toEqual(own);
  });

  test.skipIf(process.platform === "win32")(
    "reads the file anew where it was stopped between reading and writing: no token of others is lost",
    { timeout: 60_000 },
    async () => {
      const path = join(folder, "tokens.json");
      await fileTokens(path).set("first", token);
      const writer = child("stopped-writer.ts", path, "late");
      const closed = once(writer, "close");
      try {
        const [said] = await once(writer.stdout ?? writer, "data");
        expect(String(said)).toBe("stopped\n");
        // Half a minute later its lock is of nobody: another process takes it over, and stores what it has got.
        await new FileLock(`${path}.locks`, "file", fast()).hold(async () => {
          const tokens = { first: { ...token, accessToken: "renewed" }, second: token };
          writeFileSync(path, JSON.stringify({ version: 1, tokens }));
        });
        writer.kill("SIGCONT");
        await closed;
      } finally {
        writer.kill("SIGKILL");
      }
      const store = fileTokens(path);
      expect((await store.get("first"))?.accessToken).toBe("renewed");
      expect(await store.get("second")).toEqual(token);
      expect((await store.get("late"))?.accessToken).toBe("late");
    },
  );

  test("looks whether its lock is its own after the disk has taken its time, and writes over no token of others", async () => {
    const path = join(folder, "tokens.json");
    await fileTokens(path).set("first", token);
    const handle = await open(path);
    const files: FileHandle = Object.getPrototypeOf(handle);
    await handle.close();
    let stops = 0;
    const { sync } = files;
    const spy = vi.spyOn(files, "sync").mockImplementation(async function (this: FileHandle) {
      // The bytes are written, and not on the disk yet. Half a minute later the lock is of nobody: another has taken it over.
      if (stops++ === 0) {
        await new FileLock(`${path}.locks`, "file", fast()).hold(async () => {
          const tokens = { first: { ...token, accessToken: "renewed" } };
          writeFileSync(path, JSON.stringify({ version: 1, tokens }));
        });
      }
      return sync.call(this);
    });
    try {
      await fileTokens(path).set("late", token);
    } finally {
      spy.mockRestore();
    }
    expect(stops).toBeGreaterThan(1);
    expect((await fileTokens(path).get("first"))?.accessToken).toBe("renewed");
    expect(await fileTokens(path).get("late")).toEqual(token);
    expect(readdirSync(folder).sort()).toEqual(["tokens.json", "tokens.json.locks"]);
  });
});

describe("P5 processes that share a file of tokens", () => {
  test("three of them with 50 calls each ask for one token, and spend no refresh token twice", {
    timeout: 60_000,
  }, async () => {
    await using server = await tokenServer();
    const path = join(folder, "tokens.json");
    const run = (): Promise<string[]> =>
      Promise.all(
        Array.from({ length: 3 }, () => saidBy(child("token-child.ts", server.origin, path, "50"))),
      );
    const fine = Array.from({ length: 50 }, () => "200").join(" ");
    expect(await run()).toEqual([fine, fine, fine]);
    expect(server.asked.map(({ fields }) => fields.refresh_token)).toEqual(["rt0"]);
    // The token is revoked before its time: each of them hears of it by a 401.
    server.good = "revoked";
    expect(await run()).toEqual([fine, fine, fine]);
    expect(server.asked.map(({ fields }) => fields.refresh_token)).toEqual(["rt0", "rt1"]);
  });

  test("one that is killed while it asks does not stop the others", async () => {
    await using server = await tokenServer();
    const path = join(folder, "tokens.json");
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    server.instead.push(() => reach());
    const dying = child("token-child.ts", server.origin, path);
    await reached;
    dying.kill("SIGKILL");
    await once(dying, "close");
    const auth = oauth2({
      tokenEndpoint: server.tokenEndpoint,
      clientId: "app",
      grant: "refresh_token",
      refreshToken: "rt0",
      store: fileTokens(path),
    });
    expect((await auth.token()).reveal()).toBe("at1");
  });

  test("a session outlives its processes, killed before an answer came and right after", {
    timeout: 60_000,
  }, async () => {
    await using server = await tokenServer();
    server.grace = true;
    // Each call has to ask for a token.
    server.life = 0.001;
    const path = join(folder, "tokens.json");
    for (const [round, questions] of [2, 4, 1, 3].entries()) {
      const dying = child("token-child.ts", server.origin, path, "1", "forever");
      const closed = once(dying, "close");
      const wanted = server.asked.length + questions;
      if (round % 2 === 0) {
        server.onSent = () => {
          if (server.asked.length >= wanted) dying.kill("SIGKILL");
        };
      } else {
        server.onSent = () => {
          if (server.asked.length === wanted - 1) server.instead.push(() => void dying.kill("SIGKILL"));
        };
      }
      await closed;
      server.onSent = undefined;
      server.instead.length = 0;
    }
    const auth = oauth2({
      tokenEndpoint: server.tokenEndpoint,
      clientId: "app",
      grant: "refresh_token",
      refreshToken: "rt0",
      store: fileTokens(path),
    });
    const last = (await auth.token()).reveal();
    expect(last).toBe(server.good);
    // Nobody went back to the beginning: each asked with what was stored.
    expect(server.asked.filter(({ fields }) => fields.refresh_token === "rt0").length).toBeLessThanOrEqual(2);
    expect(modeOf(path)).toBe(0o600);
  });
});
