import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createPractice } from "../src/index.ts";
import { routes } from "../src/routes.ts";

const practice = createPractice();

test("/openapi.json describes every route, and every route that it describes is there", async () => {
  const document = (await (await practice.fetch("http://x.test/openapi.json")).json()) as {
    openapi: string;
    paths: Record<
      string,
      Record<string, { operationId: string; parameters: { name: string; in: string; required: boolean }[] }>
    >;
  };
  expect(document.openapi).toBe("3.1.0");
  const named = [...new Set(routes.map((route) => route.path))].filter((path) => !/^\/:/.test(path));
  const paths = named.map((path) => path.replaceAll(/:(\w+)(?:\{\.\+\})?/g, "{$1}"));
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([...paths, "/posts", "/posts/{id}", "/posts/{id}/{children}"]),
  );
  const operationIds = new Set<string>();
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      expect(operationIds).not.toContain(operation.operationId);
      operationIds.add(operation.operationId);
      const inPath = operation.parameters.filter((one) => one.in === "path").map((one) => one.name);
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      if (/\/faults\/(?:reset|slow-headers)/.test(path) || method === "options") continue;
      const url = path
        .replace("{resource}", "posts")
        .replace("{id}", "1")
        .replace("{children}", "comments")
        .replace("{status}", "204")
        .replace(/\{(?:user|owner)\}/, "ada")
        .replace("/shop/products/1", "/shop/products/7");
      const response = await practice.fetch(`http://x.test${url.replaceAll(/[{}]/g, "")}`, {
        method: method.toUpperCase(),
      });
      await response.body?.cancel();
      expect([path, method, response.status]).not.toEqual([path, method, 404]);
      expect([path, method, response.status]).not.toEqual([path, method, 405]);
    }
  }
});

test("/ is a page for people that names every route", async () => {
  const response = await practice.fetch("http://x.test/");
  const page = await response.text();
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  for (const { path, summary } of routes.filter((route) => route.path !== "/:single")) {
    expect(page).toContain(`<code>${path.replaceAll(/:(\w+)(?:\{\.\+\})?/g, "{$1}")}</code>`);
    expect(page).toContain(summary.replaceAll(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`));
  }
});

test("the README's table has every route", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const { path } of routes) {
    const written = path
      .replaceAll(/:(\w+)(?:\{\.\+\})?/g, "{$1}")
      .replace(/^\/paging\/(?!faulty|graphql)\w[\w-]*/, "/paging/{style}")
      .replace(/^\/paging\/faulty\/([\w-]+)\/[\w-]+.*/, "/paging/faulty/$1/{style}/{resource}");
    expect(readme).toContain(`\`${written}\``);
  }
});
