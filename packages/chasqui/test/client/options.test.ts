import { describe, expect, test } from "vitest";
import {
  Client,
  type ClientOptions,
  digest,
  memory,
  memoryCache,
  OptionsError,
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
