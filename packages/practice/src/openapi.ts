import { json } from "./answer/answer.ts";
import type { Param, Route } from "./route.ts";
import type { World } from "./world.ts";

/** The route that describes the routes. It is given them, because they contain it. */
export function openapiRoute(all: () => readonly Route[]): Route {
  return {
    methods: ["GET"],
    path: "/openapi.json",
    topic: "About",
    summary: "This API as OpenAPI 3.1",
    handle: (ask, world) => json(describe(all(), world, new URL(ask.req.url).origin)),
  };
}

/** A route with its first names filled in: `/:resource/:id` once for each resource. */
export function spelledOut(route: Route, world: World): string[] {
  const path = route.path.replaceAll(/\{\.\+\}/g, "");
  if (/^\/:single\b/.test(path))
    return [...world.singles.keys()].map((name) => path.replace(":single", () => name));
  if (!/^\/:resource\b/.test(path)) return [path];
  return [...world.collections.keys()].map((name) => path.replace(":resource", () => name));
}

function describe(routes: readonly Route[], world: World, origin: string): Record<string, unknown> {
  const paths = new Map<string, Record<string, unknown>>();
  for (const route of routes) {
    for (const path of spelledOut(route, world)) {
      const braced = path.replaceAll(/:(\w+)/g, "{$1}");
      const operations = route.methods.map((method) => [
        method.toLowerCase(),
        operation(route, method, braced),
      ]);
      paths.set(braced, { ...paths.get(braced), ...Object.fromEntries(operations) });
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "The practice API",
      version: "0.1.0",
      description: "A server to learn and to test REST clients against. Every route takes _delay=ms.",
    },
    servers: [{ url: origin }],
    tags: [...new Set(routes.map(({ topic }) => topic))].map((name) => ({ name })),
    paths: Object.fromEntries(paths),
  };
}

function operation(route: Route, method: string, path: string): Record<string, unknown> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(
    ([, name = ""]): Param => ({ name, in: "path", about: `the ${name}` }),
  );
  const params = [...inPath, ...(route.params ?? [])];
  const form = params.filter((param) => param.in === "form");
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/\W+/g, "-").replace(/-$/, "")}`,
    tags: [route.topic],
    summary: route.summary,
    parameters: params.filter((param) => param.in !== "form").map(parameter),
    ...(form.length === 0 ? {} : { requestBody: requestBody(form) }),
    responses: { default: { description: route.summary } },
  };
}

function parameter({ name, in: place, about }: Param): Record<string, unknown> {
  // A parameter whose name is any field's cannot be written down but as an object of them.
  if (name.startsWith("{")) {
    const schema = { type: "object", additionalProperties: { type: "string" } };
    return { name: "filters", in: place, description: about, schema, style: "form", explode: true };
  }
  return { name, in: place, description: about, required: place === "path", schema: { type: "string" } };
}

function requestBody(form: readonly Param[]): Record<string, unknown> {
  const fields = form.map(({ name, about }) => [name, { type: "string", description: about }]);
  const schema = { type: "object", properties: Object.fromEntries(fields) };
  return { content: { "application/x-www-form-urlencoded": { schema } } };
}
