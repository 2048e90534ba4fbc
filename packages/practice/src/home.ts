import { text } from "./answer/answer.ts";
import { spelledOut } from "./openapi.ts";
import type { Route } from "./route.ts";
import type { World } from "./world.ts";

/** `/`, the page for people. It is given the routes, because they contain it. */
export function homeRoute(all: () => readonly Route[]): Route {
  return {
    methods: ["GET"],
    path: "/",
    topic: "About",
    summary: "A page for people",
    handle: (_, world) => text(page(all(), world), "text/html; charset=utf-8"),
  };
}

function page(routes: readonly Route[], world: World): string {
  const topics = [...new Set(routes.map(({ topic }) => topic))];
  const resources = [...world.collections.values()].map(
    ({ name, base }) =>
      `<li><a href="/${encodeURIComponent(name)}?_limit=10">/${escaped(name)}</a> ${base.size.toLocaleString("en")}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The practice API</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
  code, td:first-child { font-family: ui-monospace, monospace; font-size: .9em }
  td { padding: .15rem .8rem .15rem 0; vertical-align: top } details { font-size: .9em }
</style>
<h1>The practice API</h1>
<p>A server to learn and to test REST clients against. What works with JSONPlaceholder works here.
<a href="/openapi.json">openapi.json</a> describes all of it.</p>
<ul>
${resources.join("\n")}
</ul>
${topics.map((topic) => section(topic, routes, world)).join("\n")}
</html>
`;
}

function section(topic: string, routes: readonly Route[], world: World): string {
  const rows = routes
    .filter((route) => route.topic === topic && spelledOut(route, world).length > 0)
    .map((route) => {
      const path = route.path.replaceAll(/:(\w+)(?:\{\.\+\})?/g, "{$1}");
      const params = (route.params ?? []).map(
        ({ name, about }) => `<code>${escaped(name)}</code> ${escaped(about)}`,
      );
      const more =
        params.length === 0 ? "" : `<details><summary>parameters</summary>${params.join("<br>")}</details>`;
      return `<tr><td>${route.methods.join(" ")}<td><code>${escaped(path)}</code><td>${escaped(route.summary)}${more}`;
    });
  return `<h2>${escaped(topic)}</h2>\n<table>\n${rows.join("\n")}\n</table>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
