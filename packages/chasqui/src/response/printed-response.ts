import { printable, redactHeaders } from "../request/redact.ts";
import type { Response } from "./response.ts";

/**
 * A response in a log: status, URL and headers without secrets and without the body.
 *
 * @param bytes - The size of its body, where that has been read.
 */
export function loggedResponse(response: Response, bytes: number | undefined): Record<string, unknown> {
  const { method, url } = response.request.toJSON();
  return {
    status: response.status,
    statusText: printable(response.statusText),
    method,
    url,
    headers: redactHeaders(response.headers),
    elapsed: Math.round(response.elapsed),
    bytes,
  };
}

/**
 * A response in the console, likewise.
 *
 * @param bytes - The size of its body, where that has been read.
 */
export function printedResponse(response: Response, bytes: number | undefined): string {
  const { method, url } = response.request.toJSON();
  const size = bytes === undefined ? "streamed" : `${bytes} bytes`;
  const lines = Object.entries(redactHeaders(response.headers)).map(([name, value]) => `  ${name}: ${value}`);
  const reason = response.statusText === "" ? "" : ` ${printable(response.statusText)}`;
  return [`Response ${response.status}${reason} ${method} ${url} (${size})`, ...lines].join("\n");
}
