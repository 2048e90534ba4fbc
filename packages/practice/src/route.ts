import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Answer } from "./answer/answer.ts";
import type { World } from "./world.ts";

/** What Hono knows about a request here: on a port, Node's own request and response as well. */
export interface PracticeEnv {
  /** `prefix`: what stood before the path and was taken off, such as `/with/latency=20`; links bear it again. */
  Bindings: Partial<HttpBindings> & { readonly prefix?: string };
}

/** Answers another request, as if it had come from outside. */
export type Again = (request: Request, bindings: PracticeEnv["Bindings"]) => Response | Promise<Response>;

/** What a handler is given: Hono's context. */
export type Ask = Context<PracticeEnv>;

/** A method of HTTP that routes answer to. HEAD is answered by GET's route. */
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** A parameter of a route, as `/openapi.json` describes it. */
export interface Param {
  readonly name: string;
  readonly in: "query" | "header" | "path" | "form";
  readonly about: string;
}

/** One route: what it answers to, what it says of itself, and the answer. */
export interface Route {
  readonly methods: readonly Method[];
  /** Hono's pattern: `/paging/page/:resource`. */
  readonly path: string;
  readonly topic: string;
  readonly summary: string;
  readonly params?: readonly Param[];
  /** Returns undefined when the path is not its own after all, and a Response when nothing may be done to it any more. */
  handle(
    ask: Ask,
    world: World,
    again: Again,
  ): Answer | Response | undefined | Promise<Answer | Response | undefined>;
}

/** The URL as the client has it: with what was taken off its path. */
export function urlOf(ask: Ask): URL {
  const url = new URL(ask.req.url);
  url.pathname = (ask.env.prefix ?? "") + url.pathname;
  return url;
}

/** The method whose answer is wanted: that to HEAD is GET's, without the body (RFC 9110, 9.3.2). */
export function methodOf(ask: Ask): string {
  return ask.req.method === "HEAD" ? "GET" : ask.req.method;
}

/** Short for a parameter in the query. */
export function query(name: string, about: string): Param {
  return { name, in: "query", about };
}
