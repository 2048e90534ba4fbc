import {
  BodyTooLargeError,
  type ChasquiError,
  Client,
  type ClientOptions,
  DecodeError,
  EmptyBodyError,
  fileFrom,
  HttpError,
  loadEnv,
  NetworkError,
  netrc,
  OptionsError,
  ValidationError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal, fits, has } from "./assert.ts";
import type { Topic } from "./suite.ts";

function at(peer: string, text: string, type: string): string {
  return `${peer}/text?base64=${encodeURIComponent(text)}&type=${encodeURIComponent(type)}`;
}

export const responses: Topic = {
  "status, headers, URL and time": async ({ peers, client }) => {
    await using session = client();
    const response = await session.get(`${peers.api}/posts?_page=1&_limit=2#part`);
    has(response, { status: 200, ok: true, url: `${peers.api}/posts?_page=1&_limit=2#part` });
    has(response, { redirected: false, history: [] });
    equal(response.headers.get("x-total-count"), "100");
    fits(response.headers.get("content-type"), "application/json");
    equal(response.elapsed > 0, true);
  },
  "links are absolute": async ({ peers, client }) => {
    await using session = client();
    equal((await session.get(`${peers.own}/links`)).links.next?.url, `${peers.own}/links?page=2`);
  },
  "a body that was read can be read again": async ({ peers, client }) => {
    await using session = client();
    const response = await session.get(`${peers.own}/bytes?n=3`);
    equal([await response.text(), await response.text(), (await response.bytes()).length], ["xxx", "xxx", 3]);
    equal((await response.blob()).size, 3);
    equal((await response.arrayBuffer()).byteLength, 3);
  },
  "text in the charset that it names": async ({ peers, client }) => {
    await using session = client();
    equal(await session.get(at(peers.own, "6Q==", "text/plain; charset=iso-8859-1")).text(), "é");
    equal(await session.get(at(peers.own, "77u/w6k=", "text/plain")).text(), "é");
    equal(await session.get(at(peers.own, "6Q==", "text/plain"), { encoding: "latin1" }).text(), "é");
  },
  "JSON that is none is a DecodeError, and none at all an EmptyBodyError": async ({ peers, client }) => {
    await using session = client();
    await caught(session.get(at(peers.own, "e2E=", "application/json")).json(), DecodeError);
    await caught(session.get(`${peers.own}/bytes?n=0`).json(), EmptyBodyError);
    equal(await session.get(`${peers.own}/status?is=204`).jsonOrUndefined(), undefined);
  },
  "a schema checks what came": async ({ peers, client }) => {
    await using session = client();
    const strict = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: () => ({ issues: [{ message: "never right", path: ["id"] }] }),
      },
    };
    const error = await caught(session.get(`${peers.api}/posts/1`).json(strict), ValidationError);
    equal(error.issues[0]?.message, "never right");
    equal(error.response?.status, 200);
  },
  "codings are undone": async ({ peers, client }) => {
    await using session = client();
    for (const coding of ["gzip", "deflate", "deflate-raw", "br", "gzip, gzip"]) {
      equal(await session.get(`${peers.own}/coded?as=${coding}`).text(), "coded ".repeat(100), coding);
    }
  },
  "a coding that is damaged is an error": async ({ peers, client, can }) => {
    await using session = client({ retry: false });
    const wanted: abstract new (...args: never[]) => ChasquiError = can("codings")
      ? DecodeError
      : NetworkError;
    for (const coding of ["gzip", "br", "deflate"]) {
      const { error } = await session.get(`${peers.own}/damaged?as=${coding}`).result();
      equal(error instanceof wanted, true, `${coding}: ${error} ${String(error?.cause)}`);
    }
  },
  "a body beyond maxBytes is refused, buffered and streamed": async ({ peers, client }) => {
    await using session = client({ maxBytes: 1000 });
    await caught(session.get(`${peers.own}/bytes?n=100000`), BodyTooLargeError);
    await caught(
      (async () => {
        for await (const _piece of session.get(`${peers.own}/bytes?n=100000`).stream());
      })(),
      BodyTooLargeError,
    );
  },
  "a bad status raises where data are asked for": async ({ peers, client }) => {
    await using session = client();
    const url = `${peers.own}/status?is=404&body={"title":"gone"}`;
    equal((await session.get(url)).status, 404);
    const error = await caught(session.get(url).json(), HttpError);
    has(error, { status: 404 });
    equal(error.json(), { title: "gone" });
    await caught(session.get(url, { raise: true }), HttpError);
    equal((await session.get(url, { raise: false }).json()) !== undefined, true);
  },
  "a Fetch response of it": async ({ peers, client }) => {
    await using session = client();
    const response = (await session.get(`${peers.own}/bytes?n=2`)).toFetchResponse();
    equal([response instanceof Response, await response.text()], [true, "xx"]);
  },
  "what needs files is an OptionsError where there are none": async ({ peers, can }) => {
    if (can("files")) return;
    await caught(fileFrom("/etc/hostname"), OptionsError);
    await caught((async () => loadEnv(".env"))(), OptionsError);
    await caught(new Client({ auth: netrc() }).get("http://a.test/"), OptionsError);
    await caught(new Client().get(`${peers.own}/bytes?n=1`).save("/tmp/of-no-disk"), OptionsError);
  },
  "what is said of connections is an OptionsError where the runtime makes them": async ({ can }) => {
    if (can("files")) return;
    const asked: readonly ClientOptions[] = [
      { tls: { rejectUnauthorized: false } },
      { unixSocket: "/run/a.sock" },
      { http2: true },
      { localAddress: "127.0.0.1" },
      { lookup: () => {} },
      { proxy: "http://proxy.test:8080" },
      { connections: 2 },
    ];
    for (const options of asked) {
      const [option = ""] = Object.keys(options);
      // A browser tells it when the code of the client has come.
      const error = await caught((async () => new Client(options).ready())(), OptionsError);
      fits(error.message, option);
    }
    // What switches off what there is not is no wish.
    const client = await new Client({ http2: false, proxy: null }).ready();
    await client.close();
  },
  "trustEnv: false is kept, or refused": async ({ can }) => {
    const make = async (): Promise<void> => (await new Client({ trustEnv: false }).ready()).close();
    if (can("no-environment")) await make();
    else equal((await caught(make(), OptionsError)).option, "trustEnv");
  },
};
