import { describe, expect, test } from "vitest";
import {
  Client,
  type ClientOptions,
  digest,
  env,
  fileFrom,
  get,
  har,
  memory,
  memoryCache,
  OptionsError,
  oauth2,
  type RequestOptions,
  sqliteCache,
} from "../../src/index.ts";
import { openTelemetry } from "../../src/opentelemetry.ts";
import { cassette, FakeServer, faults, replayHAR } from "../../src/testing/index.ts";

/** What an option is refused with. */
async function refusal(act: () => unknown): Promise<OptionsError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const OF_A_CLIENT = [
  ...["cache", "circuit", "connections", "hedge", "hooks", "idempotencyKey", "redirect", "retry", "throttle"],
  ...["timeout", "tls"],
];

describe("an option that is an object", () => {
  test.each(OF_A_CLIENT)("%s names a field that it does not know, and those that it has", async (option) => {
    const { message, option: named } = await refusal(
      () => new Client({ [option]: { oops: 1 } } as ClientOptions),
    );
    expect(message).toMatch(new RegExp(`^\`${option}\` has no field "oops", but \\w+(, \\w+)*$`));
    expect(named).toBe(`${option}.oops`);
  });

  test.each(OF_A_CLIENT)("%s says what it takes in place of a list", async (option) => {
    const { message, option: named } = await refusal(() => new Client({ [option]: [] } as ClientOptions));
    expect(message).toMatch(new RegExp(`^\`${option}\` is an array of 0; it takes .+`));
    expect(named).toBe(option);
  });
});

test.each<[field: string, retry: object, hint: string | undefined]>([
  ["retry.max", { max: 3 }, "Did you mean `attempts`?"],
  ["retry.delay", { delay: 3 }, "Did you mean `backoff`?"],
  ["retry.backoff.max", { backoff: { max: 3 } }, "Did you mean `cap`?"],
  ["retry.backoff.retries", { backoff: { retries: 3 } }, undefined],
  ["retry.budget.max", { budget: { max: 3 } }, undefined],
])("%s suggests a field of where it stands, or none", async (field, retry, hint) => {
  const refused = await refusal(() => new Client({ retry } as ClientOptions));
  expect([refused.option, refused.hint]).toEqual([field, hint]);
});

test.each<[field: string, act: () => unknown, hint: string | undefined]>([
  [
    "events.reconect",
    () =>
      get("http://127.0.0.1:9/")
        .events({ reconect: true } as object)
        [Symbol.asyncIterator]()
        .next(),
    "Did you mean `reconnect`?",
  ],
  [
    "tls.rejectUnauthorised",
    () => new Client({ tls: { rejectUnauthorised: false } as object }),
    "Did you mean `rejectUnauthorized`?",
  ],
  ["timeout.headres", () => new Client({ timeout: { headres: 1 } as object }), "Did you mean `headers`?"],
  [
    "redirect.maxRedirects",
    () => new Client({ redirect: { maxRedirects: 1 } as object }),
    "Did you mean `max`?",
  ],
  [
    "redirect.kepHeaders",
    () => new Client({ redirect: { kepHeaders: [] } as object }),
    "Did you mean `keepHeaders`?",
  ],
  [
    "redirect.follow",
    () => new Client({ redirect: { follow: false } as object }),
    'Redirects are followed unless it is `redirect: "manual"` or `redirect: "error"`, which stand for themselves.',
  ],
  ["tls.verify", () => new Client({ tls: { verify: false } as object }), undefined],
  ["algoritms", () => digest("a", "b", { algoritms: [] } as object), "Did you mean `algorithms`?"],
])("an unknown %s is told with the field that was probably meant, or none", async (field, act, hint) => {
  const refused = await refusal(act);
  expect([refused.option, refused.hint]).toEqual([field, hint]);
});

test.each<[auth: object, hint: string]>([
  [
    { username: "ann", password: "s3cret" },
    "Write `auth: [username, password]`, or `auth: basic(username, password)`.",
  ],
  [
    { user: "ann", pass: "s3cret" },
    "Write `auth: [username, password]`, or `auth: basic(username, password)`.",
  ],
  [{ bearer: "s3cret" }, "Write `auth: bearer(token)`."],
])("`auth` as an object of another client's is told what to write: %o", async (auth, hint) => {
  const refused = await refusal(() => new Client({ auth } as unknown as ClientOptions));
  expect([refused.option, refused.hint]).toEqual(["auth", hint]);
  expect(JSON.stringify(refused)).not.toContain("s3cret");
});

describe("false", () => {
  const switches = ["cache", "circuit", "dedupe", "hedge", "log", "retry", "telemetry", "throttle"];
  const answering = () => memory(() => new Response("{}"));

  test.each(switches)("switches %s off, for a client and for a call", async (option) => {
    await using client = new Client({
      baseUrl: "http://a.test",
      transport: answering(),
      [option]: false,
    } as ClientOptions);
    expect((await client.get("/", { [option]: false } as RequestOptions)).status).toBe(200);
  });

  test("null does as well where a value is an object of somebody else's, or a cache", async () => {
    const off = { log: null, telemetry: null, cache: null };
    await using client = new Client({ baseUrl: "http://a.test", transport: answering(), ...off });
    expect((await client.get("/", off)).status).toBe(200);
  });
});

describe("a function with options", () => {
  const odd: never = { oops: 1 } as never;
  test.each<[string, () => unknown]>([
    ["openTelemetry()", () => openTelemetry(odd)],
    ["cassette()", () => cassette("x.json", odd)],
    ["replayHAR()", () => replayHAR({ log: { entries: [] } }, odd)],
    ["faults()", () => faults(odd)],
    ["new FakeServer()", () => new FakeServer(odd)],
    ["digest()", () => digest("ann", "pa55", odd)],
    ["The store of a cache", () => memoryCache(odd)],
    ["The store of a cache", () => sqliteCache("/tmp/chasqui-none.db", odd)],
  ])("%s refuses one that it does not know", async (of, act) => {
    const { message, option } = await refusal(act);
    expect(message).toMatch(
      new RegExp(`^${of.replace("()", "\\(\\)")} has no option "oops", but \\w+(, \\w+)*$`),
    );
    expect(option).toBe("oops");
  });

  test("S55 reads its own options, and none that a polluted prototype lends", async () => {
    Object.defineProperty(Object.prototype, "mode", { value: "nonsense", configurable: true });
    Object.defineProperty(Object.prototype, "share", { value: 7, configurable: true });
    Object.defineProperty(Object.prototype, "maxBytes", { value: -1, configurable: true });
    try {
      for (const make of [() => cassette("x.json", {}), () => faults({}), () => memoryCache({})])
        expect(make()).toBeInstanceOf(Object);
    } finally {
      for (const name of ["mode", "share", "maxBytes"]) Reflect.deleteProperty(Object.prototype, name);
    }
  });

  test.each<[string, () => unknown]>([
    ["propagate", () => openTelemetry({ propagate: "all" as never })],
    ["repeat", () => cassette("x.json", { repeat: 3 as never })],
    ["redact", () => cassette("x.json", { redact: "x" as never })],
    ["repeat", () => replayHAR({ log: { entries: [] } }, { repeat: "x" as never })],
    ["options", () => cassette("x.json", null as never)],
    ["options", () => faults(null as never)],
  ])("%s with a bad value is refused by name", async (option, act) => {
    expect((await refusal(act)).option).toBe(option);
  });
});

describe("a value that cannot print itself", () => {
  const fail = (): never => {
    throw new TypeError("it has run");
  };
  const hostile: readonly (readonly [string, unknown])[] = [
    ["an object without a prototype", Object.create(null)],
    ["an object whose toString throws", { toString: fail }],
    ["an object whose valueOf and Symbol.toPrimitive throw", { valueOf: fail, [Symbol.toPrimitive]: fail }],
    ["an object whose toJSON throws", { toJSON: fail }],
    [
      "an object whose constructor throws",
      Object.create(Object.defineProperty({}, "constructor", { get: fail })),
    ],
    ["a list of such an object", [Object.create(null)]],
    ["a symbol", Symbol("s")],
    ["a bigint", 10n],
  ];
  const grant = {
    tokenEndpoint: "https://as.test/token",
    clientId: "c",
    clientSecret: "s",
    grant: "client_credentials",
  };
  const told: readonly (readonly [option: string, give: (value: unknown) => unknown])[] = [
    ...["connect", "queue", "headers", "idle", "attempt", "total"].map(
      (phase) =>
        [
          `timeout.${phase}`,
          (value: unknown) => new Client({ timeout: { [phase]: value } } as ClientOptions),
        ] as const,
    ),
    [
      "connections.idleTimeout",
      (value) => new Client({ connections: { idleTimeout: value } } as ClientOptions),
    ],
    ["connections.perOrigin", (value) => new Client({ connections: { perOrigin: value } } as ClientOptions)],
    ["retry.maxWait", (value) => new Client({ retry: { maxWait: value } } as ClientOptions)],
    ["retry.attempts", (value) => new Client({ retry: { attempts: value } } as ClientOptions)],
    ["retry.jitter", (value) => new Client({ retry: { jitter: value } } as ClientOptions)],
    ["retry.backoff.base", (value) => new Client({ retry: { backoff: { base: value } } } as ClientOptions)],
    [
      "throttle.rate.window",
      (value) => new Client({ throttle: { rate: { limit: 1, window: value } } } as ClientOptions),
    ],
    [
      "throttle.rate.limit",
      (value) => new Client({ throttle: { rate: { limit: value, window: 1 } } } as ClientOptions),
    ],
    ["throttle.maxWait", (value) => new Client({ throttle: { maxWait: value } } as ClientOptions)],
    ["throttle.per", (value) => new Client({ throttle: { per: value } } as ClientOptions)],
    ["circuit.window", (value) => new Client({ circuit: { window: value } } as ClientOptions)],
    ["hedge.delay", (value) => new Client({ hedge: { delay: value } } as ClientOptions)],
    ["tls.minVersion", (value) => new Client({ tls: { minVersion: value } } as ClientOptions)],
    ["tls.maxVersion", (value) => new Client({ tls: { maxVersion: value } } as ClientOptions)],
    ["paramsStyle", (value) => new Client({ paramsStyle: { arrays: value } } as ClientOptions)],
    ["encoding", (value) => new Client({ encoding: value } as ClientOptions)],
    ["maxBytes", (value) => new Client({ maxBytes: value } as ClientOptions)],
    [
      "events.reconnect.delay",
      (delay) =>
        get("http://a.test/")
          .events({ reconnect: { delay } } as never)
          .next(),
    ],
    [
      "events.lastEventId",
      (lastEventId) =>
        get("http://a.test/")
          .events({ lastEventId } as never)
          .next(),
    ],
    ["timeout", (timeout) => oauth2({ ...grant, timeout } as never)],
    ["refreshBefore", (refreshBefore) => oauth2({ ...grant, refreshBefore } as never)],
    ["env", (value) => env(value as never)],
    ["fileFrom", (value) => fileFrom(value as never)],
    ["path", (value) => new FakeServer().on("GET", value as never)],
    ["method", (value) => new FakeServer().on(value as never, "/")],
    ["mode", (mode) => cassette("x.json", { mode } as never)],
    ["seed", (seed) => faults({ seed } as never)],
  ];
  test.each(told)("is an OptionsError that names the option: %s", async (option, give) => {
    for (const [what, value] of hostile) {
      const error = await refusal(() => give(value)).catch((thrown: unknown) => thrown);
      expect(error, what).toMatchObject({ name: "OptionsError", option: expect.stringContaining(option) });
    }
  });

  test("traces that are no list are refused by name", async () => {
    for (const [, value] of hostile.filter(([, given]) => !Array.isArray(given)))
      expect((await refusal(() => har(value as never))).option).toBe("traces");
  });
});
