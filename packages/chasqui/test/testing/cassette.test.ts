import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bearer,
  CallerError,
  Client,
  type ClientOptions,
  NetworkError,
  OptionsError,
  secret,
} from "../../src/index.ts";
import { type CassetteOptions, cassette } from "../../src/testing/index.ts";
import { caught } from "../peers/caught.ts";
import { freePort } from "../peers/free-port.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";

let folder: string;
let made = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chasqui-cassette-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function newPath(): string {
  return join(folder, "cassettes", `${++made}.json`);
}

function played(path: string, options: CassetteOptions, more: ClientOptions = {}): Client {
  return new Client({ retry: false, ...more, transport: cassette(path, options) });
}

describe("once", () => {
  test("records where there is no cassette, and plays back without a server afterwards", async () => {
    const path = newPath();
    const server = await serve({ "/old": redirectTo("/new"), "/new": json({ a: 1 }, 200, { "x-b": "c" }) });
    await using recording = played(path, {});
    const first = await recording.get(`${server.origin}/old`);
    await server.close();
    expect(await first.json()).toEqual({ a: 1 });

    await using playing = played(path, {});
    const again = await playing.get(`${server.origin}/old`);
    expect(await again.json()).toEqual({ a: 1 });
    expect(again.history.map(({ status }) => status)).toEqual([302]);
    expect(again.headers.get("x-b")).toBe("c");
    expect(await readdir(join(folder, "cassettes"))).toContain(`${made}.json`);
  });

  test("says what it has where a request is not there, and does not try again", async () => {
    const path = newPath();
    const server = await serve(json({}));
    await using recording = played(path, {});
    await recording.get(`${server.origin}/a`);
    await server.close();
    await using playing = played(path, {}, { retry: 3 });
    const missing = await caught(playing.get(`${server.origin}/b`), CallerError);
    expect(missing.message).toContain(`has no answer to GET ${server.origin}/b`);
    expect(missing.hint).toBe(
      `It has GET ${server.origin}/a. \`mode: "new"\` records what is missing, delete the file to record everything anew.`,
    );
    expect(missing.attempts).toBe(1);
    await playing.get(`${server.origin}/a`);
    const spent = await caught(playing.get(`${server.origin}/a`), CallerError);
    expect(spent.hint).toContain("once, and it has been played");
  });
});

describe("the other modes", () => {
  test("none never asks a server", async () => {
    await using server = await serve(json({}));
    await using client = played(newPath(), { mode: "none" });
    const error = await caught(client.get(server.origin), CallerError);
    expect(error.message).toContain("does not exist");
    expect(error.hint).toContain('`mode: "new"` records what is missing, `mode: "all"` everything anew.');
    expect(server.seen).toHaveLength(0);
  });

  test("new plays what is there, and records what is not", async () => {
    const path = newPath();
    await using server = await serve({ "/a": json("a"), "/b": json("b") });
    await using first = played(path, { mode: "new" }, { baseUrl: server.origin });
    await first.get("/a");
    await using second = played(path, { mode: "new" }, { baseUrl: server.origin });
    expect(await second.get("/a").json()).toBe("a");
    expect(await second.get("/b").json()).toBe("b");
    expect(server.seen.map(({ target }) => target)).toEqual(["/a", "/b"]);
    await using third = played(path, { mode: "none" }, { baseUrl: server.origin });
    expect([await third.get("/b").json(), await third.get("/a").json()]).toEqual(["b", "a"]);
  });

  test("all records everything anew", async () => {
    const path = newPath();
    await using server = await serve((response) => void response.end(String(server.seen.length)));
    for (const expected of ["1", "2"]) {
      await using client = played(path, { mode: "all" });
      expect(await client.get(server.origin).text()).toBe(expected);
    }
    await using client = played(path, { mode: "none" });
    expect(await client.get(server.origin).text()).toBe("2");
  });

  test("repeat plays an answer more than once", async () => {
    const path = newPath();
    await using server = await serve(json(1));
    await using recording = played(path, {});
    await recording.get(server.origin);
    await using playing = played(path, { repeat: true });
    for (let time = 0; time < 3; time++) expect(await playing.get(server.origin).json()).toBe(1);
  });
});

describe("what is recorded", () => {
  test("has no secret, wherever it stood, and is found with another one", async () => {
    const path = newPath();
    await using server = await serve(
      json({ access_token: "s3cret", list: [{ password: "s3cret" }], a: 1 }, 200, {
        "set-cookie": "id=s3cret; Path=/",
      }),
    );
    const ask = (client: Client, word: string) =>
      client.post("/token", {
        auth: bearer(word),
        params: { api_key: word, mine: secret(word) },
        headers: { "x-mine": secret(word) },
        form: { client_secret: word, grant_type: "client_credentials" },
      });
    await using recording = played(path, {}, { baseUrl: server.origin });
    await ask(recording, "s3cret");
    const text = await readFile(path, "utf8");
    expect(text).not.toContain("s3cret");
    expect(JSON.parse(text).exchanges[0].response.body).toEqual({
      json: { access_token: "***", list: [{ password: "***" }], a: 1 },
    });
    await using playing = played(path, { mode: "none" }, { baseUrl: server.origin });
    expect(await ask(playing, "another").json()).toMatchObject({ a: 1 });
    expect(playing.cookies?.getCookieHeader(`${server.origin}/`)).toBe("id=redacted");
  });

  test.each<[string, string, string]>([
    ["a URL in JSON", "application/json", '{"next":"https://api.test/?page=2&api_key=hidden-1"}'],
    [
      "a header that JSON repeats",
      "application/json",
      '{"headers":{"Cookie":"a=hidden-1","X-Api-Key":"hidden-1"}}',
    ],
    ["a list of secrets", "application/json", '{"tokens":["hidden-1"],"secrets":{"db":{"a":"hidden-1"}}}'],
    ["JSON Lines", "application/x-ndjson", '{"id":1}\n{"access_token":"hidden-1"}\n'],
    ["the data of an event", "text/event-stream", 'data: {"token":"hidden-1"}\n\n'],
    [
      "what was sent, in other words",
      "text/plain",
      "You are sent-token-1, by sent-cookie-1 and sent-param-1",
    ],
    ["what was sent, in JSON", "application/json", '{"you":"sent-token-1","b":["sent-param-1"]}'],
  ])("has none of them in %s", async (_, type, body) => {
    const path = newPath();
    await using server = await serve((response) => {
      response.writeHead(200, { "content-type": type, "set-cookie": "hidden-1; Path=/" }).end(body);
    });
    await using client = played(path, {}, { baseUrl: server.origin });
    const auth = bearer("sent-token-1");
    await client.get("/", {
      auth,
      headers: { cookie: "a=sent-cookie-1" },
      params: { odd: secret("sent-param-1") },
    });
    const text = await readFile(path, "utf8");
    expect(text).not.toMatch(/hidden-1|sent-(token|cookie|param)-1/);
    expect(text).toContain("***");
  });

  test.each<[string, "json" | "form"]>([
    ["JSON", "json"],
    ["a form", "form"],
  ])("has no secret of a body of %s, however the answer repeats it", async (_, kind) => {
    const path = newPath();
    const password = 'hunter2 "ü"';
    await using server = await serve(
      json(
        {
          log: `password=${password}`,
          inner: JSON.stringify({ a: password }),
          url: `p=${encodeURIComponent(password)}`,
          form: new URLSearchParams({ q: password }).toString(),
          user: "ann-marie",
          size: "123456",
        },
        200,
        { "x-echo": encodeURIComponent(password) },
      ),
    );
    await using recording = played(path, {}, { baseUrl: server.origin });
    const ask = (client: Client, word: string) =>
      client.post("/", { [kind]: { user: "ann-marie", password: word, max_tokens: "123456" } });
    await ask(recording, password);
    const text = await readFile(path, "utf8");
    expect(text).not.toContain("hunter2");
    expect(JSON.parse(text).exchanges[0].response.body.json).toEqual({
      log: "password=***",
      inner: '{"a":"***"}',
      url: "p=***",
      form: "q=***",
      user: "ann-marie",
      size: "123456",
    });
    await using playing = played(path, { mode: "none" }, { baseUrl: server.origin });
    expect((await ask(playing, "another one")).headers.get("x-echo")).toBe("***");
  });

  test("has the passwords of nobody that Basic carried, and has counts of tokens", async () => {
    const path = newPath();
    await using server = await serve(json({ user: "ann", echo: "hunter2-7", usage: { prompt_tokens: 12 } }));
    await using client = played(path, {}, { baseUrl: server.origin });
    await client.get("/", { auth: ["ann", "hunter2-7"] });
    const { exchanges } = JSON.parse(await readFile(path, "utf8"));
    expect(exchanges[0].response.body).toEqual({
      json: { user: "ann", echo: "***", usage: { prompt_tokens: 12 } },
    });
  });

  test("keeps the keys and codes of data, and masks those that may open something", async () => {
    const path = newPath();
    const data = { key: "PROJ-123", error: { code: "not_found" }, list: [{ code: 42, pin: "" }] };
    const made = { key: "sk1live2abcdefghijklmn" };
    await using server = await serve({ "/data": json(data), "/made": json(made) });
    await using recording = played(path, {}, { baseUrl: server.origin });
    await recording.get("/data");
    await recording.get("/made");
    await using playing = played(path, { mode: "none" }, { baseUrl: server.origin });
    expect(await playing.get("/data").json()).toEqual(data);
    expect(await playing.get("/made").json()).toEqual({ key: "***" });
  });

  test("is what came, byte by byte, decoded: text, coded text, bytes, nothing", async () => {
    const path = newPath();
    const bytes = Buffer.from([0, 255, 254, 128, 10]);
    const precise = '{"n": 12345678901234567890}';
    await using server = await serve({
      "/text": (response) => void response.end("Añu\n"),
      "/coded": (response) =>
        void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("coded")),
      "/bytes": (response) => void response.end(bytes),
      "/precise": (response) => void response.end(precise),
      "/nothing": (response) => void response.writeHead(204).end(),
    });
    const read = async (client: Client): Promise<unknown[]> => [
      await client.get("/text").text(),
      await client.get("/coded").text(),
      [...(await client.get("/bytes").bytes())],
      await client.get("/precise").text(),
      await client.get("/nothing").text(),
    ];
    await using recording = played(path, {}, { baseUrl: server.origin });
    const first = await read(recording);
    expect(first).toEqual(["Añu\n", "coded", [...bytes], precise, ""]);
    await using playing = played(path, { mode: "none" }, { baseUrl: server.origin });
    expect(await read(playing)).toEqual(first);
  });

  test("tells requests apart by their bodies", async () => {
    const path = newPath();
    await using server = await serve((response, { body }) => void response.end(body));
    await using recording = played(path, {}, { baseUrl: server.origin });
    await Promise.all([1, 2, 3].map((n) => recording.post("/", { json: { n } })));
    await using playing = played(path, { mode: "none" }, { baseUrl: server.origin });
    for (const n of [3, 1, 2]) expect(await playing.post("/", { json: { n } }).json()).toEqual({ n });
    const error = await caught(playing.post("/", { json: { n: 4 } }), CallerError);
    expect(error.message).toContain("has no answer to POST");
  });

  test("is streamed where it is asked for as a stream", async () => {
    const path = newPath();
    await using server = await serve((response) => void response.end("1\n2\n3\n"));
    const read = (client: Client) => Array.fromAsync(client.get(server.origin).lines());
    await using recording = played(path, {});
    expect(await read(recording)).toEqual(["1", "2", "3"]);
    await using playing = played(path, { mode: "none" });
    expect(await read(playing)).toEqual(["1", "2", "3"]);
  });

  test("is what `redact` leaves of it", async () => {
    const path = newPath();
    await using server = await serve(json({ name: "Ann" }));
    const redact: CassetteOptions["redact"] = ({ request, response }) => ({
      request,
      response: { ...response, body: { json: { name: "somebody" } } },
    });
    await using recording = played(path, { redact });
    expect(await recording.get(server.origin).json()).toEqual({ name: "Ann" });
    await using playing = played(path, {});
    expect(await playing.get(server.origin).json()).toEqual({ name: "somebody" });
  });

  test("is no failure of the network", async () => {
    const path = newPath();
    const port = await freePort();
    await using client = played(path, {});
    await caught(client.get(`http://127.0.0.1:${port}/`), NetworkError);
    await using playing = played(path, { mode: "none" });
    await caught(playing.get(`http://127.0.0.1:${port}/`), CallerError);
  });
});

describe("a cassette that cannot be used", () => {
  test.each([
    ["no JSON", "{"],
    ["another format", '{"format":"vcr","exchanges":[]}'],
    ["another version", '{"format":"chasqui-cassette","version":2,"exchanges":[]}'],
    ["a broken exchange", '{"format":"chasqui-cassette","version":1,"exchanges":[{"request":{}}]}'],
  ])("%s is an error that names it", async (_, text) => {
    const path = join(folder, `${++made}.json`);
    await writeFile(path, text);
    await using client = played(path, {});
    const error = await caught(client.get("http://api.test/"), CallerError);
    expect(error.message).toContain(path);
  });

  test("a folder that cannot be written to ends the call, and leaves nothing behind", async () => {
    await using server = await serve(json({}));
    const file = join(folder, "a-file");
    await writeFile(file, "");
    await using client = played(join(file, "below.json"), { mode: "all" });
    const error = await caught(client.get(server.origin), CallerError);
    expect(error.message).toContain("cannot be written");
  });

  test.each([
    [{ mode: "twice" }, "mode"],
    [{ modes: "once" }, "modes"],
  ])("%o is refused, and named", (options, option) => {
    expect(() => cassette("x.json", JSON.parse(JSON.stringify(options)))).toThrow(
      expect.objectContaining({ option }),
    );
    expect(() => cassette("")).toThrow(OptionsError);
  });
});
