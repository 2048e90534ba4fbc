import { get, HttpError, NetworkError, type RequestOptions, TimeoutError } from "chasqui";

/** The data behind a URL; where it cannot be had, undefined, after a line that says why. */
export async function safeGet<T>(url: string, options?: RequestOptions): Promise<T | undefined> {
  try {
    // Asking the call for its data raises an HttpError on any 4xx or 5xx.
    return await get(url, { timeout: "5s", ...options }).json<T>();
  } catch (error) {
    console.log(reasonFor(error, url));
    return undefined;
  }
}

/** Specific errors come before the general one. */
function reasonFor(error: unknown, url: string): string {
  if (error instanceof TimeoutError) {
    const limit = error.timeout === undefined ? "" : ` after ${error.timeout / 1000}s`;
    return `Request timed out${limit}: ${url}`;
  }
  if (error instanceof NetworkError) return `Could not connect to: ${url}`;
  if (error instanceof HttpError) {
    if (error.status === 401) return "Unauthorised — check your API key";
    if (error.status === 404) return `Resource not found: ${url}`;
    if (error.status === 429) return "Rate limit hit — slow down requests";
    return `HTTP error ${error.status}: ${error.message}`;
  }
  return `Unexpected request error: ${error instanceof Error ? error.message : error}`;
}
