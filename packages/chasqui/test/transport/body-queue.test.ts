import { describe, expect, test } from "vitest";
import { BodyQueue } from "../../src/transport/body-queue.ts";
import { readMemory } from "../../src/transport/read-memory.ts";

function queue(resume: (queue: BodyQueue) => void = () => {}): { queue: BodyQueue; flow: string[] } {
  const flow: string[] = [];
  const made = new BodyQueue({
    pause: () => flow.push("pause"),
    resume: () => {
      flow.push("resume");
      resume(made);
    },
    cancel: () => flow.push("cancel"),
  });
  return { queue: made, flow };
}

const piece = (size: number): Uint8Array => new Uint8Array(size);
const sizes = (batch: readonly Uint8Array[] | undefined): number[] | undefined =>
  batch?.map(({ length }) => length);

describe("pieces one by one", () => {
  const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

  test("what came while nobody asked is one piece, what is waited for comes at once", async () => {
    const { queue: pieces } = queue();
    for (const part of [bytes(1, 2), bytes(3), bytes(4, 5)]) pieces.push(part);
    expect([...((await pieces.next()).value ?? [])]).toEqual([1, 2, 3, 4, 5]);
    const next = pieces.next();
    pieces.push(bytes(6));
    pieces.push(bytes(7));
    expect([...((await next).value ?? [])]).toEqual([6]);
    pieces.end();
    expect([...((await pieces.next()).value ?? [])]).toEqual([7]);
    expect(await pieces.next()).toEqual({ done: true, value: undefined });
  });

  test("a piece that came alone is not copied", async () => {
    const { queue: pieces } = queue();
    const only = bytes(1);
    pieces.push(only);
    expect((await pieces.next()).value).toBe(only);
  });

  test("S14 very many small pieces wait as a few", async () => {
    const { queue: pieces } = queue();
    for (let i = 0; i < 20_000; i++) pieces.push(bytes(i % 251));
    pieces.end();
    const batch = (await pieces.batch(20_000)) ?? [];
    expect(batch.length).toBeLessThan(5000);
    expect([...Buffer.concat(batch)]).toEqual(Array.from({ length: 20_000 }, (_, i) => i % 251));
  });

  test("what is brought is whole until it has been taken, though all before it are put together", async () => {
    // A read that fills its memory, which is handed on as it is and given back when its bytes are elsewhere.
    const read: Uint8Array[] = [];
    const reads = readMemory.reading();
    reads.giveTo({ receive: (piece) => void read.push(piece) });
    const { buffer, callback } = reads.onread;
    const memory = typeof buffer === "function" ? buffer() : buffer;
    memory.fill(7);
    callback(memory.length, memory);
    const [full = bytes()] = read;
    const { queue: pieces, flow } = queue();
    for (let i = 0; i < 4095; i++) pieces.push(bytes(1));
    pieces.push(full);
    // The parser is still at it: it looks for what it has not read, as the queue has told it to wait.
    expect(flow).toEqual(["pause"]);
    expect(full.length).toBe(512 * 1024);
    const { value } = await pieces.next();
    expect([value?.length, value?.at(-1)]).toEqual([4095 + 512 * 1024, 7]);
    expect(full.length).toBe(0);
  });

  test("the connection waits while half a MiB lies there, and goes on when it is taken", async () => {
    const { queue: pieces, flow } = queue();
    for (let at = 0; at < 8; at++) {
      expect(flow).toEqual([]);
      pieces.push(piece(64 * 1024));
    }
    expect(flow).toEqual(["pause"]);
    expect((await pieces.next()).value?.length).toBe(512 * 1024);
    expect(flow).toEqual(["pause", "resume"]);
  });

  test("who asks three times in one breath gets three pieces in order, and then the failure", async () => {
    const { queue: pieces } = queue();
    const asked = [pieces.next(), pieces.next(), pieces.next(), pieces.next()];
    pieces.push(bytes(1));
    await asked[0];
    pieces.push(bytes(2));
    await asked[1];
    pieces.push(bytes(3));
    await asked[2];
    pieces.fail(new Error("broken"));
    await expect(asked[3]).rejects.toThrow("broken");
    expect(await Promise.all(asked.slice(0, 3))).toEqual(
      [1, 2, 3].map((value) => ({ done: false, value: bytes(value) })),
    );
  });
});

describe("pieces in batches", () => {
  test("a batch comes when it has the bytes that were asked for, or at the end", async () => {
    const { queue: pieces } = queue();
    const first = pieces.batch(100);
    for (const size of [40, 40, 40]) pieces.push(piece(size));
    expect(sizes(await first)).toEqual([40, 40, 40]);
    const second = pieces.batch(100);
    pieces.push(piece(10));
    pieces.end();
    expect(sizes(await second)).toEqual([10]);
    expect(await pieces.batch(100)).toBeUndefined();
  });

  test("a connection that was paused may bring all the rest at once when it goes on", async () => {
    const { queue: pieces, flow } = queue((self) => {
      self.push(piece(7));
      self.end();
    });
    pieces.push(piece(600_000));
    expect(flow).toEqual(["pause"]);
    expect(sizes(await pieces.batch(1_000_000))).toEqual([600_000, 7]);
    expect(await pieces.batch(1_000_000)).toBeUndefined();
  });

  test("what came before a failure is given first", async () => {
    const { queue: pieces } = queue();
    const batch = pieces.batch(100);
    pieces.push(piece(10));
    pieces.fail(new Error("broken"));
    expect(sizes(await batch)).toEqual([10]);
    await expect(pieces.batch(100)).rejects.toThrow("broken");
  });

  test("the connection waits while twice as much lies there, and goes on when it is taken", async () => {
    const { queue: pieces, flow } = queue();
    const first = pieces.batch(1_000_000);
    pieces.push(piece(1_000_000));
    await first;
    pieces.push(piece(1_999_999));
    expect(flow).toEqual([]);
    pieces.push(piece(1));
    expect(flow).toEqual(["pause"]);
    await pieces.batch(1_000_000);
    expect(flow).toEqual(["pause", "resume"]);
  });

  test("who leaves while it is waited for has it ended", async () => {
    const { queue: pieces, flow } = queue();
    const batch = pieces.batch(100);
    await pieces.return();
    expect(await batch).toBeUndefined();
    expect(flow).toEqual(["cancel"]);
  });
});
