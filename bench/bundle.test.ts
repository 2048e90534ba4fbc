import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";

test("what is loaded by import() is counted apart, what is imported at once is not", async () => {
  const { entry, later } = await bundle(
    'export { get } from "chasqui"; export const ky = () => import("ky");',
  );
  expect(later.gzipped).toBeGreaterThan(1000);
  const alone = await bundle('export { get } from "chasqui";');
  expect(entry.gzipped - alone.entry.gzipped).toBeLessThan(500);
});
