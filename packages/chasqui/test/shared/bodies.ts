import { ConsumedBodyError, HttpError, OptionsError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { equal, fits, has } from "./assert.ts";
import type { Echo } from "./requests.ts";
import type { Topic } from "./suite.ts";

interface Received {
  readonly form: Readonly<Record<string, unknown>> | null;
  readonly files: readonly { field: string; name: string; type: string; size: number; text: string }[] | null;
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (const text of ["one ", "two ", "three"]) yield new TextEncoder().encode(text);
}

export const bodies: Topic = {
  "JSON has its type and its length": async ({ peers, client }) => {
    await using session = client();
    const { body, headers } = await session.post(`${peers.own}/echo`, { json: { name: "Añu" } }).json<Echo>();
    equal(body, latin('{"name":"Añu"}'));
    has(headers, { "content-type": "application/json", "content-length": "15" });
  },
  "JSON that has no text is refused before anything is sent": async ({ peers, client }) => {
    await using session = client();
    await caught(session.post(`${peers.own}/echo`, { json: { n: Number.NaN } }), OptionsError);
  },
  "a form": async ({ peers, client }) => {
    await using session = client();
    const echo = await session.post(`${peers.own}/echo`, { form: { a: "1 2", b: ["x", "ñ"] } }).json<Echo>();
    equal(echo.body, "a=1+2&b=x&b=%C3%B1");
    equal(echo.headers["content-type"], "application/x-www-form-urlencoded");
  },
  "fields and files in memory": async ({ peers, client }) => {
    await using session = client();
    const multipart = { note: "hi", file: new File(["content"], "a.txt", { type: "text/plain" }) };
    const { form, files } = await session.post(`${peers.api}/echo`, { multipart }).json<Received>();
    equal(form?.note, "hi");
    has(files?.[0], { field: "file", name: "a.txt", size: 7, text: "content" });
  },
  "a large file goes with its length, unread": async ({ peers, client }) => {
    await using session = client();
    const file = new File([new Uint8Array(300_000).fill(97)], "large.bin");
    const { headers, length } = await session.post(`${peers.own}/echo`, { multipart: { file } }).json<Echo>();
    equal(headers["content-length"], String(length));
    fits(headers["content-type"], "multipart/form-data; boundary=chasqui-");
    equal(length > 300_000, true);
  },
  "a FormData": async ({ peers, client }) => {
    await using session = client();
    const form = new FormData();
    form.set("a", "1");
    form.set("file", new Blob(["blob"]), "b.bin");
    const received = await session.post(`${peers.api}/echo`, { multipart: form }).json<Received>();
    equal([received.form?.a, received.files?.[0]?.text], ["1", "blob"]);
  },
  "text and bytes go as they are, without a content type": async ({ peers, client }) => {
    await using session = client();
    const text = await session.post(`${peers.own}/echo`, { body: "plain" }).json<Echo>();
    equal([text.body, text.headers["content-type"]], ["plain", undefined]);
    const bytes = await session.put(`${peers.own}/echo`, { body: new Uint8Array([0, 255]) }).json<Echo>();
    equal([bytes.body, bytes.headers["content-type"]], ["\u0000\u00ff", undefined]);
  },
  "a Blob brings its type and its length": async ({ peers, client }) => {
    await using session = client();
    const echo = await session
      .post(`${peers.own}/echo`, { body: new Blob(["blobbed"], { type: "text/x-a" }) })
      .json<Echo>();
    equal(echo.body, "blobbed");
    has(echo.headers, { "content-type": "text/x-a", "content-length": "7" });
    const bare = await session.post(`${peers.own}/echo`, { body: new Blob(["bare"]) }).json<Echo>();
    equal([bare.body, bare.headers["content-type"]], ["bare", undefined]);
  },
  "URLSearchParams are a form": async ({ peers, client }) => {
    await using session = client();
    const echo = await session
      .post(`${peers.own}/echo`, { body: new URLSearchParams({ a: "b" }) })
      .json<Echo>();
    equal([echo.body, echo.headers["content-type"]], ["a=b", "application/x-www-form-urlencoded"]);
  },
  "a stream is sent as it comes, or refused before anything is sent": async ({
    peers,
    client,
    can,
    fresh,
  }) => {
    await using session = client();
    const run = fresh();
    const call = session.post(`${peers.own}/flaky?times=0&run=${run}`, { body: pieces() });
    if (can("stream-up")) equal((await call.json<Echo>()).body, "one two three");
    else {
      equal((await caught(call, OptionsError)).option, "body");
      equal(await session.get(`${peers.own}/counted?run=${run}`).text(), "0");
    }
  },
  "a stream that was read is not sent again": async ({ peers, client, can }) => {
    await using session = client();
    if (!can("stream-up"))
      return void (await caught(session.post(peers.own, { body: pieces() }), OptionsError));
    const body = new Blob(["once"]).stream();
    await session.post(`${peers.own}/echo`, { body });
    await caught(session.post(`${peers.own}/echo`, { body }), ConsumedBodyError);
  },
  "a function that makes the body can be asked again": async ({ peers, client, fresh }) => {
    await using session = client({ retry: { methods: ["POST"] } });
    const url = `${peers.own}/flaky?run=${fresh()}`;
    equal((await session.post(url, { body: new Blob(["again"]) }).json<Echo>()).body, "again");
  },
  "a GET with a body is sent, or refused": async ({ peers, client, can }) => {
    await using session = client({ retry: false });
    const call = session.get(`${peers.own}/echo`, { json: { q: 1 } });
    if (can("get-body")) equal((await call.json<Echo>()).body, '{"q":1}');
    else equal((await caught(call, OptionsError)).option, "body");
  },
  "two bodies are refused": async ({ peers, client }) => {
    await using session = client();
    await caught(session.post(`${peers.own}/echo`, { json: 1, form: { a: 1 } }), OptionsError);
  },
  "the answer to a bad form is an HttpError": async ({ peers, client }) => {
    await using session = client();
    const call = session.post(`${peers.own}/status?is=422&body={"why":"no"}`, { form: { a: 1 } }).json();
    equal((await caught(call, HttpError)).json(), { why: "no" });
  },
};

/** As the peer shows bytes: each a character. */
function latin(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
