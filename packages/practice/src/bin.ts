#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { settle } from "./options.ts";
import { DEFAULT_PORT, type RunningPractice, type StartOptions, startPractice } from "./server.ts";

const HELP = `Usage: chasqui-practice [options] [db.json]

Starts the practice API and prints its URL. With db.json it serves that file instead of the made-up rows.

  --port N       port to listen on; 0 takes a free one (${DEFAULT_PORT})
  --host HOST    address to listen on (127.0.0.1)
  --posts N      number of posts; the other resources grow with it (100)
  --keep [FILE]  keep what is written, for the life of the server or in an SQLite file
                 (a name that ends in .json is taken for the file to serve)
  --latency MS   milliseconds that every answer waits (0)
  --seed N       seed of the made-up rows (1)
  --cors         let pages of other origins read db.json
  --help         this text
`;

/** The exit codes: 0 stopped by a signal, 1 it cannot run, 2 the command line is wrong. */
const CANNOT_RUN = 1;
const WRONG_USAGE = 2;

const MOST_PORTS = 65_535;

function fail(message: string, code: number): never {
  process.stderr.write(`chasqui-practice: ${message}\n`);
  process.exit(code);
}

/** `--keep` alone keeps in memory; node's parseArgs knows no option with or without a value, so that it becomes `--keep=`. */
function withBareKeep(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    const next = args[i + 1];
    const bare = arg === "--keep" && (next === undefined || next.startsWith("-") || next.endsWith(".json"));
    return bare ? ["--keep="] : [arg];
  });
}

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  posts: { type: "string" },
  keep: { type: "string" },
  latency: { type: "string" },
  seed: { type: "string" },
  cors: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: withBareKeep(args), allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // After its first sentence Node gives advice of its own, which is not about this program.
    const [what] = reasonOf(error).split(/\.\s/, 1);
    const allowed = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new Error(`${what}. There are ${allowed.join(", ")}.`);
  }
}

function readArgs(args: readonly string[]): StartOptions | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const [file, ...others] = positionals;
  if (others.length > 0) throw new Error(`one file at most, not ${positionals.join(" ")}`);
  if (file !== undefined && values.posts !== undefined)
    throw new Error("--posts is for made-up rows, not for a file");
  const start: StartOptions = {};
  if (values.port !== undefined) start.port = portOf(values.port);
  if (values.host !== undefined) start.host = values.host;
  if (values.posts !== undefined) start.posts = whole("posts", values.posts);
  if (values.latency !== undefined) start.latency = whole("latency", values.latency);
  if (values.seed !== undefined) start.seed = whole("seed", values.seed);
  if (values.keep !== undefined) start.keep = values.keep === "" ? true : values.keep;
  if (values.cors !== undefined) start.cors = values.cors;
  checkRanges(start);
  if (file !== undefined) start.data = readData(file);
  return start;
}

function whole(name: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new Error(`--${name} must be a whole number, not ${JSON.stringify(value)}`);
  return Number(value);
}

function portOf(value: string): number {
  const port = whole("port", value);
  if (port > MOST_PORTS)
    throw new Error(`--port must be a whole number from 0 to ${MOST_PORTS}, not ${value}`);
  return port;
}

/** What is out of range is a wrong command line, and no server that cannot run. */
function checkRanges({ port: _port, host: _host, ...options }: StartOptions): void {
  try {
    settle(options);
  } catch (error) {
    throw error instanceof RangeError ? new Error(`--${error.message}`) : error;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw new Error(`there is no file ${file}`);
    throw new Error(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

function parseJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${reasonOf(error)}`);
  }
}

function readData(file: string): Record<string, unknown> {
  const value = parseJson(file);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${file} must hold a JSON object whose keys are the resources`);
  }
  return { ...value };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why the server does not start. */
function hindrance(error: unknown, options: StartOptions): string {
  const code = codeOf(error);
  const { port = DEFAULT_PORT, host = "127.0.0.1" } = options;
  if (code === "EADDRINUSE") return `port ${port} of ${host} is in use; --port 0 takes a free one`;
  if (code === "EACCES") return `port ${port} of ${host} may not be used by this user`;
  return reasonOf(error);
}

let options: StartOptions | "help";
try {
  options = readArgs(process.argv.slice(2));
} catch (error) {
  fail(`${reasonOf(error)}\nchasqui-practice --help says what the options mean`, WRONG_USAGE);
}
if (options === "help") process.stdout.write(HELP);
else await serve(options);

async function serve(start: StartOptions): Promise<void> {
  let practice: RunningPractice;
  try {
    practice = await startPractice(start);
  } catch (error) {
    return fail(hindrance(error, start), CANNOT_RUN);
  }
  // With nothing left that listens, the process ends by itself, with 0.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void practice.close());
  process.stdout.write(`${practice.url}\n`);
}
