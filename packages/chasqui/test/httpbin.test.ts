import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  basic,
  bearer,
  Client,
  del,
  fileFrom,
  get,
  HttpError,
  patch,
  post,
  put,
  RedirectError,
} from "../src/index.ts";
import { caught } from "./peers/caught.ts";
import { type Httpbin, hasHttpbin, startHttpbin, WITHOUT_HTTPBIN } from "./peers/httpbin.ts";

describe.skipIf(!hasHttpbin)(`against httpbin${WITHOUT_HTTPBIN}`, () => {
  let httpbin: Httpbin;
  beforeAll(async () => {
    httpbin = await startHttpbin();
  }, 60_000);
  afterAll(() => httpbin?.close());
  const at = (path: string): string => httpbin.origin + path;

  test("query and headers arrive as they were given", async () => {
    const seen = await get(at("/get"), {
      params: { q: "a b&c", tag: ["x", "y"] },
      headers: { "x-own": "ñ" },
    }).json<{ args: unknown; headers: Record<string, string> }>();
    expect(seen.args).toEqual({ q: "a b&c", tag: ["x", "y"] });
    expect(seen.headers["X-Own"]).toBe("ñ");
  });

  test("a form, JSON, bytes and a file arrive as what they are", async () => {
    const form = await post(at("/post"), { form: { a: "1", b: ["x", "&"] } }).json<{ form: unknown }>();
    expect(form.form).toEqual({ a: "1", b: ["x", "&"] });
    const json = await put(at("/put"), { json: { ñ: [1, null] } }).json<{ json: unknown }>();
    expect(json.json).toEqual({ ñ: [1, null] });
    const text = await patch(at("/patch"), { body: "plain" }).json<{ data: unknown }>();
    expect(text.data).toBe("plain");
    const upload = { note: "hi", file: await fileFrom(new URL("httpbin.test.ts", import.meta.url).pathname) };
    const files = await post(at("/post"), { multipart: upload }).json<{
      form: unknown;
      files: { file: string };
    }>();
    expect(files.form).toEqual({ note: "hi" });
    expect(files.files.file).toContain("files.files.file");
    const gone = await del(at("/delete")).json<{ url: string }>();
    expect(gone.url).toBe(at("/delete"));
  });

  test.each([200, 204, 404, 418, 500])("status %i is told, and raises where it is bad", async (status) => {
    const call = { retry: false } as const;
    expect((await get(at(`/status/${status}`), call)).status).toBe(status);
    if (status < 400) return;
    expect(await caught(get(at(`/status/${status}`), call).text(), HttpError)).toMatchObject({ status });
  });

  test.each(["redirect", "relative-redirect", "absolute-redirect"])(
    "/%s/3 is followed to its end",
    async (kind) => {
      const response = await get(at(`/${kind}/3`));
      expect(response.url).toBe(at("/get"));
      expect(response.history.map(({ status }) => status)).toEqual([302, 302, 302]);
    },
  );

  test("a redirect keeps the method with 307 and 308, and a POST becomes a GET with 302 and 303", async () => {
    for (const [status, method] of [
      [302, "GET"],
      [303, "GET"],
      [307, "POST"],
      [308, "POST"],
    ] as const) {
      const seen = await post(at("/redirect-to"), {
        params: { url: "/anything", status_code: status },
        json: { a: 1 },
      }).json<{ method: string; json: unknown }>();
      expect(seen).toMatchObject({ method, json: method === "POST" ? { a: 1 } : null });
    }
  });

  test("the 21st redirect is one too many", async () => {
    const error = await caught(get(at("/redirect/21")), RedirectError);
    expect(error.kind).toBe("too-many");
  });

  test("cookies are set, sent, and deleted by the server", async () => {
    await using client = new Client({ baseUrl: httpbin.origin });
    const cookies = async () => (await client.get("/cookies").json<{ cookies: unknown }>()).cookies;
    await client.get("/cookies/set", { params: { one: "1", two: "2" } });
    expect(await cookies()).toEqual({ one: "1", two: "2" });
    await client.get("/cookies/delete", { params: { one: "" } });
    expect(await cookies()).toEqual({ two: "2" });
  });

  test("basic and bearer let in; wrong ones do not", async () => {
    const user = await get(at("/basic-auth/ana/secret"), { auth: basic("ana", "secret") }).json<{
      user: string;
    }>();
    expect(user.user).toBe("ana");
    expect((await get(at("/basic-auth/ana/secret"), { auth: ["ana", "wrong"] })).status).toBe(401);
    // It strips the letters of "Bearer " off the token too, so this one begins with none of them.
    const token = await get(at("/bearer"), { auth: bearer("token-1") }).json<{ token: string }>();
    expect(token.token).toBe("token-1");
    expect((await get(at("/bearer"))).status).toBe(401);
  });

  test.each([
    ["gzip", "gzipped"],
    ["deflate", "deflated"],
    ["brotli", "brotli"],
  ])("#117 /%s is decoded, whole and as it comes", async (path, flag) => {
    expect(await get(at(`/${path}`)).json()).toMatchObject({ [flag]: true, method: "GET" });
    const lines = await Array.fromAsync(get(at(`/${path}`)).lines());
    expect(JSON.parse(lines.join("\n"))).toMatchObject({ [flag]: true });
  });

  test("UTF-8 text and JSON are read as such", async () => {
    // Debian leaves the text of /encoding/utf8 out.
    expect(await post(at("/anything"), { json: "Añu 🏔" }).json()).toMatchObject({ json: "Añu 🏔" });
    expect((await get(at("/robots.txt")).text()).startsWith("User-agent")).toBe(true);
  });

  test("streams come line by line, and bytes as many as were asked", async () => {
    const ids: number[] = [];
    for await (const line of get(at("/stream/5")).lines()) ids.push(JSON.parse(line).id);
    expect(ids).toEqual([0, 1, 2, 3, 4]);
    expect((await get(at("/bytes/5000"), { params: { seed: 1 } }).bytes()).length).toBe(5000);
    let size = 0;
    for await (const piece of get(at("/stream-bytes/50000"), {
      params: { seed: 1, chunk_size: 999 },
    }).stream())
      size += piece.length;
    expect(size).toBe(50_000);
  });

  test("a range is answered 206, and what is fresh 304", async () => {
    const part = await get(at("/range/100"), { headers: { range: "bytes=10-19" } });
    expect([part.status, await part.text()]).toEqual([206, "klmnopqrst"]);
    expect((await get(at("/etag/abc"), { headers: { "if-none-match": "abc" } })).status).toBe(304);
  });

  test("a short answer that is delayed comes within its limit", async () => {
    expect(await get(at("/delay/0.2"), { timeout: "20s" }).json()).toMatchObject({ url: at("/delay/0.2") });
    const drip = await get(at("/drip"), { params: { numbytes: 5, duration: 0.2 } }).bytes();
    expect(drip.length).toBe(5);
  });
});
