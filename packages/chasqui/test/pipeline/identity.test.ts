import { bearer, Client, type RequestOptions } from "chasqui";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { CallContext } from "../../src/pipeline/call-context.ts";
import { Closing } from "../../src/pipeline/closing.ts";
import { identityAt } from "../../src/pipeline/identity.ts";
import { RetryBudget } from "../../src/pipeline/retry-budget.ts";
import { readOptions } from "../../src/request/read-options.ts";
import { defaultSettings } from "../../src/request/settings.ts";

const HOME = "http://api.test";

/** Who asks at an origin, in a call that began at home. */
function whoAt(origin: string, options: RequestOptions, crossed = false): string | undefined {
  const { settings } = readOptions(options, defaultSettings());
  const context = new CallContext({
    settings,
    clock: systemClock,
    random: Math.random,
    streamed: false,
    auth: settings.auth ?? undefined,
    jar: undefined,
    closing: new Closing(),
    site: undefined,
    transfer: undefined,
    budget: new RetryBudget(),
  });
  context.boundOrigin = HOME;
  context.crossed = crossed;
  return identityAt(new Client().build("GET", origin), context);
}

test("who asks is the call's Auth at home, and nobody at another origin or after one", () => {
  const auth = bearer("t-1");
  const nobody = whoAt(HOME, {});
  expect(whoAt(HOME, { auth })).not.toBe(nobody);
  expect(whoAt("http://files.test", { auth })).toBe(nobody);
  expect(whoAt(HOME, { auth }, true)).toBe(nobody);
});

test("the call's own cookies say who asks, where they go", () => {
  const cookies = { sid: "1" };
  expect(whoAt(HOME, { cookies })).not.toBe(whoAt(HOME, { cookies: { sid: "2" } }));
  expect(whoAt("http://files.test", { cookies })).toBe(whoAt("http://files.test", {}));
});

test("a client certificate says who asks", () => {
  const tls = (name: string): RequestOptions => ({ tls: { pfx: new TextEncoder().encode(name) } });
  expect(whoAt(HOME, tls("one"))).not.toBe(whoAt(HOME, tls("two")));
  expect(whoAt("http://files.test", tls("one"))).toBe(whoAt("http://files.test", tls("two")));
});
