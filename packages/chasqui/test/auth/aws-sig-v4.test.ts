import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  AuthError,
  type AwsCredentials,
  type AwsSigV4Options,
  awsSigV4,
  Client,
  HttpError,
  memory,
  OptionsError,
  type RequestOptions,
  secret,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Answer, json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { signatureFault } from "../peers/sig-v4-verifier.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: SECRET };
const EMPTY = createHash("sha256").digest("hex");

/** The `Authorization` of a request at a given time. */
async function authorization(
  date: number,
  options: Partial<AwsSigV4Options>,
  method: string,
  url: string,
  request: RequestOptions = {},
): Promise<string> {
  let seen = "";
  const transport = memory(({ headers }) => {
    seen = headers.get("authorization") ?? "";
    return new Response("{}");
  });
  // The clock of the tests stands a second behind the beginning of its time.
  const clock = new ManualClock(date - 1000);
  const all = { ...KEYS, region: "us-east-1", service: "service", clock, ...options } as AwsSigV4Options;
  await using client = new Client({ transport, auth: awsSigV4(all) });
  await client.request(method, url, request);
  return seen;
}

describe("AWS's published vectors", () => {
  const SUITE = Date.UTC(2015, 7, 30, 12, 36);
  const token =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

  test.each<
    [
      name: string,
      string,
      string,
      RequestOptions,
      Partial<AwsSigV4Options>,
      signed: string,
      signature: string,
    ]
  >([
    [
      "get-vanilla",
      "GET",
      "/",
      {},
      {},
      "host;x-amz-date",
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ],
    [
      "get-unreserved",
      "GET",
      "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
      {},
      {},
      "host;x-amz-date",
      "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ],
    [
      "get-vanilla-query-order-key-case",
      "GET",
      "/?Param2=value2&Param1=value1",
      {},
      {},
      "host;x-amz-date",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "get-vanilla-empty-query-key",
      "GET",
      "/?Param1=value1",
      {},
      {},
      "host;x-amz-date",
      "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    ],
    [
      "get-header-value-trim",
      "GET",
      "/",
      { headers: { "My-Header1": "value1", "My-Header2": '"a   b   c"' } },
      { signedHeaders: ["My-Header1", "My-Header2"] },
      "host;my-header1;my-header2;x-amz-date",
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ],
    [
      "post-vanilla",
      "POST",
      "/",
      {},
      {},
      "host;x-amz-date",
      "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ],
    [
      "post-vanilla-query",
      "POST",
      "/?Param1=value1",
      {},
      {},
      "host;x-amz-date",
      "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
    ],
    [
      "post-header-key-case",
      "POST",
      "/",
      { headers: { "MY-HEADER1": "value1" } },
      { signedHeaders: ["my-header1"] },
      "host;my-header1;x-amz-date",
      "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ],
    [
      "post-header-value-case",
      "POST",
      "/",
      { headers: { "My-Header1": "VALUE1" } },
      { signedHeaders: ["my-header1"] },
      "host;my-header1;x-amz-date",
      "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ],
    [
      "post-x-www-form-urlencoded",
      "POST",
      "/",
      { form: { Param1: "value1" } },
      {},
      "content-type;host;x-amz-date",
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
    [
      "post-sts-header-before",
      "POST",
      "/",
      {},
      { sessionToken: secret(token) },
      "host;x-amz-date;x-amz-security-token",
      "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ],
  ])("of the Signature Version 4 suite: %s", async (_, method, path, request, options, signed, signature) => {
    expect(await authorization(SUITE, options, method, `https://example.amazonaws.com${path}`, request)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    );
  });

  const S3 = Date.UTC(2013, 4, 24);
  const s3 = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: SECRET.replace("+", "/"),
    service: "s3",
  };

  test.each<
    [name: string, string, string, RequestOptions, readonly string[], signed: string, signature: string]
  >([
    [
      "GET Object",
      "GET",
      "/test.txt",
      { headers: { Range: "bytes=0-9" } },
      ["range"],
      "host;range;x-amz-content-sha256;x-amz-date",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PUT Object",
      "PUT",
      "/test%24file.text",
      {
        headers: { Date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
        body: "Welcome to Amazon S3.",
      },
      ["date"],
      "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    [
      "GET Bucket Lifecycle",
      "GET",
      "/?lifecycle",
      {},
      [],
      "host;x-amz-content-sha256;x-amz-date",
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "List Objects",
      "GET",
      "/?max-keys=2&prefix=J",
      {},
      [],
      "host;x-amz-content-sha256;x-amz-date",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])("of the documentation of S3: %s", async (_, method, path, request, signedHeaders, signed, signature) => {
    const url = `https://examplebucket.s3.amazonaws.com${path}`;
    expect(await authorization(S3, { ...s3, signedHeaders }, method, url, request)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    );
  });
});

describe("requests that are signed for AWS, checked by a server that has not signed them", () => {
  const scope = { ...KEYS, region: "eu-central-1", service: "execute-api" };

  test.each<[string, string, RequestOptions]>([
    ["GET", "/a/b", {}],
    ["GET", "/a//b/", {}],
    ["GET", "/a%20b/%E1%88%B4/%2F/~", {}],
    ["GET", "/?b=2&a=%20&d=%2B&c&B=+", {}],
    ["GET", "/x", { params: { q: "a b+c/ü*'()" } }],
    ["POST", "/", { json: { n: 1 }, headers: { "x-amz-target": "DynamoDB_20120810.GetItem" } }],
    ["POST", "/", { body: new Blob(["a stream"]).stream() }],
    ["PUT", "/", { body: () => new Blob(["a stream, again"]).stream() }],
    ["DELETE", "/x", { headers: { "x-amz-meta-a": "two  spaces" } }],
  ])("%s %s %j", async (method, path, request) => {
    for (const service of ["execute-api", "s3"] as const) {
      // A path with two slashes is S3's alone: elsewhere they are one.
      if (path.includes("//") && service !== "s3") continue;
      await using server = await serve(json({}));
      await using client = new Client({ baseUrl: server.origin, auth: awsSigV4({ ...scope, service }) });
      const body = request.body instanceof ReadableStream ? new Blob(["a stream"]).stream() : request.body;
      await client.request(method, path, body === undefined ? request : { ...request, body });
      expect(signatureFault(server.last(), SECRET, service === "s3" ? "s3" : "other")).toBeUndefined();
      const digest = server.last().headers["x-amz-content-sha256"];
      if (service === "execute-api") expect(digest).toBeUndefined();
      else if (body === undefined || typeof body === "string") expect(digest).not.toBe("UNSIGNED-PAYLOAD");
      else expect(digest).toBe("UNSIGNED-PAYLOAD");
    }
  });

  test("the one that checks sees what is changed on the way", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, auth: awsSigV4(scope) });
    await client.post("/a?b=1", { body: "x", headers: { "x-amz-meta-a": "1" } });
    const seen = server.last();
    expect(signatureFault(seen, SECRET)).toBeUndefined();
    expect(signatureFault(seen, "another")).toBe("the signature is another");
    expect(signatureFault({ ...seen, method: "PUT" }, SECRET)).toBe("the signature is another");
    expect(signatureFault({ ...seen, target: "/a?b=2" }, SECRET)).toBe("the signature is another");
    expect(signatureFault({ ...seen, body: Buffer.from("y") }, SECRET)).toBe("the signature is another");
    expect(signatureFault({ ...seen, headers: { ...seen.headers, "x-amz-meta-a": "2" } }, SECRET)).toBe(
      "the signature is another",
    );
    expect(signatureFault({ ...seen, headers: { ...seen.headers, "x-amz-meta-b": "2" } }, SECRET)).toBe(
      "x-amz-meta-b is not signed",
    );
  });

  test("hops and retries are signed each for itself, last of all; S45 another origin gets no signature", async () => {
    const statuses = [503, 200];
    await using other = await serve(json({}));
    await using server = await serve({
      "/": redirectTo("/next", 307),
      "/next": (response, seen, request) => json({}, statuses.shift() ?? 200)(response, seen, request),
      "/away": redirectTo(`${other.origin}/`, 307),
    });
    await using client = new Client({
      baseUrl: server.origin,
      auth: awsSigV4(scope),
      random: () => 0,
      cookies: true,
      hooks: { onRequest: ({ headers }) => void headers.set("x-amz-meta-hook", "1") },
    });
    await client.put("/", { json: {} });
    await client.get("/away");
    expect(server.seen.map((seen) => signatureFault(seen, SECRET))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(server.seen.every(({ headers }) => headers["x-amz-meta-hook"] === "1")).toBe(true);
    expect(new Set(server.seen.map(({ headers }) => headers.authorization)).size).toBeGreaterThanOrEqual(3);
    expect(Object.keys(other.last().headers)).not.toContain("authorization");
    expect(Object.keys(other.last().headers)).not.toContain("x-amz-date");
  });

  test("a digest, and a Host, of the caller's are what is signed", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, auth: awsSigV4({ ...scope, service: "s3" }) });
    await client.put("/k", {
      body: "x",
      headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", host: "bucket.example:99" },
    });
    const seen = server.last();
    expect([seen.headers.host, seen.headers["x-amz-content-sha256"]]).toEqual([
      "bucket.example:99",
      "UNSIGNED-PAYLOAD",
    ]);
    expect(signatureFault(seen, SECRET, "s3")).toBeUndefined();
    await client.delete("/k");
    expect(server.last().headers["x-amz-content-sha256"]).toBe(EMPTY);
  });

  test("what one of S3's kin wants, too", async () => {
    await using server = await serve(json({}));
    await using client = new Client({
      baseUrl: server.origin,
      auth: awsSigV4({ ...scope, service: "s3express" }),
    });
    await client.put("/a%20b", { body: "x" });
    expect(signatureFault(server.last(), SECRET, "s3")).toBeUndefined();
  });
});

describe("a provider of AWS credentials", () => {
  const scope = { region: "eu-central-1", service: "execute-api" };

  test("is asked once for all, and again before they run out, while the old ones are used", async () => {
    const clock = new ManualClock();
    await using server = await serve(json({}));
    let asked = 0;
    const credentials = async (): Promise<AwsCredentials> => {
      asked++;
      return {
        accessKeyId: `AKID${asked}`,
        secretAccessKey: secret(SECRET),
        sessionToken: `token${asked}`,
        expiration: new Date(clock.date() + 3_600_000),
      };
    };
    await using client = new Client({
      baseUrl: server.origin,
      auth: awsSigV4({ ...scope, credentials, clock }),
    });
    await Promise.all(Array.from({ length: 20 }, () => client.get("/")));
    expect(asked).toBe(1);
    expect(
      server.seen.map((seen) => signatureFault(seen, SECRET)).filter((fault) => fault !== undefined),
    ).toEqual([]);
    expect(server.last().headers["x-amz-security-token"]).toBe("token1");
    clock.advance(3_300_000);
    await client.get("/");
    await expect
      .poll(async () => {
        await client.get("/");
        return server.last().headers["x-amz-security-token"];
      })
      .toBe("token2");
    clock.advance(3_600_000);
    await Promise.all(Array.from({ length: 20 }, () => client.get("/")));
    expect(asked).toBe(3);
    expect(server.last().headers.authorization).toContain("Credential=AKID3/");
  });

  test.each<[string, () => unknown, RegExp]>([
    ["throws", () => Promise.reject(new Error("no role")), /provider of AWS credentials failed/],
    ["gives nothing", () => undefined, /gave undefined, not \{ accessKeyId/],
    ["gives no secret", () => ({ accessKeyId: "a" }), /gave an object with the keys accessKeyId, not/],
    ["gives a moment that is none", () => ({ ...KEYS, expiration: 5 }), /gave the number 5 as expiration/],
  ])("that %s is an AuthError", async (_, credentials, message) => {
    const auth = awsSigV4({ ...scope, credentials } as AwsSigV4Options);
    expect((await caught(new Client({ auth }).get("http://127.0.0.1:9/"), AuthError)).message).toMatch(
      message,
    );
  });
});

describe("options", () => {
  const fine = { ...KEYS, region: "r", service: "s" };
  test.each<[string, Record<string, unknown>, string]>([
    ["no region", { region: undefined }, "region"],
    ["no service", { service: "" }, "service"],
    ["no key", { accessKeyId: undefined }, "accessKeyId"],
    ["no secret", { secretAccessKey: undefined }, "secretAccessKey"],
    ["a secret that is a number", { secretAccessKey: 5 }, "secretAccessKey"],
    ["both", { credentials: () => KEYS }, "accessKeyId"],
    ["credentials that are no function", { credentials: KEYS }, "credentials"],
    ["headers that are none", { signedHeaders: ["a b"] }, "signedHeaders"],
    ["a header that is no list", { signedHeaders: "a" }, "signedHeaders"],
    ["a name that is no option", { regoin: "x" }, "regoin"],
  ])("%s is an OptionsError that names the option", (_, changed, option) => {
    let error: unknown;
    try {
      awsSigV4({ ...fine, ...changed } as unknown as AwsSigV4Options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({ option });
  });

  test("P9 nothing shows the secret; who asks is whoever has the key", () => {
    const auth = awsSigV4({ ...fine, secretAccessKey: secret(SECRET) });
    expect(inspect(auth, { depth: 10, showHidden: true })).not.toContain(SECRET);
    const same = awsSigV4({ ...fine, secretAccessKey: "another" });
    expect(auth.identity?.("https://x")).toBe(same.identity?.("https://x"));
    expect(awsSigV4({ ...fine, accessKeyId: "B" }).identity?.("https://x")).not.toBe(
      same.identity?.("https://x"),
    );
    expect(auth.identity?.("https://x")).not.toContain("AKID");
  });

  test("credentials are given, or who gives them, and not both", () => {
    const made: AwsSigV4Options[] = [
      fine,
      { region: "r", service: "s", credentials: async () => KEYS },
      // @ts-expect-error One of both.
      { ...fine, credentials: async () => KEYS },
      // @ts-expect-error One of both.
      { region: "r", service: "s" },
    ];
    expect(made).toHaveLength(4);
  });
});

describe("a clock that is wrong", () => {
  const HOUR = 3_600_000;
  const AT = Date.UTC(2026, 0, 1);
  /** A server whose clock is ahead of ours, and which refuses a signature of another time as AWS does. */
  const strict =
    (ahead: number, refuse: (response: ServerResponse) => void, always = false): Answer =>
    (response, seen) => {
      const time = AT + 1000 + ahead;
      response.setHeader("date", new Date(time).toUTCString());
      const [, year, month, day, hour, minute, second] =
        /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(seen.headers["x-amz-date"] ?? "") ?? [];
      const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
      if (always || Math.abs(signed - time) > 300_000) refuse(response);
      else if (signatureFault(seen, SECRET, "s3") !== undefined) response.writeHead(500).end();
      else response.end("{}");
    };
  const skewed = (response: ServerResponse): void =>
    void response.writeHead(403).end("<Error><Code>RequestTimeTooSkewed</Code></Error>");
  const auth = () => awsSigV4({ ...KEYS, region: "us-east-1", service: "s3", clock: new ManualClock(AT) });

  test.each<[string, number, (response: ServerResponse) => void]>([
    ["S3, whose clock is an hour ahead", HOUR, skewed],
    ["S3, whose clock is a day behind", -24 * HOUR, skewed],
    [
      "API Gateway",
      HOUR,
      (response) => void response.writeHead(403, { "x-amzn-errortype": "InvalidSignatureException" }).end(),
    ],
    [
      "API Gateway, with the namespace of the error and where it comes from",
      HOUR,
      (response) =>
        void response
          .writeHead(403, {
            "x-amzn-errortype": "com.amazon.coral.service#InvalidSignatureException:http://a.test/",
          })
          .end(),
    ],
    [
      "DynamoDB",
      HOUR,
      (response) =>
        void response.writeHead(400).end('{"__type":"com.amazon.coral.service#InvalidSignatureException"}'),
    ],
  ])(
    "is set right by the Date of a refusal, and the request is sent once more: %s",
    async (_, ahead, refuse) => {
      await using server = await serve(strict(ahead, refuse));
      // Time stands still: what took none is not in the trace.
      const clock = new ManualClock(AT);
      await using client = new Client({ baseUrl: server.origin, auth: auth(), retry: false, clock });
      const response = await client.post("/", { json: { n: 1 } });
      expect(response.status).toBe(200);
      expect(response.trace.events.map((event) => ("detail" in event ? event.detail : event.status))).toEqual(
        [expect.any(Number), expect.stringMatching(/^answered the 40[03]$/), 200],
      );
      expect(server.seen).toHaveLength(2);
      // From then on it is known.
      expect((await client.get("/")).status).toBe(200);
      expect(server.seen).toHaveLength(3);
    },
  );

  test("calls at once are each sent once more at most", async () => {
    await using server = await serve(strict(HOUR, skewed));
    await using client = new Client({ baseUrl: server.origin, auth: auth(), retry: false });
    const answers = await Promise.all([1, 2, 3, 4, 5].map((id) => client.get(`/${id}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(server.seen.length).toBeLessThanOrEqual(10);
  });

  test("a server that refuses all the same is asked twice, and its answer is the answer", async () => {
    await using server = await serve(strict(HOUR, skewed, true));
    await using client = new Client({ baseUrl: server.origin, auth: auth() });
    const response = await client.get("/");
    expect([response.status, await response.text()]).toEqual([
      403,
      "<Error><Code>RequestTimeTooSkewed</Code></Error>",
    ]);
    expect(server.seen).toHaveLength(2);
  });

  test.each<[string, Answer]>([
    ["where our clock is right", strict(0, skewed, true)],
    [
      "where the server says that it was for something else",
      strict(
        HOUR,
        (response) => void response.writeHead(403, { "x-amzn-errortype": "AccessDeniedException" }).end(),
      ),
    ],
    [
      "where a cache answers, whose Date is of another day",
      strict(HOUR, (response) => void response.writeHead(403, { age: "60" }).end()),
    ],
    [
      "where the server does not say what time it is",
      (response) => {
        response.sendDate = false;
        response.writeHead(403).end();
      },
    ],
    ["another status", strict(HOUR, (response) => void response.writeHead(404).end())],
  ])("a refusal is the answer, and nothing is sent anew: %s", async (_, answer) => {
    await using server = await serve(answer);
    await using client = new Client({ baseUrl: server.origin, auth: auth() });
    expect((await client.get("/")).status).toBeGreaterThanOrEqual(400);
    expect(server.seen).toHaveLength(1);
  });

  test("a stream that can be sent once is not sent again, and the error says so; a function makes it anew", async () => {
    await using server = await serve(strict(HOUR, skewed));
    await using client = new Client({ baseUrl: server.origin, auth: auth() });
    const error = await caught(
      client
        .put("/", { body: new Blob(["a stream"]).stream() })
        .then((response) => response.raiseForStatus()),
      HttpError,
    );
    expect(error.hint).toContain("The 403 could be answered, but the body is a stream that can be sent once");
    expect(server.seen).toHaveLength(1);
    expect((await client.put("/", { body: () => new Blob(["a stream"]).stream() })).status).toBe(200);
  });
});
