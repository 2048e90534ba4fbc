import { expect, test } from "vitest";
import { secret } from "../../src/secret.ts";
import { connectionWith } from "../../src/transport/read-connection.ts";

test("S31 #112 another function and another passphrase make another connection, and the same ones the same", () => {
  const one = (): void => {};
  const other = (): void => {};
  const byLookup = (lookup: unknown): string | undefined => connectionWith("lookup", lookup, undefined)?.key;
  expect(byLookup(one)).toBe(byLookup(one));
  expect(byLookup(one)).not.toBe(byLookup(other));
  const byPassphrase = (passphrase: string): string | undefined =>
    connectionWith("tls", { passphrase: secret(passphrase) }, undefined)?.key;
  expect(byPassphrase("a")).toBe(byPassphrase("a"));
  expect(byPassphrase("a")).not.toBe(byPassphrase("b"));
  expect(byPassphrase("s3cret")).not.toContain("s3cret");
});
