import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BodyTooLargeError, Client, get } from "../src/index.ts";
import { caught } from "./peers/caught.ts";
import { hasNginx, type Nginx, startNginx, WITHOUT_NGINX } from "./peers/nginx.ts";

const ROWS = JSON.stringify(Array.from({ length: 5000 }, (_, id) => ({ id, title: `row ${id} ñ` })));

describe.skipIf(!hasNginx)(`what nginx encodes${WITHOUT_NGINX}`, () => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startNginx({
      http: "gzip on; gzip_types application/json; gzip_min_length 20;",
      server: `
        location /packed/ { gzip off; types { application/json json; } }
        location ~ ^/packed/.*[.]gz$ { gzip off; types {} default_type application/json; add_header Content-Encoding gzip; }
        location ~ ^/packed/.*[.]br$ { gzip off; types {} default_type application/json; add_header Content-Encoding br; }
        location ~ ^/packed/.*[.]zst$ { gzip off; types {} default_type application/json; add_header Content-Encoding zstd; }
        location ~ ^/packed/.*[.]twice$ {
          gzip off; types {} default_type application/json;
          add_header Content-Encoding gzip; add_header Content-Encoding br;
        }`,
      files: {
        "html/rows.json": ROWS,
        "html/packed/rows.gz": gzipSync(ROWS),
        "html/packed/rows.br": brotliCompressSync(ROWS),
        "html/packed/rows.zst": zstdCompressSync(Buffer.from(ROWS)),
        "html/packed/rows.twice": brotliCompressSync(gzipSync(ROWS)),
      },
    });
  }, 60_000);
  afterAll(() => nginx?.close());

  test("#117 nginx's own gzip, chunked, whole and in pieces", async () => {
    const response = await get(`${nginx.origin}/rows.json`);
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(await response.text()).toBe(ROWS);
    const lines = await Array.fromAsync(get(`${nginx.origin}/rows.json`).lines());
    expect(lines.join("")).toBe(ROWS);
  });

  test.each(["gz", "br", "zst", "twice"])("#117 what was packed before: rows.%s", async (end) => {
    const url = `${nginx.origin}/packed/rows.${end}`;
    expect(await get(url).text()).toBe(ROWS);
    expect((await Array.fromAsync(get(url).lines())).join("")).toBe(ROWS);
  });

  test("S14 maxBytes counts what comes out of nginx's gzip", async () => {
    const call = { maxBytes: ROWS.length - 200 };
    await caught(get(`${nginx.origin}/rows.json`, call).text(), BodyTooLargeError);
    await caught(Array.fromAsync(get(`${nginx.origin}/rows.json`, call).stream()), BodyTooLargeError);
  });

  test("with accept-encoding: identity it comes as it is", async () => {
    await using client = new Client({ headers: { "accept-encoding": "identity" } });
    const response = await client.get(`${nginx.origin}/rows.json`);
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.text()).toBe(ROWS);
  });
});
