import { expect, test } from "vitest";
import { snapshotOptions } from "../../src/engine/snapshot.ts";
import { bearer, Headers, type RequestOptions, Secret } from "../../src/index.ts";

test("what is data is copied as deep as it goes, with its shape", () => {
  const date = new Date(0);
  const token = new Secret("hush");
  const json = { list: [{ n: 1 }, [2]], date, token, nothing: null, missing: undefined };
  const copy = snapshotOptions({ json, params: { a: ["b"] } });
  json.list.push([3]);
  expect(copy).toEqual({
    json: { list: [{ n: 1 }, [2]], date, token, nothing: null, missing: undefined },
    params: { a: ["b"] },
  });
});

test("a circle stays one, and a key named __proto__ a key", () => {
  const circle: Record<string, unknown> = JSON.parse('{ "__proto__": { "polluted": 1 } }');
  circle.self = circle;
  const { json } = snapshotOptions({ json: circle });
  expect(json).not.toBe(circle);
  expect(Reflect.get(Object(json), "self")).toBe(json);
  expect(Object.hasOwn(Object(json), "__proto__")).toBe(true);
  expect(Reflect.get(Object(json), "polluted")).toBeUndefined();
});

test.each<[string, RequestOptions, (options: RequestOptions) => unknown]>([
  ["params", { params: new URLSearchParams("a=1") }, ({ params }) => String(params)],
  ["a Map", { headers: new Map([["a", "1"]]) }, ({ headers }) => [...new Headers(headers)]],
  ["our headers", { headers: new Headers({ a: "1" }) }, ({ headers }) => [...new Headers(headers)]],
  ["Fetch's", { headers: new globalThis.Headers({ a: "1" }) }, ({ headers }) => [...new Headers(headers)]],
  ["pairs", { headers: [["a", "1"]] }, ({ headers }) => [...new Headers(headers)]],
  ["a form", { body: form() }, ({ body }) => (body instanceof FormData ? [...body.keys()] : body)],
])("a copy of %s does not change with it", (_name, options, read) => {
  const before = JSON.stringify(read(options));
  const copy = snapshotOptions(options);
  for (const value of Object.values(options)) change(value);
  expect(JSON.stringify(read(copy))).toBe(before);
  expect(JSON.stringify(read(options))).not.toBe(before);
});

function form(): FormData {
  const form = new FormData();
  form.append("file", new Blob(["x"]), "x.txt");
  return form;
}

function change(value: unknown): void {
  if (Array.isArray(value)) value.push(["b", "2"]);
  else if (value instanceof Map) value.set("b", "2");
  else if (value instanceof FormData || value instanceof URLSearchParams) value.append("b", "2");
  else if (value instanceof Headers || value instanceof globalThis.Headers) value.set("b", "2");
}

test("what is no data is the caller's own", () => {
  const { signal } = new AbortController();
  const auth = bearer("token");
  const retry = { attempts: 2 };
  const body = new Uint8Array(2);
  const copy = snapshotOptions({ signal, auth, retry, body });
  expect(copy.signal).toBe(signal);
  expect(copy.auth).toBe(auth);
  expect(copy.retry).toBe(retry);
  expect(copy.body).toBe(body);
});

test("what are no options stays what it is", () => {
  expect(snapshotOptions(undefined)).toBeUndefined();
});
