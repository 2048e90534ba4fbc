import { CallerError } from "../errors/caller-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { ownOptions } from "../request/wrong-option.ts";
import { memory } from "../transport/memory.ts";
import type { Transport } from "../transport/transport.ts";
import { differences } from "./differences.ts";
import { checkReply, responseOf } from "./fake-reply.ts";

/** A request as a fake server sees it. */
export interface FakeRequest {
  readonly method: string;
  /** As it was asked for, absolute. */
  readonly url: string;
  readonly path: string;
  /** The query, each name once; of one that is there several times the last. */
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text. */
  readonly text: string;
  /** What `{name}` in the path stood for, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /**
   * The body as JSON.
   *
   * @throws {SyntaxError} when it is none.
   */
  json(): unknown;
}

/** What a fake server answers. Without a status, which is 200 to 599, it is 200; at most one of `json`, `text` and `body`. */
export interface FakeReply {
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  readonly text?: string | undefined;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
}

/** Makes the answer out of the request. */
export type FakeReplyFunction = (
  request: FakeRequest,
) => FakeReply | Response | Promise<FakeReply | Response>;

/** What is expected of a request besides its method and path; all that is named has to be there. */
export interface Expectation {
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string | RegExp>> | undefined;
  /** The body, as data: equal to this. */
  readonly json?: unknown;
  /** The body, as text: equal to this, or matched by it. */
  readonly text?: string | RegExp | undefined;
  /** How often it is to come: `verify()` says where it did not, and one too many is unexpected. Default: once or more. */
  readonly times?: number | undefined;
}

/** What `new FakeServer()` may be told. */
export interface FakeServerOptions {
  /** Answers what nothing was said of. Default: a 501 that says so, and `verify()` throws. */
  readonly otherwise?: FakeReply | FakeReplyFunction | undefined;
}

interface Rule {
  readonly method: string;
  readonly path: string;
  readonly pattern: RegExp;
  readonly expectation: Expectation;
  readonly expected: boolean;
  replies: readonly (FakeReply | FakeReplyFunction)[];
  seen: number;
}

/** Says what a rule of a fake server answers. */
export interface FakeRule {
  /**
   * The answers, one after the other; the last one again and again. Without any it is an empty 200.
   *
   * @throws {OptionsError} when an answer has a field that does not exist, a status outside 200 to 599, a value of another kind, or more than
   * one of `json`, `text` and `body`.
   */
  reply(...replies: readonly (FakeReply | FakeReplyFunction)[]): FakeServer;
}

/**
 * A server for tests, in memory or on a port, that answers by rules, keeps what it saw, and says in one go what was expected and did
 * not come, and what came unexpected.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * import { FakeServer } from "chasqui/testing";
 * const server = new FakeServer();
 * server.expect("POST", "/orders", { json: { item: 7 }, times: 1 }).reply({ status: 201, json: { id: 1 } });
 * await using client = new Client({ baseUrl: "http://shop.test", transport: server.transport });
 * console.log(await client.post("/orders", { json: { item: 7 } }).json()); // { id: 1 }
 * server.verify();
 * ```
 */
export class FakeServer {
  readonly #rules: Rule[] = [];
  readonly #otherwise: FakeReply | FakeReplyFunction | undefined;
  readonly #unexpected: string[] = [];
  readonly #seen: FakeRequest[] = [];
  #closing: (() => Promise<void>) | undefined;

  /** @throws {OptionsError} when an option does not exist, or `otherwise` is no answer. */
  constructor(options: FakeServerOptions = {}) {
    this.#otherwise = ownOptions("new FakeServer()", options, ["otherwise"]).otherwise;
    if (this.#otherwise !== undefined) checkReply(this.#otherwise);
  }

  /** Carries the requests of a client to this server, without a network. */
  get transport(): Transport {
    return memory((request) => this.handle(request));
  }

  /** All requests, oldest first. */
  get seen(): readonly FakeRequest[] {
    return this.#seen;
  }

  /** Answers a request whenever it comes. The rule that was added last wins. */
  on(method: string, path: string, expectation: Omit<Expectation, "times"> = {}): FakeRule {
    return this.#add(method, path, expectation, false);
  }

  /** Answers a request that has to come: `verify()` throws where it did not. */
  expect(method: string, path: string, expectation: Expectation = {}): FakeRule {
    return this.#add(method, path, expectation, true);
  }

  /** Answers Fetch's `Request`: what many test servers and frameworks take. */
  async handle(request: globalThis.Request): Promise<globalThis.Response> {
    const { pathname, searchParams } = new URL(request.url);
    const text = await request.text();
    const asked = {
      method: request.method,
      url: request.url,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(request.headers),
      text,
      json: (): unknown => JSON.parse(text),
    };
    const told: string[] = [];
    for (const rule of this.#rules.toReversed()) {
      const found = match(rule, asked.path);
      if (found === undefined) continue;
      if (rule.method !== asked.method) {
        told.push(`  ${rule.method} ${rule.path}: another method`);
        continue;
      }
      const spent = rule.expectation.times !== undefined && rule.seen >= rule.expectation.times;
      const { params, malformed } = found;
      const wrong = spent
        ? [rule.seen === 0 ? "it is never to come" : `it has come ${counted(rule.seen)} already`]
        : [...malformed, ...differences(rule.expectation, asked)];
      if (wrong.length > 0) {
        told.push(`  ${rule.method} ${rule.path}: ${wrong.join("; ")}`);
        continue;
      }
      rule.seen++;
      const known = { ...asked, params };
      this.#seen.push(known);
      return responseOf(rule.replies[Math.min(rule.seen, rule.replies.length) - 1] ?? {}, known);
    }
    const known = { ...asked, params: {} };
    this.#seen.push(known);
    if (this.#otherwise !== undefined) return responseOf(this.#otherwise, known);
    const line = [`${asked.method} ${pathname}`, ...told].join("\n");
    this.#unexpected.push(line);
    return responseOf({ status: 501, text: `Nothing was said of ${line}\n` }, known);
  }

  /**
   * Says what was expected and did not come, or not as often as it should, and what came that nothing was said of.
   *
   * @throws {CallerError} when there is something of either.
   */
  verify(): void {
    const told = this.#rules
      .filter(
        ({ expected, seen, expectation: { times } }) =>
          expected && (times === undefined ? seen === 0 : seen !== times),
      )
      .map(({ method, path, seen, expectation: { times } }) => {
        const wanted = times === undefined ? "" : ` ${counted(times)}`;
        return `Expected ${method} ${path}${wanted}, and it came ${counted(seen)}.`;
      });
    for (const line of this.#unexpected) told.push(`Nothing was said of ${line}`);
    if (told.length > 0) throw new CallerError(told.join("\n"));
  }

  /** Forgets what it saw and what was unexpected; the rules stay. */
  reset(): void {
    this.#seen.length = 0;
    this.#unexpected.length = 0;
    for (const rule of this.#rules) rule.seen = 0;
  }

  /**
   * Listens on a free port of the loopback, for programs that are not given a transport. Needs Node.
   *
   * @returns Scheme, host and port.
   */
  async listen(): Promise<string> {
    const { listen } = await import("./listen.ts");
    const { origin, close } = await listen((request) => this.handle(request));
    await this.#closing?.();
    this.#closing = close;
    return origin;
  }

  /** Ends what `listen()` began. */
  async close(): Promise<void> {
    await this.#closing?.();
    this.#closing = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #add(method: string, path: string, expectation: Expectation, expected: boolean): FakeRule {
    if (typeof path !== "string" || !path.startsWith("/")) {
      const given = typeof path === "string" ? JSON.stringify(path) : kindOf(path);
      throw new OptionsError(`The path of a rule is ${given}; it begins with a slash`, { option: "path" });
    }
    if (typeof method !== "string") {
      throw new OptionsError(`The method of a rule is ${kindOf(method)}; it is a string`, {
        option: "method",
      });
    }
    const colon = /\/:(\w+)/.exec(path)?.[1];
    if (colon !== undefined) {
      const hint = path.replace(/\/:(\w+)/g, "/{$1}");
      throw new OptionsError(`A placeholder is written {${colon}}, not :${colon}`, { option: "path", hint });
    }
    const end = path.search(/[?#]/);
    if (end >= 0) {
      const query = Object.fromEntries(URL.parse(path, "http://localhost")?.searchParams ?? []);
      const written = `(${JSON.stringify(method)}, ${JSON.stringify(path.slice(0, end))}, { query: ${JSON.stringify(query)} })`;
      const what = path[end] === "?" ? "a query, which no path has" : "a fragment, which is never sent";
      throw new OptionsError(`The path of a rule is ${JSON.stringify(path)}: it has ${what}`, {
        option: "path",
        hint: path[end] === "?" ? `What the query has is told by \`query\`: ${written}` : "Leave it out.",
      });
    }
    const odd = Object.keys(expectation).find((name) => !EXPECTED.some((known) => known === name));
    if (odd !== undefined) {
      throw new OptionsError(
        `A rule expects no ${JSON.stringify(odd.slice(0, 60))}, but ${EXPECTED.join(", ")}`,
        {
          option: odd.slice(0, 60),
        },
      );
    }
    const rule: Rule = {
      method: method.toUpperCase(),
      path,
      pattern: patternOf(path),
      expectation,
      expected,
      replies: [{}],
      seen: 0,
    };
    this.#rules.push(rule);
    return {
      reply: (...replies) => {
        for (const reply of replies) checkReply(reply);
        if (replies.length > 0) rule.replies = replies;
        return this;
      },
    };
  }
}

const EXPECTED: readonly (keyof Expectation)[] = ["query", "headers", "json", "text", "times"];

/** What URLs have encoded of a path (the path percent-encode set of WHATWG's), but for the braces, which are placeholders here. */
const ENCODED = /[^\x21-\x7e]|["<>^`]/gu;

function patternOf(path: string): RegExp {
  const written = path.toWellFormed().replace(ENCODED, encodeURIComponent);
  const parts = written.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name === undefined ? part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") : `(?<${name}>[^/]+)`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

function counted(times: number): string {
  if (times === 0) return "never";
  return times === 1 ? "once" : `${times} times`;
}

/** What the placeholders stood for, and which of them cannot be decoded; undefined where the path is another one. */
function match(
  { pattern }: Rule,
  path: string,
): { readonly params: Record<string, string>; readonly malformed: readonly string[] } | undefined {
  const found = pattern.exec(path);
  if (found === null) return undefined;
  const params: [name: string, value: string][] = [];
  const malformed: string[] = [];
  for (const [name, value] of Object.entries(found.groups ?? {})) {
    try {
      params.push([name, decodeURIComponent(value)]);
    } catch {
      malformed.push(`{${name}} is ${value}, which cannot be decoded`);
    }
  }
  return { params: Object.fromEntries(params), malformed };
}
