import { expect, test } from "vitest";
import * as eager from "../../src/engine/eager.ts";
import * as lazy from "../../src/engine/lazy.ts";

type Face = Omit<typeof eager, "Session">;

test("the twins have the same names", () => {
  // The type checker compares the rest.
  const twin: Face = lazy;
  expect(Object.keys(twin).sort()).toEqual(Object.keys(eager).sort());
});
