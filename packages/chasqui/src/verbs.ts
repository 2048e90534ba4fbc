import { SESSIONLESS } from "#engine";
import type { Call } from "./call.ts";
import { brief, type CallSite, callSite } from "./call-site.ts";
import { Client, callThrough } from "./client.ts";
import type { RequestOptions } from "./request/options.ts";

/**
 * The verbs as functions, for a script: one call, no client to close. Connections are kept and shared; an idle one does
 * not hold the process. Cookies live as long as the call, for its redirects.
 */
let shared: Client | undefined;

function call(method: string, url: string | URL, options: RequestOptions | undefined, site: CallSite): Call {
  shared ??= new Client(SESSIONLESS);
  return callThrough(shared, method, url, options, site);
}

/**
 * GET: retrieves. Safe and idempotent (RFC 9110 9.3.1).
 *
 * @example
 * ```ts
 * import { get } from "chasqui";
 * const posts = await get("http://localhost:4010/posts", { params: { userId: 1, _limit: 3 } }).json<unknown[]>();
 * console.log(posts.length); // 3
 * ```
 */
export function get(url: string | URL, options?: RequestOptions): Call {
  return call("GET", url, options, callSite(brief(), new Error()));
}

/**
 * POST: creates, or does what the resource says. Sent twice it may be done twice (RFC 9110 9.3.3).
 *
 * @example
 * ```ts
 * import { post } from "chasqui";
 * const response = await post("http://localhost:4010/posts", { json: { title: "My New Post" } });
 * console.log(response.status); // 201
 * ```
 */
export function post(url: string | URL, options?: RequestOptions): Call {
  return call("POST", url, options, callSite(brief(), new Error()));
}

/**
 * PUT: replaces the resource whole. Idempotent (RFC 9110 9.3.4).
 *
 * @example
 * ```ts
 * import { put } from "chasqui";
 * await put("http://localhost:4010/posts/1", { json: { title: "Updated Title", body: "New body", userId: 1 } });
 * ```
 */
export function put(url: string | URL, options?: RequestOptions): Call {
  return call("PUT", url, options, callSite(brief(), new Error()));
}

/**
 * PATCH: changes part of the resource (RFC 5789).
 *
 * @example
 * ```ts
 * import { patch } from "chasqui";
 * await patch("http://localhost:4010/posts/1", { json: { title: "Patched Title" } });
 * ```
 */
export function patch(url: string | URL, options?: RequestOptions): Call {
  return call("PATCH", url, options, callSite(brief(), new Error()));
}

/**
 * DELETE: removes the resource. Idempotent (RFC 9110 9.3.5). Imported by name it is `del`, since `delete` is a word of the
 * language; `import * as requests from "chasqui"` has it as `requests.delete`.
 *
 * @example
 * ```ts
 * import * as requests from "chasqui";
 * await requests.delete("http://localhost:4010/posts/1");
 * ```
 */
export function del(url: string | URL, options?: RequestOptions): Call {
  return call("DELETE", url, options, callSite(brief(), new Error()));
}

/**
 * HEAD: a GET without the body (RFC 9110 9.3.2).
 *
 * @example
 * ```ts
 * import { head } from "chasqui";
 * console.log((await head("http://localhost:4010/posts/1")).headers.get("content-type"));
 * ```
 */
export function head(url: string | URL, options?: RequestOptions): Call {
  return call("HEAD", url, options, callSite(brief(), new Error()));
}

/**
 * OPTIONS: asks what may be done (RFC 9110 9.3.7).
 *
 * @example
 * ```ts
 * import { options } from "chasqui";
 * console.log((await options("http://localhost:4010/posts")).status); // 204
 * ```
 */
export function options(url: string | URL, settings?: RequestOptions): Call {
  return call("OPTIONS", url, settings, callSite(brief(), new Error()));
}

/**
 * Any method.
 *
 * @example
 * ```ts
 * import { request } from "chasqui";
 * await request("GET", "http://localhost:4010/posts/1").json();
 * ```
 */
export function request(method: string, url: string | URL, settings?: RequestOptions): Call {
  return call(method, url, settings, callSite(brief(), new Error()));
}
