import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  apiKey,
  bearer,
  Client,
  fileFrom,
  get,
  HttpError,
  memory,
  post,
  put,
  RedirectError,
  request,
  secret,
} from "../../src/index.ts";
import { serveBothSchemes } from "../peers/both-schemes.ts";
import { certificates } from "../peers/certificates.ts";
import { type Answer, json, redirectTo, serve } from "../peers/http-server.ts";
import { serveRaw } from "../peers/raw-server.ts";

const echo: Answer = (response, seen) => {
  response
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ method: seen.method, target: seen.target, body: seen.body.toString() }));
};

async function failure(promise: PromiseLike<unknown>): Promise<RedirectError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RedirectError) return error;
  throw new Error("no RedirectError came", { cause: error });
}

describe("the history", () => {
  test("#57 #58 lists every hop in order, each with the request that was sent, each one's own history its prefix", async () => {
    await using server = await serve({
      "/a": redirectTo("/b", 303),
      "/b": redirectTo("/c", 301),
      "/c": redirectTo("/d", 307),
      "/d": echo,
    });
    const response = await post(`${server.origin}/a`, { json: { n: 1 } });
    expect(response.redirected).toBe(true);
    expect(response.history.map(({ status, url }) => [status, url])).toEqual([
      [303, `${server.origin}/a`],
      [301, `${server.origin}/b`],
      [307, `${server.origin}/c`],
    ]);
    expect(response.history.map((hop) => hop.request.method)).toEqual(["POST", "GET", "GET"]);
    expect(response.history[0]?.request.headers.get("content-type")).toBe("application/json");
    expect(response.history[1]?.request.headers.get("content-type")).toBeNull();
    expect(response.history).not.toContain(response);
    for (const [at, hop] of response.history.entries())
      expect(hop.history).toEqual(response.history.slice(0, at));
  });

  test("#57 is an empty array without a redirect", async () => {
    await using server = await serve(echo);
    const response = await get(server.origin);
    expect(response.history).toEqual([]);
    expect(response.redirected).toBe(false);
  });
});

describe("method and body", () => {
  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [301, "PUT", "PUT"],
    [302, "PUT", "PUT"],
    [302, "PATCH", "PATCH"],
    [302, "DELETE", "DELETE"],
    [303, "PUT", "GET"],
    [303, "DELETE", "GET"],
    [301, "HEAD", "HEAD"],
    [302, "HEAD", "HEAD"],
    [303, "HEAD", "HEAD"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
    [307, "PUT", "PUT"],
    [308, "PATCH", "PATCH"],
  ])("#59 #60 D3 %i to %s becomes %s", async (status, method, next) => {
    await using server = await serve({ "/a": redirectTo("/b", status), "/b": echo });
    const options = method === "HEAD" ? {} : { body: "payload" };
    await request(method, `${server.origin}/a`, options);
    expect(server.last().method).toBe(next);
    expect(server.last().body.toString()).toBe(next === method && method !== "HEAD" ? "payload" : "");
  });

  test.each<[string, () => unknown]>([
    ["a string", () => "payload"],
    ["bytes", () => new TextEncoder().encode("payload")],
    ["a Blob", () => new Blob(["payload"])],
    ["a slice of a Blob, from where it begins", () => new Blob(["not the payload"]).slice(8)],
    ["a part of a buffer", () => Buffer.from("not the payload!").subarray(8, 15)],
    ["a function that makes a stream", () => () => new Blob(["payload"]).stream()],
  ])("#60 #61 a 307 sends the whole body again: %s", async (_, body) => {
    await using server = await serve({ "/a": redirectTo("/b", 307), "/b": echo });
    await put(`${server.origin}/a`, { body: body() as string });
    expect(server.seen.map((entry) => entry.body.toString())).toEqual(["payload", "payload"]);
  });

  test("#61 a 307 rewinds a slice of a file to where it started, not to 0", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chasqui-redirects-"));
    try {
      await writeFile(join(folder, "digits"), "0123456789");
      const file = await fileFrom(join(folder, "digits"));
      await using server = await serve({
        "/a": redirectTo("/b", 307),
        "/b": redirectTo("/c", 308),
        "/c": echo,
      });
      await put(`${server.origin}/a`, { body: file.slice(4, 8) });
      await put(`${server.origin}/a`, { body: () => createReadStream(join(folder, "digits"), { start: 7 }) });
      expect(server.seen.map(({ body }) => body.toString())).toEqual([
        ...["4567", "4567", "4567"],
        ...["789", "789", "789"],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("#60 multipart goes along a 308 with the same boundary", async () => {
    await using server = await serve({ "/a": redirectTo("/b", 308), "/b": echo });
    await post(`${server.origin}/a`, { multipart: { note: "hi" } });
    const [first, second] = server.seen;
    expect(second?.headers["content-type"]).toBe(first?.headers["content-type"]);
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
  });

  test("#62 a stream that can be read once is not sent empty: the error says what to do", async () => {
    await using server = await serve({ "/a": redirectTo("/b", 307), "/b": echo });
    const error = await failure(post(`${server.origin}/a`, { body: new Blob(["once"]).stream() }));
    expect(error.kind).toBe("body");
    expect(error.hint).toMatch(/function/);
    expect(error.response.status).toBe(307);
    expect(server.seen).toHaveLength(1);
  });

  test("#62 a stream that can be read once follows a 303, which drops it", async () => {
    await using server = await serve({ "/a": redirectTo("/b", 303), "/b": echo });
    const response = await post(`${server.origin}/a`, { body: new Blob(["once"]).stream() });
    expect(response.status).toBe(200);
    expect(server.last().method).toBe("GET");
  });

  test("#63 S10 what described the body goes with it", async () => {
    await using server = await serve({ "/a": redirectTo("/b", 302), "/b": echo });
    await post(`${server.origin}/a`, {
      json: { secret: 1 },
      headers: { "content-language": "qu", "x-mine": "1" },
    });
    const { headers, body } = server.last();
    for (const name of ["content-length", "content-type", "content-language", "transfer-encoding"]) {
      expect(headers[name], name).toBeUndefined();
    }
    expect(headers["x-mine"]).toBe("1");
    expect(body).toHaveLength(0);
  });

  test("#63 a chunked body leaves no transfer-encoding", async () => {
    await using server = await serve({ "/a": redirectTo("/b", 303), "/b": echo });
    await post(`${server.origin}/a`, { body: () => new Blob(["chunked"]).stream() });
    expect(server.seen[0]?.headers["transfer-encoding"]).toBe("chunked");
    expect(server.last().headers["transfer-encoding"]).toBeUndefined();
  });

  test("a 303 hop that fails does not send the POST again", async () => {
    let failures = 0;
    await using server = await serve({
      "/a": redirectTo("/b", 303),
      "/b": (response, seen) => {
        failures++;
        if (failures === 1) response.writeHead(503, { "retry-after": "0" }).end();
        else echo(response, seen, undefined as never);
      },
    });
    await post(`${server.origin}/a`, { json: {} }).json();
    expect(server.seen.map(({ method, target }) => `${method} ${target}`)).toEqual([
      "POST /a",
      "GET /b",
      "GET /b",
    ]);
  });
});

describe("limits", () => {
  test("#64 too many: the error has the last response, its request and the whole history", async () => {
    await using server = await serve((response, seen) => {
      const n = Number(seen.target.slice(1));
      response.writeHead(302, { location: `/${n + 1}` }).end();
    });
    const error = await failure(get(`${server.origin}/0`, { redirect: { max: 3 } }));
    expect(error.kind).toBe("too-many");
    expect(error.code).toBe("ERR_REDIRECT");
    expect(error.response.url).toBe(`${server.origin}/3`);
    expect(error.response.history.map(({ url }) => url)).toEqual(
      [0, 1, 2].map((n) => `${server.origin}/${n}`),
    );
    expect(error.request?.url).toBe(`${server.origin}/3`);
    expect(error.message).toContain("3");
    expect(server.seen).toHaveLength(4);
  });

  test("#64 the limit of a client holds, and 20 is the default", async () => {
    await using server = await serve((response) => {
      response.writeHead(302, { location: "/again" }).end();
    });
    await using client = new Client({ baseUrl: server.origin, redirect: { max: 2 } });
    await failure(client.get("/"));
    expect(server.seen).toHaveLength(3);
    await failure(get(server.origin));
    expect(server.seen).toHaveLength(3 + 21);
  });

  test("#65 a loop ends in the same error", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": redirectTo("/a") });
    expect((await failure(get(`${server.origin}/a`))).kind).toBe("too-many");
  });

  test("S12 `{ max: 0 }` on a client really follows none", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": echo });
    await using client = new Client({ baseUrl: server.origin, redirect: { max: 0 } });
    expect((await client.get("/a")).status).toBe(302);
    expect(server.seen).toHaveLength(1);
  });

  test("a call's own redirect options are laid over the client's", async () => {
    await using far = await serve(echo);
    await using server = await serve({ "/a": redirectTo(`${far.origin}/b`) });
    await using client = new Client({ baseUrl: server.origin, redirect: { keepHeaders: ["x-tenant"] } });
    await client.get("/a", { headers: { "x-tenant": "t1" }, redirect: { max: 5 } });
    expect(far.last().headers["x-tenant"]).toBe("t1");
  });
});

describe("where a Location leads", () => {
  test.each([
    ["a path", "/x/b", "/x/b"],
    ["a relative one", "b", "/x/b"],
    ["one that climbs", "../b", "/b"],
    ["a query alone", "?q=1", "/x/a?q=1"],
    ["#67 letters beyond ASCII, in UTF-8", "/caf\u00c3\u00a9", "/caf%C3%A9"],
    ["spaces", "/a b?c d", "/a%20b?c%20d"],
  ])("#66 %s", async (_, location, target) => {
    await using server = await serveRaw((socket, head) => {
      const redirected = head.startsWith("GET /x/a ");
      socket.write(
        redirected
          ? Buffer.from(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`, "latin1")
          : `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
      );
    });
    const response = await get(`${server.origin}/x/a`);
    expect(response.url).toBe(server.origin + target);
  });

  test("#66 a scheme-relative one keeps the scheme", async () => {
    await using server = await serve({ "/b": echo });
    await using first = await serve({ "/a": redirectTo(`//${server.origin.slice("http://".length)}/b`) });
    expect((await get(`${first.origin}/a`)).url).toBe(`${server.origin}/b`);
  });

  test.each([
    ["goes along", "/b", "#top"],
    ["is replaced by a new one", "/b#new", "#new"],
  ])("#68 #15 the fragment %s, and is never on the wire", async (_, location, fragment) => {
    await using server = await serve({ "/a": redirectTo(location), "/b": redirectTo("/c"), "/c": echo });
    const response = await get(`${server.origin}/a#top`);
    expect(response.url).toBe(`${server.origin}/c${fragment}`);
    expect(server.seen.map(({ target }) => target)).toEqual(["/a", "/b", "/c"]);
  });

  test.each([
    ["http://[bad", "invalid"],
    ["http://ex ample.com/", "invalid"],
    ["ftp://example.com/x", "refused"],
    ["data:text/plain,hi", "refused"],
    ["javascript:alert(1)", "refused"],
    ["unix:/var/run/docker.sock", "refused"],
    ["file:///etc/passwd", "refused"],
  ])("#69 S48 S52 to %s: %s", async (location, kind) => {
    await using server = await serve(redirectTo(location));
    const error = await failure(get(server.origin));
    expect(error.kind).toBe(kind);
    expect(error.message).not.toMatch(/ is (?:is|has) |: (?:is|has) /);
    expect(error.response.status).toBe(302);
  });

  test.each([
    ["without a Location", {}],
    ["with an empty one", { location: "" }],
    ["with one of blanks", { location: " \t" }],
  ])("#69 a 3xx %s is an answer like any other", async (_, headers) => {
    await using server = await serve((response) => {
      response.writeHead(302, headers).end("nowhere");
    });
    const response = await get(server.origin);
    expect([response.status, await response.text()]).toEqual([302, "nowhere"]);
  });

  test.each([300, 304, 305, 306])("#59 #60 a %i is never followed", async (status) => {
    await using server = await serve(redirectTo("/b", status));
    expect((await get(server.origin)).status).toBe(status);
    expect(server.seen).toHaveLength(1);
  });
});

describe("not following", () => {
  test("#75 manual gives the 3xx back, body and all, with the URL of the next hop", async () => {
    await using server = await serve({ "/x/a": redirectTo("../caf\u00c3\u00a9?q=1") });
    const response = await get(`${server.origin}/x/a#top`, { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(await response.text()).toBe("moved");
    expect(response.location).toBe(`${server.origin}/caf%C3%A9?q=1#top`);
    expect(response.history).toEqual([]);
  });

  test("#75 a Location to another scheme is told, for the caller to judge", async () => {
    await using server = await serve(redirectTo("myapp://callback?code=1"));
    const response = await get(server.origin, { redirect: "manual" });
    expect(response.location).toBe("myapp://callback?code=1");
    expect(response.next).toBeUndefined();
  });

  test.each<[number, string, string, string]>([
    [302, "POST", "GET", ""],
    [303, "PUT", "GET", ""],
    [307, "POST", "POST", '{"n":1}'],
    [308, "PUT", "PUT", '{"n":1}'],
  ])(
    "#75 redirect off: the %i to a %s is returned with the next request available, a %s, and it can be sent",
    async (status, method, next, body) => {
      await using server = await serve({ "/a": redirectTo("/b?q=1#top", status), "/b": echo });
      await using client = new Client({
        baseUrl: server.origin,
        auth: bearer("t0ken"),
        redirect: { max: 0 },
      });
      const options = { json: { n: 1 }, headers: { "x-mine": "1" } };
      for (const stream of [false, true]) {
        await using response = await client.request(method, "/a", { ...options, stream });
        expect([response.status, await response.text()]).toEqual([status, "moved"]);
        expect([response.next?.method, response.next?.url]).toEqual([next, `${server.origin}/b?q=1#top`]);
        if (response.next === undefined) return;
        // Credentials are added when it is sent.
        expect(response.next.headers.has("authorization")).toBe(false);
        expect(await client.send(response.next).json()).toEqual({ method: next, target: "/b?q=1", body });
        const { headers } = server.last();
        expect(headers).toMatchObject({ "x-mine": "1", authorization: "Bearer t0ken" });
        expect(headers["content-type"]).toBe(body === "" ? undefined : "application/json");
      }
    },
  );

  test("#75 and there is none where nothing may be sent, or where redirects are followed", async () => {
    await using server = await serve({
      "/bad": redirectTo("http://[bad"),
      "/none": (response) => void response.writeHead(302).end(),
      "/two": (response) => {
        response.setHeader("location", ["/a", "/b"]);
        response.writeHead(302).end();
      },
      "/307": redirectTo("/ok", 307),
      "/304": redirectTo("/ok", 304),
      "/ok": json({}),
    });
    await using client = new Client({ baseUrl: server.origin });
    for (const path of ["/bad", "/none", "/two", "/304", "/ok"])
      expect((await client.get(path, { redirect: "manual" })).next, path).toBeUndefined();
    const once = new Blob(["once"]).stream();
    expect((await client.post("/307", { redirect: "manual", body: once })).next).toBeUndefined();
    const followed = await client.get("/307");
    expect([followed.next, followed.history[0]?.next]).toEqual([undefined, undefined]);
  });

  test("#75 S1 S20 D19 hop after hop by hand carries over a border what following would, and brings nothing back", async () => {
    await using far = await serve((response) => {
      response.writeHead(307, { location: `${server.origin}/home` }).end();
    });
    await using server = await serve({ "/a": redirectTo(`${far.origin}/b?k=t0ken`, 307), "/home": echo });
    // Without a base, what a client has goes to the first origin of each call: the hop is none of the caller's.
    for (const base of [{}, { baseUrl: server.origin }]) {
      await using client = new Client({
        ...base,
        redirect: { max: 0 },
        auth: apiKey("t0ken", { query: "k" }),
        headers: { "x-client": "t0ken", "accept-language": "qu" },
      });
      const headers = { "x-api-key": "t0ken", cookie: "sid=t0ken" };
      const cookies = { mine: "t0ken" };
      const first = await client.post(`${server.origin}/a`, { headers, cookies, json: { n: 1 } });
      expect(server.last().target).toBe("/a?k=t0ken");
      if (first.next === undefined) throw new Error("there is no next");
      const second = await client.send(first.next);
      expect(far.last()).toMatchObject({ method: "POST", target: "/b" });
      expect(far.last().headers["accept-language"]).toBe("qu");
      if (second.next === undefined) throw new Error("there is no next");
      await client.send(second.next);
      expect(server.last()).toMatchObject({ method: "POST", target: "/home" });
      for (const { rawHeaders } of [far.last(), server.last()])
        expect(rawHeaders.join()).not.toContain("t0ken");
      expect(far.last().body.toString()).toBe('{"n":1}');
      // What the call itself names goes where it says.
      await client.send(first.next, { auth: bearer("own") });
      expect(far.last().headers.authorization).toBe("Bearer own");
    }
  });

  test("#75 a downgrade is no next request, unless it is allowed", async () => {
    const { ca, localhost } = await certificates();
    await using server = await serveBothSchemes(localhost, (target, { http }) =>
      target === "/a" ? `${http}/b` : undefined,
    );
    await using client = new Client({ tls: { ca: ca.cert } });
    expect((await client.get(`${server.https}/a`, { redirect: "manual" })).next).toBeUndefined();
    const redirect = { max: 0, allowDowngrade: true };
    const { next } = await client.get(`${server.https}/a`, { redirect, headers: { "x-mine": "1" } });
    expect([next?.url, next?.headers.has("x-mine")]).toEqual([`${server.http}/b`, false]);
  });

  test("P9 a redirect that is not followed is named, without its secrets", async () => {
    await using server = await serve({
      "/a": redirectTo("/b?token=s3cret&page=2"),
      "/c": redirectTo("http://u:s3cret@[bad/?token=s3cret"),
    });
    const forbidden = await failure(get(`${server.origin}/a`, { redirect: "error" }));
    expect(forbidden.message).toContain("to /b?token=");
    expect(forbidden.message).toContain("page=2");
    expect(forbidden.message).not.toContain("s3cret");
    const invalid = await failure(get(`${server.origin}/c`));
    expect(invalid.message).toContain("[bad/");
    expect(invalid.message).not.toContain("s3cret");
  });

  test('#75 redirect: "error" raises at the first', async () => {
    await using server = await serve(redirectTo("/b"));
    const error = await failure(get(server.origin, { redirect: "error" }));
    expect(error.kind).toBe("forbidden");
    expect(error.response.status).toBe(302);
  });
});

describe("the bodies on the way", () => {
  test("#76 S15 a redirect whose body is no gzip is followed all the same, on the same connection", async () => {
    await using server = await serve({
      "/a": redirectTo("/b", 302, { "content-encoding": "gzip" }),
      "/b": echo,
    });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/a").json();
    await client.get("/a").json();
    expect(server.connections()).toBe(1);
  });

  test("#76 200 redirects leave no connection behind", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": echo });
    await using client = new Client({ baseUrl: server.origin });
    for (let i = 0; i < 100; i++) await client.get("/a").json();
    expect(server.connections()).toBe(1);
    expect(server.seen).toHaveLength(200);
  });

  test("a streamed call streams the last hop alone", async () => {
    await using server = await serve({
      "/a": redirectTo("/b"),
      "/b": (response) => {
        response.writeHead(200).end("one\ntwo\n");
      },
    });
    expect(await Array.fromAsync(get(`${server.origin}/a`).lines())).toEqual(["one", "two"]);
  });
});

describe("what stays at home", () => {
  const CARRIED = {
    authorization: "Bearer hand-set",
    "proxy-authorization": "Basic aGk6aGk=",
    cookie: "sid=hand-set",
    "x-api-key": "hand-set",
    "x-acme-tenant": "hand-set",
  };

  test("#71 #73 S1 S9 S19 S20 S21 S45 P18 another port of the same host gets nothing of the caller's", async () => {
    await using far = await serve(echo);
    await using server = await serve({ "/a": redirectTo(`${far.origin}/b`, 307) });
    const response = await post(`${server.origin}/a`, {
      headers: { ...CARRIED, accept: "application/json", "accept-language": "qu", "user-agent": "mine" },
      cookies: { mine: "1" },
      json: { n: 1 },
    });
    expect(response.status).toBe(200);
    expect(server.last().headers).toMatchObject({ ...CARRIED, cookie: "sid=hand-set; mine=1" });
    const { headers, body } = far.last();
    for (const name of Object.keys(CARRIED)) expect(headers[name], name).toBeUndefined();
    expect(headers).toMatchObject({
      accept: "application/json",
      "accept-language": "qu",
      "user-agent": "mine",
      "content-type": "application/json",
    });
    expect(body.toString()).toBe('{"n":1}');
    expect(JSON.stringify(far.last().rawHeaders)).not.toContain("hand-set");
  });

  test("#70 #71 S20 nor does a client's auth and headers, whatever the scheme of auth", async () => {
    await using far = await serve(echo);
    await using server = await serve(redirectTo(`${far.origin}/b`));
    for (const auth of [
      bearer("t0ken"),
      bearer(async () => "t0ken"),
      apiKey("t0ken"),
      apiKey("t0ken", { query: "k" }),
      ["user", "t0ken"] as const,
    ]) {
      await using client = new Client({ baseUrl: server.origin, auth, headers: { "x-client": "t0ken" } });
      const response = await client.get("/a");
      expect(response.url).toBe(`${far.origin}/b`);
    }
    expect(server.seen).toHaveLength(5);
    expect(far.seen).toHaveLength(5);
    for (const { target, rawHeaders } of far.seen)
      expect(target + rawHeaders.join()).not.toMatch(/t0ken|dXNlc/);
  });

  test("#70 another host gets nothing", async () => {
    await using far = await serve(echo);
    await using server = await serve(redirectTo(`${far.origin.replace("127.0.0.1", "localhost")}/b`));
    await get(server.origin, { headers: CARRIED });
    for (const name of Object.keys(CARRIED)) expect(far.last().headers[name], name).toBeUndefined();
  });

  test.each([
    ["S43 follow-redirects: Cookie, Authorization and Proxy-Authorization, to another host", "host"],
    ["S46 node-fetch: Authorization and Cookie, to another port of the same host", "port"],
    ["S47 cross-fetch: Cookie, to another host", "host"],
    ["S65 undici: Cookie and Proxy-Authorization, to another port", "port"],
  ])("%s stay at home, repeated ones too", async (_, border) => {
    await using far = await serve(echo);
    const origin = border === "port" ? far.origin : far.origin.replace("127.0.0.1", "localhost");
    await using server = await serve(redirectTo(`${origin}/b`));
    const given = Object.entries(CARRIED);
    await get(server.origin, { headers: [...given, ...given] });
    for (const [name, value] of given) {
      expect(server.last().headers[name], name).toContain(value);
      expect(far.last().headers[name], name).toBeUndefined();
    }
    expect(JSON.stringify(far.last().rawHeaders)).not.toContain("hand-set");
  });

  test("S22 no Referer is sent by itself, so none can carry the user and password of a URL", async () => {
    await using far = await serve(echo);
    await using server = await serve({ "/a": redirectTo("/b"), "/b": redirectTo(`${far.origin}/c`) });
    await get(`${server.origin.replace("//", "//ann:hand-set@")}/a`);
    expect(server.last().headers.authorization).toBe(`Basic ${btoa("ann:hand-set")}`);
    for (const { headers, rawHeaders } of [...server.seen, ...far.seen]) {
      expect(headers.referer).toBeUndefined();
      expect(rawHeaders.join()).not.toContain("hand-set");
    }
  });

  test("#72 the same origin keeps all, hop after hop", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": redirectTo("/c"), "/c": echo });
    const { "proxy-authorization": _, ...kept } = CARRIED;
    await get(`${server.origin}/a`, { headers: kept, cookies: { mine: "1" } });
    expect(server.last().headers).toMatchObject({ ...kept, cookie: "sid=hand-set; mine=1" });
  });

  test.each([
    ["https://api.test/a", "https://api.test:443/b", true],
    ["http://api.test:80/a", "http://api.test/b", true],
    ["http://api.test/a", "https://api.test/b", false],
    ["https://api.test/a", "https://api.test:8443/b", false],
    ["https://api.test/a", "https://www.api.test/b", false],
    ["https://API.test/a", "https://api.TEST/b", true],
  ])("#70 #72 D18 from %s to %s: kept %s", async (from, to, kept) => {
    const seen: (string | null)[] = [];
    await using client = new Client({
      transport: memory((incoming) => {
        seen.push(incoming.headers.get("authorization"));
        return incoming.url.endsWith("/a")
          ? new globalThis.Response(null, { status: 302, headers: { location: to } })
          : new globalThis.Response("there");
      }),
    });
    await client.get(from, { auth: bearer("t0ken") });
    expect(seen).toEqual(["Bearer t0ken", kept ? "Bearer t0ken" : null]);
  });

  const TELLING = { headers: { authorization: "Bearer x", cookie: "a=1" }, cookies: { mine: "1" } };

  test("S3 #71 P18 a downgrade from https to http strips, on one host and port too, and is refused unless it is allowed", async () => {
    const { ca, localhost } = await certificates();
    await using server = await serveBothSchemes(localhost, (target, { http }) =>
      target === "/a" ? `${http}/b` : undefined,
    );
    await using client = new Client({ tls: { ca: ca.cert }, auth: apiKey("k3y") });
    expect((await failure(client.get(`${server.https}/a`, TELLING))).kind).toBe("refused");
    expect(server.seen.map(({ scheme }) => scheme)).toEqual(["https"]);
    await client.get(`${server.https}/a`, { ...TELLING, redirect: { allowDowngrade: true } });
    const [, home, abroad] = server.seen;
    expect([
      home?.scheme,
      home?.headers.authorization,
      home?.headers.cookie,
      home?.headers["x-api-key"],
    ]).toEqual(["https", "Bearer x", "a=1; mine=1", "k3y"]);
    expect([abroad?.scheme, abroad?.target]).toEqual(["http", "/b"]);
    for (const name of ["authorization", "cookie", "x-api-key"])
      expect(abroad?.headers[name]).toBeUndefined();
  });

  test("S20 S21 D18 the upgrade from http to https of one host and port is another origin as well", async () => {
    const { ca, localhost } = await certificates();
    await using server = await serveBothSchemes(localhost, (target, { https }) =>
      target === "/a" ? `${https}/b` : undefined,
    );
    await using client = new Client({ tls: { ca: ca.cert }, auth: apiKey("k3y") });
    await client.get(`${server.http}/a`, TELLING);
    const [home, abroad] = server.seen;
    expect(home?.headers).toMatchObject({
      authorization: "Bearer x",
      cookie: "a=1; mine=1",
      "x-api-key": "k3y",
    });
    expect(abroad?.scheme).toBe("https");
    for (const name of ["authorization", "cookie", "x-api-key"])
      expect(abroad?.headers[name]).toBeUndefined();
  });

  test("S36 every line of a repeated header stays, not the first alone", async () => {
    await using far = await serve(echo);
    await using server = await serve(redirectTo(`${far.origin}/b`));
    await get(server.origin, {
      headers: [
        ["X-Token", "one"],
        ["x-token", "two"],
        ["X-TOKEN", "three"],
      ],
    });
    expect(server.last().headers["x-token"]).toBe("one, two, three");
    expect(far.last().headers["x-token"]).toBeUndefined();
  });

  test("S37 a call's cookies stay at their origin, and do not come back", async () => {
    await using far = await serve((response) => {
      response.writeHead(302, { location: `${server.origin}/home` }).end();
    });
    await using server = await serve({ "/a": redirectTo(`${far.origin}/b`), "/home": echo });
    await get(`${server.origin}/a`, { cookies: { mine: "1" } });
    expect(server.seen[0]?.headers.cookie).toBe("mine=1");
    expect(far.last().headers.cookie).toBeUndefined();
    expect(server.last().headers.cookie).toBeUndefined();
  });

  test("A→B→A brings nothing back", async () => {
    await using far = await serve((response) => {
      response.writeHead(302, { location: `${server.origin}/home` }).end();
    });
    await using server = await serve({ "/a": redirectTo(`${far.origin}/b`), "/home": echo });
    await using client = new Client({
      baseUrl: server.origin,
      auth: apiKey("t0ken", { query: "k" }),
      headers: CARRIED,
    });
    const response = await client.get("/a");
    expect(response.url).toBe(`${server.origin}/home`);
    expect(server.seen[0]?.target).toBe("/a?k=t0ken");
    expect(server.last().target).toBe("/home");
    for (const name of Object.keys(CARRIED)) expect(server.last().headers[name], name).toBeUndefined();
  });

  test("#70 #73 nor does another host on the same port: a subdomain, the domain above, a name that ends alike", async () => {
    const home = "api.example.test";
    await using server = await serve((response, { headers }) => {
      const [host = "", port] = (headers.host ?? "").split(":");
      const next = { [home]: `v1.${home}`, [`v1.${home}`]: "example.test", "example.test": `evil${home}` }[
        host
      ];
      if (next === undefined) response.end("{}");
      else response.writeHead(302, { location: `http://${next}:${port}/` }).end();
    });
    await using client = new Client({
      lookup: (_name, _options, found) => found(null, "127.0.0.1", 4),
      auth: apiKey("hand-set"),
    });
    const { port } = new URL(server.origin);
    await client.get(`http://${home}:${port}/`, { headers: CARRIED, cookies: { mine: "1" } });
    expect(server.seen.map(({ headers }) => headers.host?.split(":")[0])).toEqual([
      home,
      `v1.${home}`,
      "example.test",
      `evil${home}`,
    ]);
    for (const name of Object.keys(CARRIED)) expect(server.seen[0]?.headers[name], name).toBeDefined();
    for (const { rawHeaders } of server.seen.slice(1))
      expect(rawHeaders.join()).not.toMatch(/hand-set|mine=1|aGk6aGk=/);
  });

  test("#73 keepHeaders lets the named ones cross, in any case, and no others", async () => {
    await using far = await serve(echo);
    await using server = await serve(redirectTo(`${far.origin}/b`));
    await get(server.origin, {
      headers: CARRIED,
      redirect: { keepHeaders: ["X-Acme-Tenant", "AUTHORIZATION"] },
    });
    const { headers } = far.last();
    expect(headers["x-acme-tenant"]).toBe("hand-set");
    expect(headers.authorization).toBe("Bearer hand-set");
    expect(headers["x-api-key"]).toBeUndefined();
    expect(headers.cookie).toBeUndefined();
  });
});

describe("P18 a 401 or 403 after a crossing", () => {
  test.each([401, 403])("%i hints at the names that were withheld, never at the values", async (status) => {
    await using far = await serve(json({}, status));
    await using server = await serve(redirectTo(`${far.origin}/b`));
    const error: unknown = await get(server.origin, {
      headers: { "X-Acme-Tenant": "s3cret", Authorization: "Bearer s3cret" },
    })
      .json()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HttpError);
    if (!(error instanceof HttpError)) return;
    expect(error.hint).toContain("X-Acme-Tenant");
    expect(error.hint).toContain("Authorization");
    expect(error.hint).toContain("keepHeaders");
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });

  test("it says so of a client's auth too", async () => {
    await using far = await serve(json({}, 401));
    await using server = await serve(redirectTo(`${far.origin}/b`));
    for (const auth of [bearer("s3cret"), apiKey("s3cret", { query: "k" })]) {
      const result = await get(server.origin, { auth }).result();
      expect(result.error?.hint).toMatch(/auth/);
      expect(result.error?.hint).not.toContain("s3cret");
    }
  });

  test("other statuses and calls without a crossing get no such hint", async () => {
    await using far = await serve(json({}, 404));
    await using server = await serve({ "/a": redirectTo(`${far.origin}/b`), "/no": json({}, 401) });
    const headers = { "x-acme-tenant": "1" };
    expect((await get(`${server.origin}/a`, { headers }).result()).error?.hint).toBeUndefined();
    expect((await get(`${server.origin}/no`, { headers }).result()).error?.hint).not.toMatch(
      /redirect|tenant/i,
    );
  });
});

describe("a key in the query", () => {
  test.each([
    ["alone", "k=t0ken", ""],
    ["among others", "a=1&k=t0ken&b=2", "?a=1&b=2"],
    ["encoded in another way", "a=1&k=%740ken", "?a=1"],
    ["with a fragment", "k=t0ken#top", "#top"],
  ])(
    "S45 P18 a server that repeats it in its Location, %s, does not carry it over a border, nor does url show it",
    async (_, query, rest) => {
      await using far = await serve(echo);
      await using server = await serve({
        "/a": redirectTo(`${far.origin}/b?${query}`),
        "/same": redirectTo(`/c?${query}`),
        "/c": echo,
      });
      await using client = new Client({ baseUrl: server.origin, auth: apiKey("t0ken", { query: "k" }) });
      const crossed = await client.get("/a");
      expect(crossed.url).toBe(`${far.origin}/b${rest}`);
      expect(far.last().target).toBe(`/b${rest.replace("#top", "")}`);
      const stayed = await client.get("/same");
      expect(stayed.url).toBe(`${server.origin}/c${rest}`);
      expect(server.last().target.match(/k=t0ken/g)).toHaveLength(1);
      expect(JSON.stringify([crossed, stayed, ...crossed.history, ...stayed.history])).not.toMatch(
        /t0ken|%740ken/,
      );
    },
  );

  test("S45 a client's params, a key perhaps, are not repeated at the next hop", async () => {
    await using far = await serve(echo);
    await using server = await serve(redirectTo(`${far.origin}/b`));
    await using client = new Client({ baseUrl: server.origin, params: { mine: secret("t0ken") } });
    await client.get("/a");
    expect(server.last().target).toBe("/a?mine=t0ken");
    expect(far.last().target).toBe("/b");
  });
});

test.each([
  ["cut short", false],
  ["reset", true],
])("#57 a redirect is followed though its body, which nobody reads, is %s", async (_how, reset) => {
  await using server = await serveRaw((socket, head) => {
    if (!head.startsWith("POST")) {
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      return;
    }
    socket.write("HTTP/1.1 303 See Other\r\nLocation: /there\r\nContent-Length: 100\r\n\r\nshort", () => {
      if (reset) setImmediate(() => socket.resetAndDestroy());
      else socket.end();
    });
  });
  await using client = new Client({ baseUrl: server.origin, retry: false });
  expect(await client.post("/", { json: {} }).text()).toBe("ok");
});

test.each([
  [["/there", "/there"], "/there"],
  [["/there", "/elsewhere"], undefined],
])("Location lines %o lead to %s: different ones are no place", async (location, target) => {
  await using server = await serve({
    "/x": (response) => {
      response.setHeader("location", location);
      response.writeHead(302).end();
    },
    "/there": json({}),
  });
  const result = await get(`${server.origin}/x`).result();
  if (target === undefined) expect(result.error).toMatchObject({ code: "ERR_REDIRECT", kind: "invalid" });
  else expect(server.last().target).toBe(target);
});
