import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { request } from "undici";
import type { BenchClient } from "../scenario.ts";
import { sumOf, walkByHand } from "../walk-by-hand.ts";

export default (): BenchClient => ({
  async getJson(url, turn) {
    const { body } = await request(url, { headers: { "x-turn": String(turn) } });
    return body.json();
  },
  async postJson(url, turn, data) {
    const { body } = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-turn": String(turn) },
      body: JSON.stringify(data),
    });
    return body.json();
  },
  async download(url, path) {
    const { body } = await request(url);
    await pipeline(body, createWriteStream(path));
  },
  async upload(url, path) {
    const boundary = randomUUID();
    const before = Buffer.from(
      [
        `--${boundary}`,
        'content-disposition: form-data; name="note"',
        "",
        "hi",
        `--${boundary}`,
        `content-disposition: form-data; name="file"; filename="${basename(path)}"`,
        "content-type: application/octet-stream",
        "",
        "",
      ].join("\r\n"),
    );
    const after = Buffer.from(`\r\n--${boundary}--\r\n`);
    const { size } = await stat(path);
    async function* form(): AsyncGenerator<Buffer, void, undefined> {
      yield before;
      yield* createReadStream(path);
      yield after;
    }
    const { body } = await request(url, {
      method: "POST",
      headers: {
        "content-type": `multipart/form-data; boundary=${boundary}`,
        "content-length": String(before.length + size + after.length),
      },
      body: Readable.from(form()),
    });
    return body.json();
  },
  async sumOfCounted(first) {
    const url = new URL(first);
    let sum = 0;
    for (let read = 0; ; ) {
      const { headers, body } = await request(url);
      const rows = await body.json();
      sum += sumOf(rows);
      read += Array.isArray(rows) ? rows.length : 0;
      if (read >= Number(headers["x-total-count"])) return sum;
      url.searchParams.set("page", String(Number(url.searchParams.get("page")) + 1));
    }
  },
  sumOfIds: (first) =>
    walkByHand(first, async (url) => {
      const { headers, body } = await request(url);
      return { rows: await body.json(), link: headers.link };
    }),
});
