import { expect, test } from "vitest";
import { bundle, ENTRIES } from "./bundle.ts";
import { installed } from "./installed.ts";
import { S8 } from "./scenarios/size.ts";
import { packageOf } from "./versions.ts";

test("a package is counted with all that it depends on", () => {
  expect(installed("ky").packages).toBe(1);
  const { packages, bytes } = installed("node-fetch");
  expect(packages).toBeGreaterThan(3);
  expect(bytes).toBeGreaterThan(installed("data-uri-to-buffer").bytes);
});

test.each(S8.clients.map(packageOf).filter((name) => name !== undefined && name !== "chasqui"))(
  "S8: %s is found",
  (name) => {
    expect(installed(name ?? "").bytes).toBeGreaterThan(10_000);
  },
);

test.each(Object.entries(ENTRIES))("S8: %s can be bundled for a browser", async (_name, text) => {
  expect((await bundle(text)).entry.gzipped).toBeGreaterThan(1000);
});
