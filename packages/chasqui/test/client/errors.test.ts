import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { ConsumedBodyError, EmptyBodyError, PaginationError } from "../../src/errors/index.ts";
import {
  AbortError,
  AuthError,
  BodyTooLargeError,
  bearer,
  CallerError,
  ChasquiError,
  Client,
  DecodeError,
  del,
  get,
  type Hooks,
  HttpError,
  NetworkError,
  OptionsError,
  patch,
  post,
  put,
  RedirectError,
  request,
  TimeoutError,
  ValidationError,
} from "../../src/index.ts";
import { type HttpServer, json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";

const CLASSES = {
  AbortError,
  AuthError,
  BodyTooLargeError,
  CallerError,
  ConsumedBodyError,
  DecodeError,
  EmptyBodyError,
  HttpError,
  NetworkError,
  OptionsError,
  PaginationError,
  RedirectError,
  TimeoutError,
  ValidationError,
} as const;
type Name = keyof typeof CLASSES;

async function caught(promise: PromiseLike<unknown>): Promise<ChasquiError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ChasquiError) return error;
  throw new Error("no error of the family came", { cause: error });
}

function answers(): Promise<HttpServer> {
  return serve({
    "/ok": json({ n: 1 }),
    "/text": (response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<p>no JSON, but s3cret</p>");
    },
    "/empty": (response) => {
      response.writeHead(204).end();
    },
    "/missing": json({ message: "s3cret" }, 404),
    "/loop": redirectTo("/loop"),
    "/gone": (response) => {
      response.socket?.destroy();
    },
    "/silent": () => {},
  });
}

const SCHEMA = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: () => ({ issues: [{ message: "is no string", path: ["n"] }] }),
  },
} as const;

/** One of each class, as a caller meets it. */
const PROVOKED: readonly (readonly [Name, string, (origin: string) => PromiseLike<unknown>])[] = [
  ["OptionsError", "ERR_OPTIONS", (origin) => get(origin, { timeout: -1 })],
  ["NetworkError", "ERR_NETWORK", (origin) => get(`${origin}/gone`, { retry: false })],
  ["HttpError", "ERR_HTTP", (origin) => get(`${origin}/missing`).json()],
  ["RedirectError", "ERR_REDIRECT", (origin) => get(`${origin}/loop`)],
  ["DecodeError", "ERR_DECODE", (origin) => get(`${origin}/text`).json()],
  ["EmptyBodyError", "ERR_EMPTY_BODY", (origin) => get(`${origin}/empty`).json()],
  ["ValidationError", "ERR_VALIDATION", (origin) => get(`${origin}/ok`).json(SCHEMA)],
  ["BodyTooLargeError", "ERR_BODY_TOO_LARGE", (origin) => get(`${origin}/ok`, { maxBytes: 2 })],
  [
    "AuthError",
    "ERR_AUTH",
    (origin) => get(origin, { auth: bearer(() => Promise.reject(new Error("idp"))) }),
  ],
  ["AbortError", "ERR_ABORTED", (origin) => get(`${origin}/silent`, { signal: AbortSignal.abort() })],
  [
    "TimeoutError",
    "ERR_TIMEOUT",
    async (origin) => {
      const clock = new ManualClock();
      await using client = new Client({ clock });
      const call = client.get(`${origin}/silent`, { timeout: 5000 }).result();
      await clock.armed(5000);
      clock.advance(5000);
      throw (await call).error;
    },
  ],
  [
    "ConsumedBodyError",
    "ERR_CONSUMED_BODY",
    async (origin) => {
      await using response = await get(`${origin}/ok`, { stream: true });
      await response.stream()[Symbol.asyncIterator]().return?.();
      return response.text();
    },
  ],
  [
    "CallerError",
    "ERR_CALLER",
    async (origin) => {
      const hooks = { onRequest: () => Promise.reject(new Error("mine")) };
      throw (await get(origin, { hooks }).result()).error;
    },
  ],
  [
    "PaginationError",
    "ERR_PAGINATION",
    () => Promise.reject(new PaginationError("repeated", "twice", { pages: 1, rows: 1 })),
  ],
];

describe("the family", () => {
  test.each(PROVOKED)("%s: its code, its place, and no other class's", async (name, code, provoke) => {
    await using server = await answers();
    const error = await caught(provoke(server.origin));
    expect(error.code).toBe(code);
    expect(error.name).toBe(name);
    expect(error).toBeInstanceOf(Error);
    const matching = Object.entries(CLASSES).filter(([, errorClass]) => error instanceof errorClass);
    expect(matching.map(([found]) => found)).toEqual([name]);
  });

  test("every class is among the provoked ones", () => {
    expect(PROVOKED.map(([name]) => name).toSorted()).toEqual(Object.keys(CLASSES).toSorted());
  });

  test.each([new Error("x"), { name: "HttpError" }, "HttpError", null, undefined, 5])(
    "what is not of it is no instance: %j",
    (value) => {
      expect(value instanceof ChasquiError).toBe(false);
      expect(value instanceof HttpError).toBe(false);
    },
  );

  test("a subclass of the caller's is an instance of itself and of its parents, and a parent's error is none of it", () => {
    class QuotaError extends OptionsError {}
    const mine = new QuotaError("x");
    expect([mine instanceof QuotaError, mine instanceof OptionsError, mine instanceof ChasquiError]).toEqual([
      true,
      true,
      true,
    ]);
    expect(new OptionsError("x") instanceof QuotaError).toBe(false);
    expect(mine instanceof TimeoutError).toBe(false);
  });

  test("P13 instanceof holds across two copies of the library, as do secrets, headers, requests and clients' results", async () => {
    const { stdout, stderr } = await run(`
      import { registerHooks } from "node:module";
      registerHooks({
        resolve(specifier, context, next) {
          const found = next(specifier, context);
          const copied = context.parentURL?.endsWith("?copy") && found.url.startsWith("file:");
          return copied && !found.url.includes("node_modules") ? { ...found, url: found.url + "?copy" } : found;
        },
      });
      const one = await import("../src/index.ts");
      const two = await import("../src/index.ts?copy");
      const error = new two.OptionsError("x");
      const timeout = await two.get("http://127.0.0.1:9/", { signal: AbortSignal.timeout(0), retry: false }).then(() => 0, (e) => e);
      const seen = [];
      const transport = two.memory((request) => {
        seen.push(request.headers.get("x-key"), request.headers.get("x-more"));
        return new Response("{}", { status: 404 });
      });
      const client = new one.Client({ transport });
      const headers = new two.Headers({ "x-key": two.secret("k"), "x-more": "1" });
      const missing = await client.get("http://api.test/", { headers }).result();
      console.log(JSON.stringify({
        distinct: one.OptionsError !== two.OptionsError && one.ChasquiError !== two.ChasquiError,
        of: [error instanceof one.OptionsError, error instanceof one.ChasquiError, error instanceof one.HttpError],
        back: [missing.error instanceof two.HttpError, missing.error instanceof two.OptionsError],
        raised: [timeout instanceof one.ChasquiError, timeout.name],
        secret: one.isSecret(two.secret("k")),
        seen,
        printed: JSON.stringify(missing.error.request.headers["x-key"]),
      }));
    `);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      distinct: true,
      of: [true, true, false],
      back: [true, false],
      raised: [true, expect.stringMatching(/^(TimeoutError|NetworkError)$/)],
      secret: true,
      seen: ["k", "1"],
      printed: '"***"',
    });
  });
});

describe("what an error knows", () => {
  test.each(PROVOKED.filter(([name]) => name !== "PaginationError" && name !== "OptionsError"))(
    "#129 %s has its request, attempts and the time",
    async (name, _, provoke) => {
      await using server = await answers();
      const error = await caught(provoke(server.origin));
      expect(error.request?.method).toBe("GET");
      expect(error.request?.url.startsWith(server.origin)).toBe(true);
      const unsent: Name[] = ["AuthError", "AbortError", "CallerError"];
      expect(error.attempts >= 1, String(error.attempts)).toBe(!unsent.includes(name as Name));
      expect(error.elapsed).toBeGreaterThanOrEqual(0);
    },
  );

  test("#129 a line that is too long, in the middle of a streamed body, too", async () => {
    await using server = await serve((response) => {
      response.writeHead(200).end(`short\n${"x".repeat(1000)}\n`);
    });
    const lines = get(server.origin, { maxRecord: 100 }).lines();
    const error = await caught(Array.fromAsync(lines));
    expect(error).toBeInstanceOf(BodyTooLargeError);
    expect(error.request?.url).toBe(`${server.origin}/`);
    expect(error.stack).toContain("errors.test.ts");
  });

  test.each([
    [404, "Not Found", "404 Client Error: Not Found for GET "],
    [500, "Internal Server Error", "500 Server Error: Internal Server Error for GET "],
    [599, "", "599 Server Error for GET "],
  ])("#123 raiseForStatus of a %i says so", async (status, reason, message) => {
    await using server = await serve((response) => {
      response.writeHead(status, reason).end();
    });
    const response = await get(server.origin, { retry: false });
    const error = await caught((async () => response.raiseForStatus())());
    expect(error).toBeInstanceOf(HttpError);
    expect(error.message).toBe(`${message}${server.origin}/`);
    if (error instanceof HttpError) expect(error.response).toBe(response);
  });

  test.each([200, 204, 304, 399, 600, 999])(
    "#123 D16 raiseForStatus of a %i is the response itself",
    async (status) => {
      await using server = await serve((response) => {
        response.writeHead(status).end();
      });
      const response = await get(server.origin);
      expect(response.raiseForStatus()).toBe(response);
    },
  );

  test("P8 the body of an error has been read, can be read again, and a problem of RFC 9457 is taken apart", async () => {
    await using server = await serve(
      json({ title: "No", detail: "out of credit", balance: 30 }, 403, {
        "content-type": "application/problem+json; charset=utf-8",
      }),
    );
    for (const call of [get(server.origin).json(), Array.fromAsync(get(server.origin).lines())]) {
      const error = await caught(call);
      if (!(error instanceof HttpError)) throw error;
      expect(JSON.parse(error.text)).toEqual(error.json());
      expect(error.problem).toMatchObject({ title: "No", detail: "out of credit", balance: 30 });
      expect(await error.response.json()).toEqual(error.json());
      expect(await error.response.text()).toBe(error.text);
    }
  });

  test("P8 of a body that is no JSON, no problem and not there, nothing is thrown but by json()", async () => {
    await using server = await serve((response) => {
      response.writeHead(500, { "content-type": "application/problem+json" }).end("<html>");
    });
    const error = await caught(get(server.origin, { retry: false }).json());
    if (!(error instanceof HttpError)) throw error;
    expect(error.problem).toBeUndefined();
    expect(error.text).toBe("<html>");
    expect(() => error.json()).toThrow(DecodeError);
  });

  test("P8 of an error's body that was to be streamed the first MiB is there", async () => {
    const big = "x".repeat(3 * 1024 * 1024);
    await using server = await serve((response) => {
      response.writeHead(404).end(big);
    });
    const error = await caught(Array.fromAsync(get(server.origin).stream()));
    if (!(error instanceof HttpError)) throw error;
    expect(error.text).toHaveLength(1024 * 1024);
  });

  test("#115 a body that is no JSON is a DecodeError of the family that holds it, and has it neither in its message nor in print", async () => {
    await using server = await answers();
    const error = await caught(get(`${server.origin}/text`).json());
    expect(error).toBeInstanceOf(DecodeError);
    expect(error.message).toContain("text/html");
    expect(error.hint).toContain("web page");
    // The error holds the document, for a program to look at.
    expect(error instanceof DecodeError && error.text).toBe("<p>no JSON, but s3cret</p>");
    for (const printed of [
      error.message,
      error.stack,
      inspect(error, { depth: 10, showHidden: true }),
      JSON.stringify(error),
    ])
      expect(printed).not.toContain("s3cret");
  });
});

describe("in print", () => {
  test.each(PROVOKED)("%s prints in a few lines, once each", async (name, code, provoke) => {
    await using server = await answers();
    const error = await caught(provoke(server.origin));
    const printed = inspect(error);
    expect(printed.split("\n").length).toBeLessThanOrEqual(14);
    expect(printed).toContain(`${name}: ${error.message}`);
    expect(printed).toContain(code);
    expect(printed.split(error.message).length, "the message once").toBe(2);
  });

  test.each(PROVOKED)("#130 %s goes through JSON and structuredClone", async (name, code, provoke) => {
    await using server = await answers();
    const error = await caught(provoke(server.origin));
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name, code, message: error.message });
    expect(structuredClone(error).message).toBe(error.message);
  });

  test("#130 a request and a response go through JSON", async () => {
    await using server = await answers();
    const response = await get(`${server.origin}/ok`, { headers: { "x-trace": "1" } });
    expect(JSON.parse(JSON.stringify(response))).toMatchObject({
      status: 200,
      method: "GET",
      url: `${server.origin}/ok`,
      bytes: 7,
    });
    expect(JSON.parse(JSON.stringify(response.request))).toMatchObject({
      method: "GET",
      url: `${server.origin}/ok`,
      headers: { "x-trace": "1" },
    });
  });

  test("an uncaught one prints the message and the caller's line, none of ours", async () => {
    const { stderr, code } = await run(`
      import { get } from "../src/index.ts";
      await get("http://127.0.0.1:9/", { retry: false }).json();
    `);
    expect(code).toBe(1);
    expect(stderr).toContain("NetworkError: 127.0.0.1:9 refused the connection");
    expect(stderr).toMatch(/connection for GET http:\S+\n +at \[eval\]:3/);
    expect(stderr).not.toContain("/src/transport/");
  });
});

describe("P11 the caller's line", () => {
  const refusedAt = "http://127.0.0.1:9/";
  const off = { retry: false } as const;

  /** The first frame of an error's stack. */
  const firstFrame = (error: ChasquiError): string =>
    error.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "";

  test.each<[string, (client: Client) => PromiseLike<unknown>]>([
    [
      "get()",
      function callerOfGet() {
        return get(refusedAt, off);
      },
    ],
    [
      "post()",
      function callerOfPost() {
        return post(refusedAt, off);
      },
    ],
    [
      "put()",
      function callerOfPut() {
        return put(refusedAt, off);
      },
    ],
    [
      "patch()",
      function callerOfPatch() {
        return patch(refusedAt, off);
      },
    ],
    [
      "del()",
      function callerOfDel() {
        return del(refusedAt, off);
      },
    ],
    [
      "request()",
      function callerOfRequest() {
        return request("GET", refusedAt, off);
      },
    ],
    [
      "client.get()",
      function callerOfClientGet(client) {
        return client.get(refusedAt, off);
      },
    ],
    [
      "client.post()",
      function callerOfClientPost(client) {
        return client.post(refusedAt, off);
      },
    ],
    [
      "client.request()",
      function callerOfClientRequest(client) {
        return client.request("GET", refusedAt, off);
      },
    ],
    [
      "client.send()",
      function callerOfSend(client) {
        return client.send(client.build("GET", refusedAt), off);
      },
    ],
    [
      "an awaited reader",
      function callerOfJson() {
        return get(refusedAt, off).json();
      },
    ],
    [
      "a loop over lines",
      function callerOfLines() {
        return Array.fromAsync(get(refusedAt, off).lines());
      },
    ],
    [
      "a bad option",
      function callerOfBad() {
        return get(refusedAt, { timeout: -1 });
      },
    ],
    [
      "a result",
      async function callerOfResult() {
        const result = await get(refusedAt, off).result();
        throw result.error;
      },
    ],
  ])("%s", async (_, call) => {
    await using client = new Client();
    const error = await caught(call(client));
    expect(firstFrame(error)).toContain(call.name);
    expect(firstFrame(error)).toContain("errors.test.ts");
    expect(error.stack).toContain(`${error.name}: ${error.message}`);
    expect(error.stack).not.toMatch(/chasqui\/src\//);
  });

  describe("and who waits for it", () => {
    const api = {
      byId: () => get(refusedAt, off).json(),
      byName: async () => await get(refusedAt, off),
    };
    const forwards = (call: () => PromiseLike<unknown>): PromiseLike<unknown> => call();
    async function waits(call: () => PromiseLike<unknown>): Promise<unknown> {
      const data = await call();
      return data;
    }
    async function outermost(call: () => PromiseLike<unknown>): Promise<unknown> {
      const data = await waits(call);
      return data;
    }
    const pages = new Client(off);
    const looksLater = async (): Promise<unknown> => {
      const call = get(refusedAt, off).json();
      call.catch(() => {});
      await turn();
      return await call;
    };

    test.each<[string, () => PromiseLike<unknown>, string[]]>([
      ["a function that returns a call", api.byId, ["byId", "waits", "outermost"]],
      ["a function that waits for it", api.byName, ["byName", "waits", "outermost"]],
      [
        "those around a function that only passes the call on",
        () => forwards(api.byId),
        ["byId", "waits", "outermost"],
      ],
      ["one of several", () => Promise.all([api.byId()]), ["byId", "Promise.all", "waits", "outermost"]],
      ["a call that is waited for when it has failed", looksLater, ["looksLater"]],
      ["an option that is bad", () => get(refusedAt, { timeout: -1 }), ["waits", "outermost"]],
      [
        "a result",
        () =>
          get(refusedAt, off)
            .result()
            .then(({ error }) => Promise.reject(error)),
        ["waits", "outermost"],
      ],
      ["pages", () => pages.paginate(refusedAt).all(), ["waits", "outermost"]],
    ])("are in the stack, each once: %s", async (_, call, names) => {
      const { stack = "" } = await caught(outermost(call));
      const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
      const found = names.map((name) => frames.flatMap((frame, at) => (frame.includes(name) ? [at] : [])));
      expect(found.map(({ length }) => length)).toEqual(names.map(() => 1));
      expect(found.flat()).toEqual(found.flat().toSorted((one, other) => one - other));
      expect(stack).not.toMatch(/chasqui\/src\/|node:internal/);
    });

    test("are as many as the program wants, and it is not told otherwise", async () => {
      const before = Error.stackTraceLimit;
      try {
        Error.stackTraceLimit = 7;
        await caught(outermost(api.byId));
        await caught(get(refusedAt, { timeout: -1 }));
        expect(Error.stackTraceLimit).toBe(7);
      } finally {
        Error.stackTraceLimit = before;
      }
    });
  });

  test("an HttpError of a reader, and of raiseForStatus() much later", async () => {
    await using server = await answers();
    const call = function asker(): PromiseLike<unknown> {
      return get(`${server.origin}/missing`).json();
    };
    expect(firstFrame(await caught(call()))).toContain("asker");
    const response = await get(`${server.origin}/missing`);
    await turn();
    expect(firstFrame(await caught((async () => response.raiseForStatus())()))).toContain("errors.test.ts");
  });

  test("a program that makes something else of its stacks has the error all the same", async () => {
    const { prepareStackTrace } = Error;
    try {
      Error.prepareStackTrace = (_, frames) => frames;
      const error = await caught(get(refusedAt, off));
      expect(error.message).toContain("refused the connection");
      expect(() => error.stack).not.toThrow();
    } finally {
      Error.prepareStackTrace = prepareStackTrace;
    }
  });

  describe("nothing that a program makes of its stacks takes the place of the error:", () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    afterEach(() => {
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = stackTraceLimit;
    });

    const throwing = (): never => {
      throw new TypeError("a frame without a file");
    };
    test.each<[string, "prepareStackTrace" | "stackTraceLimit", unknown]>([
      ["a prepareStackTrace that throws", "prepareStackTrace", throwing],
      ["a limit that is a bigint", "stackTraceLimit", 10n],
      ["a limit that is a symbol", "stackTraceLimit", Symbol("none")],
      ["a limit that is no number and throws", "stackTraceLimit", { valueOf: throwing }],
    ])("%s", async (_, name, value) => {
      await using server = await answers();
      Object.assign(Error, { [name]: value });
      const errors = [
        await caught(get(`${server.origin}/missing`).json()),
        await caught(get(server.origin, { timeout: -1 })),
        await caught(get("no URL")),
      ];
      expect(Error[name]).toBe(value);
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = stackTraceLimit;
      expect(errors.map(({ code }) => code)).toEqual(["ERR_HTTP", "ERR_OPTIONS", "ERR_OPTIONS"]);
      expect(errors[0]?.request?.url).toBe(`${server.origin}/missing`);
    });
  });

  test.each(["onRequest", "onResponse"] as const)(
    "an error that %s throws frozen is thrown as it is",
    async (hook) => {
      await using server = await answers();
      const frozen = Object.freeze(new CallerError("not now"));
      const hooks: Hooks = {
        [hook]: () => {
          throw frozen;
        },
      };
      expect(await caught(get(`${server.origin}/ok`, { hooks }))).toBe(frozen);
    },
  );

  test("an error that a hook freezes keeps its place where a hook after it throws", async () => {
    const hooks: Hooks = {
      onServerError: [
        ({ error }) => void Object.freeze(error),
        () => {
          throw new Error("the pager is down");
        },
      ],
    };
    expect((await caught(get(refusedAt, { ...off, hooks }))).code).toBe("ERR_NETWORK");
  });

  test("stack: false of a call leaves it out of its own error", async () => {
    const error = await caught(get(refusedAt, { ...off, stack: false }));
    expect(error.stack).toContain(error.message);
    expect(error.stack).not.toContain("errors.test.ts");
    expect((await caught(get(refusedAt, off))).stack).toContain("errors.test.ts");
  });

  test("stack: false of a client leaves it out", async () => {
    await using client = new Client({ stack: false });
    const error = await caught(client.get(refusedAt, off));
    expect(error.stack).toContain(error.message);
    expect(error.stack).not.toContain("errors.test.ts");
  });

  test("the error that stays with an inner call keeps the inner call's line", async () => {
    await using server = await answers();
    const inner = function innerCall(): PromiseLike<unknown> {
      return get(`${server.origin}/missing`).json();
    };
    const use = async (): Promise<never> => {
      await inner();
      throw new Error("not reached");
    };
    await using client = new Client({ use: [use] });
    const error = await caught(client.get(`${server.origin}/ok`));
    expect(error.request?.url).toBe(`${server.origin}/missing`);
    expect(firstFrame(error)).toContain("innerCall");
  });
});

describe("a bad option", () => {
  test.each<[string, () => PromiseLike<unknown>]>([
    ["of a function", () => get("http://127.0.0.1:9/", { timeout: "soon" as never })],
    ["that does not exist", () => get("http://127.0.0.1:9/", { retires: 3 } as never)],
    ["in the URL", () => get("not a url")],
    ["in a header", () => get("http://127.0.0.1:9/", { headers: { "x y": "1" } })],
    ["in the params", () => get("http://127.0.0.1:9/", { params: { a: { b: 1 } } as never })],
    ["in the body", () => post("http://127.0.0.1:9/", { json: 1, form: {} })],
    ["in place of the options", () => get("http://127.0.0.1:9/", "GET" as never)],
  ])("%s rejects, and never throws", async (_, call) => {
    const promise = call();
    const error = await caught(promise);
    expect(error).toBeInstanceOf(OptionsError);
    expect(error.attempts).toBe(0);
  });

  test("urls.map(get) is told what is wrong with it", async () => {
    const [first] = await Promise.all(
      ["http://127.0.0.1:9/"].map(get as never).map((call) => caught(call as never)),
    );
    expect(first).toBeInstanceOf(OptionsError);
    expect(first?.message).toContain("options");
    expect(first?.hint).toContain("map((url) => get(url))");
  });

  test("a slip of the finger is told the name that was probably meant", async () => {
    expect((await caught(get("http://127.0.0.1:9/", { timout: 3 } as never))).hint).toContain("`timeout`");
    expect((await caught(get("http://127.0.0.1:9/", { searchParams: {} } as never))).hint).toContain(
      "`params`",
    );
    expect(() => new Client({ baseURL: "http://x" } as never)).toThrow(/baseURL/);
  });

  test("new Client throws, with the line of who made it", () => {
    const make = (): Client => new Client({ timeout: -1 });
    expect(make).toThrow(OptionsError);
  });
});

describe("result()", () => {
  test.each(
    PROVOKED.filter(
      ([name]) => !["CallerError", "TimeoutError", "PaginationError", "ConsumedBodyError"].includes(name),
    ),
  )("never throws: %s", async (name) => {
    await using server = await answers();
    const { origin } = server;
    const calls = {
      OptionsError: () => get(origin, { timeout: -1 }).result(),
      NetworkError: () => get(`${origin}/gone`, { retry: false }).result(),
      HttpError: () => get(`${origin}/missing`).result(),
      RedirectError: () => get(`${origin}/loop`).result(),
      DecodeError: () => get(`${origin}/text`).result(),
      EmptyBodyError: () => get(`${origin}/empty`).result(),
      ValidationError: () => get(`${origin}/ok`).result(SCHEMA),
      BodyTooLargeError: () => get(`${origin}/ok`, { maxBytes: 2 }).result(),
      AuthError: () => get(origin, { auth: bearer(() => Promise.reject(new Error("idp"))) }).result(),
      AbortError: () => get(origin, { signal: AbortSignal.abort() }).result(),
    };
    const call = Object.entries(calls).find(([known]) => known === name)?.[1];
    const result = await call?.();
    expect(result?.ok).toBe(false);
    expect(result?.error?.name).toBe(name);
    const answered = ["HttpError", "DecodeError", "EmptyBodyError", "ValidationError"].includes(name);
    expect(result?.response !== undefined).toBe(answered);
  });

  test("is the data, and the response with it, where all is well", async () => {
    await using server = await answers();
    const result = await get(`${server.origin}/ok`).result<{ n: number }>();
    expect(result.ok && result.data.n).toBe(1);
    expect(result.response?.status).toBe(200);
  });

  test.each<[string, Parameters<typeof get>[1]]>([
    ["raise: true", { raise: true }],
    [
      "raise: a function that throws",
      {
        raise: () => {
          throw new Error("mine");
        },
      },
    ],
    ["a hook that throws no error at all", { hooks: { onResponse: () => Promise.reject("words") } }],
    [
      "parseJson that throws",
      {
        parseJson: () => {
          throw new Error("mine");
        },
      },
    ],
  ])("never throws, and has an error of the family: %s", async (_, options) => {
    await using server = await answers();
    const result = await get(`${server.origin}/missing`, options).result();
    expect(result.ok).toBe(false);
    expect(result.error).toBeInstanceOf(ChasquiError);
    expect(result.error?.request?.url).toBe(`${server.origin}/missing`);
  });

  test("never throws with a schema that does", async () => {
    await using server = await answers();
    const broken = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => {
          throw new Error("mine");
        },
      },
    } as const;
    const result = await get(`${server.origin}/ok`).result(broken);
    expect(result.error).toBeInstanceOf(ChasquiError);
  });

  test("raise: false gives the body of a bad status as data", async () => {
    await using server = await answers();
    const result = await get(`${server.origin}/missing`, { raise: false }).result();
    expect(result).toMatchObject({ ok: true, data: { message: "s3cret" } });
  });
});

describe("what nobody looks at", () => {
  const CASES: readonly (readonly [name: string, code: string, unhandled: number])[] = [
    ["a rejected call", "bad()", 1],
    ["a bad option", "get('not a url')", 1],
    [".json() alone", "bad().json()", 1],
    [".json() that is caught", "bad().json().catch(() => {})", 0],
    [".text() and .json() of one call, both caught", "both(bad())", 0],
    [".result()", "bad().result()", 0],
    [".lines() that is never looped over", "bad().lines()", 0],
    [".stream() that is never looped over", "bad().stream()", 0],
    ["a call that is caught", "bad().catch(() => {})", 0],
    ["a call that is caught, and awaited later", "later(bad())", 0],
  ];

  /** One process for all: Vitest itself listens for unhandled rejections. */
  async function unhandled(): Promise<readonly number[]> {
    const { stdout, stderr } = await run(`
      import { setImmediate as turn } from "node:timers/promises";
      import { Client, get, NetworkError } from "../src/index.ts";
      let count = 0;
      process.on("unhandledRejection", () => { count++; });
      const transport = { send: () => Promise.reject(new NetworkError("refused", "nobody there")), close: async () => {} };
      const client = new Client({ transport, retry: false });
      const bad = () => client.get("http://api.test/");
      const both = (call) => { call.text().catch(() => {}); call.json().catch(() => {}); };
      const later = async (call) => { call.catch(() => {}); await settled(); await call.catch(() => {}); };
      // Nothing here waits for time or the network: a few turns are all that it takes.
      const settled = async () => { for (let i = 0; i < 20; i++) await turn(); };
      const counts = [];
      for (const act of [${CASES.map(([, code]) => `() => ${code}`).join(", ")}]) {
        count = 0;
        act();
        await settled();
        await settled();
        counts.push(count);
      }
      console.log(JSON.stringify(counts));
    `);
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  }

  test(`is one unhandled rejection, and never a second: ${CASES.map(([name]) => name).join("; ")}`, async () => {
    const counts = await unhandled();
    expect(CASES.map(([name], at) => [name, counts[at]])).toEqual(
      CASES.map(([name, , count]) => [name, count]),
    );
  });
});
