/**
 * What the types take of a call's names and values. A line below `@ts-expect-error` that compiles is an error of `tsc`, which
 * `npm run check` runs; that interfaces compile at all is what the first test holds by being there.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { get, type MultipartInit, OptionsError, post, type RequestOptions } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type HttpServer, serve } from "../peers/http-server.ts";

interface Filter {
  userId: number;
  q?: string;
}

interface AllOptional {
  q?: string;
}

interface Lines {
  accept: string;
  "x-tag"?: string[];
}

interface Session {
  sid: string;
}

interface Upload {
  note: string;
  file: Blob;
}

class Page {
  readonly page: number;
  constructor(page: number) {
    this.page = page;
  }
}

let server: HttpServer;

beforeAll(async () => {
  server = await serve((response) => void response.end("ok"));
});

afterAll(() => server.close());

/** Does nothing: it is there to be compiled. */
function options(...all: RequestOptions[]): number {
  return all.length;
}

describe("an interface", () => {
  test("is taken for params, path, headers and cookies, and its values go out", async () => {
    const filter: Filter = { userId: 1, q: "a b" };
    const lines: Lines = { accept: "text/plain", "x-tag": ["a", "b"] };
    const session: Session = { sid: "s1" };
    const params: AllOptional = {};
    await get(`${server.origin}/users/{sid}`, {
      path: session,
      params: filter,
      headers: lines,
      cookies: session,
    });
    const { target, headers } = server.last();
    expect(target).toBe("/users/s1?userId=1&q=a+b");
    expect(headers.accept).toBe("text/plain");
    expect(headers["x-tag"]).toBe("a, b");
    expect(headers.cookie).toBe("sid=s1");
    await get(`${server.origin}/none`, { params });
    expect(server.last().target).toBe("/none");
    await get(`${server.origin}/page`, { params: new Page(2) });
    expect(server.last().target).toBe("/page?page=2");
  });

  test("is taken for form and multipart", async () => {
    const filter: Filter = { userId: 1, q: "a b" };
    await post(server.origin, { form: filter });
    expect(server.last().body.toString()).toBe("userId=1&q=a+b");
    const upload: Upload = { note: "hi", file: new Blob(["bytes"]) };
    await post(server.origin, { multipart: upload });
    expect(server.last().body.toString()).toMatch(/name="note"\r\n\r\nhi\r\n[\s\S]+bytes\r\n/);
  });

  test("with a value that the option does not take is an OptionsError that names it", async () => {
    const wrong: { a: symbol } = { a: Symbol("a") };
    const url = `${server.origin}/{a}`;
    const refused = [
      () => get(server.origin, { params: wrong }),
      () => get(url, { path: wrong }),
      () => get(server.origin, { headers: wrong }),
      () => post(server.origin, { form: wrong }),
      () => post(server.origin, { multipart: wrong }),
      () => get(server.origin, { cookies: wrong }),
    ];
    const messages: string[] = [];
    for (const call of refused) messages.push((await caught(call(), OptionsError)).message);
    expect(messages).toEqual([
      expect.stringMatching(/^params: "a" is a symbol/),
      expect.stringMatching(/^path\.a must be .+, not a symbol$/),
      expect.stringMatching(/^headers: the value of "a" must be a string, not a symbol$/),
      expect.stringMatching(/^form: "a" is a symbol/),
      expect.stringMatching(/^multipart: "a" is a symbol$/),
      expect.stringMatching(/\(a\) must be text, not a symbol$/),
    ]);
  });
});

describe("the types", () => {
  test("check the values of a literal, in each option", () => {
    const filter: Filter = { userId: 1 };
    const all = [
      // @ts-expect-error A symbol.
      () => options({ params: { a: Symbol("a") } }),
      // @ts-expect-error One beside an interface.
      () => options({ params: { ...filter, a: Symbol("a") } }),
      // @ts-expect-error A function.
      () => options({ params: { a: () => 1 } }),
      // @ts-expect-error A Map in a value.
      () => options({ params: { a: new Map() } }),
      // @ts-expect-error A symbol further in.
      () => options({ params: { a: { b: Symbol("b") } } }),
      // @ts-expect-error Null is no part of a path.
      () => options({ path: { id: null } }),
      // @ts-expect-error A number is no header.
      () => options({ headers: { "x-n": 5 } }),
      // @ts-expect-error A function.
      () => options({ form: { a: () => 1 } }),
      // @ts-expect-error A symbol.
      () => options({ multipart: { a: Symbol("a") } }),
      // @ts-expect-error A number is no cookie.
      () => options({ cookies: { n: 5 } }),
    ];
    expect(all.map((one) => one())).toEqual(all.map(() => 1));
  });

  test("refuse objects that have no names and values", () => {
    const all = [
      // @ts-expect-error A list.
      () => options({ params: [1, 2] }),
      // @ts-expect-error Pairs with a value that is none.
      () => options({ params: new Map([["a", Symbol("a")]]) }),
      // @ts-expect-error A function.
      () => options({ params: () => 1 }),
      // @ts-expect-error A class.
      () => options({ params: Page }),
      // @ts-expect-error A date.
      () => options({ params: new Date(0) }),
      // @ts-expect-error A promise.
      () => options({ params: Promise.resolve({ a: 1 }) }),
      // @ts-expect-error Bytes.
      () => options({ form: new Uint8Array(1) }),
      // @ts-expect-error A Map.
      () => options({ path: new Map([["id", 1]]) }),
      // @ts-expect-error A list of lines.
      () => options({ headers: ["accept: text/plain"] }),
      // @ts-expect-error A Set.
      () => options({ multipart: new Set(["a"]) }),
      // @ts-expect-error A list.
      () => options({ cookies: ["sid=1"] }),
    ];
    expect(all.map((one) => one())).toEqual(all.map(() => 1));
  });

  test("take what they took: pairs, a Map, nested values, arrays of parts", () => {
    const parts: MultipartInit = { a: "1", b: ["x", "y"], c: { content: "c", filename: "c.txt" } };
    expect(
      options(
        { params: { a: 1, b: [1, { c: 2 }], d: null } },
        { params: new Map([["a", 1]]) },
        { params: [["a", 1]] },
        { headers: { a: null, b: ["x", "y"] } },
        { multipart: parts },
        { cookies: false },
      ),
    ).toBe(6);
  });
});
