import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";

/** The form of S9 as one writes it who has no FormData, or does not want to hold the file in memory. */
export async function formByHand(
  path: string,
): Promise<{ readonly headers: Record<string, string>; readonly body: Readable }> {
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
  const headers = {
    "content-type": `multipart/form-data; boundary=${boundary}`,
    "content-length": String(before.length + size + after.length),
  };
  return { headers, body: Readable.from(form()) };
}
