import { openAsBlob } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { loadEnvFile } from "node:process";
import type { Clock } from "../clock.ts";
import { OptionsError } from "../errors/options-error.ts";
import { parseContentEncoding } from "../response/content-encoding-chain.ts";
import { webStream } from "../response/taken-body.ts";
import { decodeStreamed } from "../transport/content-decoding.ts";
import type { Transport } from "../transport/transport.ts";
import { UndiciTransport } from "../transport/undici.ts";

export { readProxies } from "../transport/proxy/proxies.ts";
export { connectionWith } from "../transport/read-connection.ts";

/** What only Node has; `web.ts` is its twin for the other runtimes. */

/** Headers that every request carries unless told otherwise. */
export const DEFAULT_HEADERS: readonly string[] = [
  "accept",
  "*/*",
  "user-agent",
  "chasqui/0.1.0",
  "accept-encoding",
  "gzip, deflate, br, zstd",
];

/** The transport of a client that was given none. */
export function defaultTransport(clock: Clock): Transport {
  return new UndiciTransport(clock);
}

/** Undoes the content codings of a body that did not come by a socket. */
export function decodeBody(
  body: ReadableStream<Uint8Array>,
  contentEncoding: string,
): ReadableStream<Uint8Array> {
  const encodings = parseContentEncoding(contentEncoding);
  return webStream(() => decodeStreamed(body, encodings, Number.POSITIVE_INFINITY));
}

/** A variable of the environment. */
export function readEnvironment(name: string): string | undefined {
  return process.env[name];
}

/** Reads a file of variables into the environment, by Node's own loader. */
export function readEnvironmentFile(path: string): void {
  loadEnvFile(path);
}

/** A file of the disk that is read when it is sent, and never whole. */
export async function openFile(path: string, type: string): Promise<File> {
  try {
    // A directory, or a file that may not be read, would show only while it is being sent.
    await (await open(path)).close();
    if (!(await stat(path)).isFile()) throw new Error("it is no file");
    return new File([await openAsBlob(path, { type })], basename(path), { type });
  } catch (cause) {
    throw new OptionsError(`The file ${JSON.stringify(path)} cannot be read`, { option: "path", cause });
  }
}
