import { describe, expect, test } from "vitest";
import { OptionsError } from "../../src/errors/options-error.ts";
import { methodOf } from "../../src/request/method.ts";

describe("#44 S8 a method", () => {
  test.each([
    ["get", "GET"],
    ["Post", "POST"],
    ["QUERY", "QUERY"],
    ["m-search", "M-SEARCH"],
  ])("%s is sent as %s", (given, method) => {
    expect(methodOf(given)).toBe(method);
  });

  test.each([
    "",
    " GET",
    "GET ",
    "GET /x HTTP/1.1\r\nHost: evil\r\n\r\n",
    "GE\tT",
    "G\0T",
    "GÉT",
    5,
    undefined,
    null,
  ])("%j is refused", (given) => {
    expect(() => methodOf(given)).toThrow(OptionsError);
  });
});
