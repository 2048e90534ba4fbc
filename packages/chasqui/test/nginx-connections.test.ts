import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, HttpError, NetworkError } from "../src/index.ts";
import { caught } from "./peers/caught.ts";
import { type Certificates, certificates, pinOf } from "./peers/certificates.ts";
import { hasNginx, type Nginx, startNginx, WITHOUT_NGINX } from "./peers/nginx.ts";

const ROWS = JSON.stringify(Array.from({ length: 2000 }, (_, id) => ({ id, title: `row ${id}` })));
const BYTES = randomBytes(3_000_000);

describe.skipIf(!hasNginx)(`connections to nginx${WITHOUT_NGINX}`, () => {
  let all: Certificates;
  let nginx: Nginx;
  let origin: string;
  beforeAll(async () => {
    all = await certificates();
    nginx = await startNginx({
      listen: "ssl http2",
      http: "gzip on; gzip_types application/json; keepalive_requests 50;",
      server: `
        ssl_certificate $FOLDER/server.pem;
        ssl_certificate_key $FOLDER/server.key;
        ssl_client_certificate $FOLDER/ca.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_verify_client optional;
        client_max_body_size 50m;
        location /version { default_type text/plain; return 200 "$server_protocol $ssl_protocol"; }
        location /who { default_type text/plain; return 200 "$ssl_client_s_dn"; }
        location /members { if ($ssl_client_verify != SUCCESS) { return 403; } default_type text/plain; return 200 "in"; }`,
      files: {
        "server.pem": all.localhost.cert,
        "server.key": all.localhost.key,
        "ca.pem": all.ca.cert,
        "html/rows.json": ROWS,
        "html/bytes": BYTES,
      },
    });
    origin = `https://127.0.0.1:${nginx.port}`;
  }, 60_000);
  afterAll(() => nginx?.close());

  test.each<[boolean, string]>([
    [false, "HTTP/1.1 TLSv1.3"],
    [true, "HTTP/2.0 TLSv1.3"],
  ])("speaks HTTP/2 where it is asked for: %s", async (http2, version) => {
    await using client = new Client({ baseUrl: origin, http2, tls: { ca: all.ca.cert } });
    expect(await client.get("/version").text()).toBe(version);
  });

  test("P25 a hundred calls at a time over HTTP/2, also where nginx says GOAWAY after every fiftieth", async () => {
    await using client = new Client({ baseUrl: origin, http2: true, tls: { ca: all.ca.cert }, retry: false });
    const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
    const calls = Array.from({ length: 120 }, (_, index) =>
      index % 10 === 0 ? client.get("/bytes").bytes().then(digest) : client.get("/rows.json").text(),
    );
    const answers = await Promise.all(calls);
    expect(new Set(answers)).toEqual(new Set([digest(BYTES), ROWS]));
  });

  test("#112 S31 a client certificate is shown to nginx, and to nobody else's call", async () => {
    for (const http2 of [false, true]) {
      await using client = new Client({ baseUrl: origin, http2, tls: { ca: all.ca.cert } });
      const { cert, key } = all.client;
      expect(await client.get("/who", { tls: { cert, key } }).text()).toBe("CN=alice");
      expect(await client.get("/who").text()).toBe("");
      expect(await client.get("/members", { tls: { cert, key } }).text()).toBe("in");
      expect(await caught(client.get("/members").text(), HttpError)).toMatchObject({ status: 403 });
    }
  });

  test("a client certificate that nginx does not know is answered with a 400", async () => {
    await using client = new Client({ baseUrl: origin, tls: { ca: all.ca.cert, ...all.selfSigned } });
    // nginx asks and then judges: the request is answered with a 400.
    expect(await caught(client.get("/who").text(), HttpError)).toMatchObject({ status: 400 });
  });

  test("pins hold for nginx's key", async () => {
    const tls = { ca: all.ca.cert, pins: [pinOf(all.localhost)] };
    await using client = new Client({ baseUrl: origin, tls, retry: false });
    expect((await client.get("/version")).status).toBe(200);
    const wrong = client.get("/version", { tls: { pins: [pinOf(all.renewed)] } });
    expect((await caught(wrong, NetworkError)).hint).toContain(pinOf(all.localhost));
  });

  test("#135 connections that nginx closes after fifty requests are replaced", async () => {
    await using client = new Client({ baseUrl: origin, tls: { ca: all.ca.cert }, retry: false });
    for (let turn = 0; turn < 120; turn++) expect((await client.get("/version")).status).toBe(200);
  });
});
