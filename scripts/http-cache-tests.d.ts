/** What is used of `http-cache-tests`, which has no types of its own. */
declare module "http-cache-tests/tests/index.mjs" {
  export interface CacheTest {
    readonly id: string;
    readonly kind?: "required" | "optimal" | "check";
    /** Tests without whose success this one says nothing. */
    readonly depends_on?: readonly string[];
    /** Of shared caches, or of what a browser does not show. */
    browser_skip?: boolean;
    dump?: boolean;
  }

  export interface CacheTestSuite {
    readonly name: string;
    tests: CacheTest[];
  }

  const suites: CacheTestSuite[];
  export default suites;
}

declare module "http-cache-tests/client/runner.mjs" {
  import type { CacheTestSuite } from "http-cache-tests/tests/index.mjs";

  export interface AskedOf {
    readonly method?: string;
    readonly headers: readonly (readonly [name: string, value: string | number])[];
    readonly body?: string;
    readonly cache?: string;
    readonly redirect?: string;
  }

  export interface Answered {
    readonly status: number;
    readonly headers: Headers;
    text(): Promise<string>;
  }

  export function runTests(
    suites: readonly CacheTestSuite[],
    fetch: (url: string, init?: Partial<AskedOf>) => Promise<Answered>,
    browserCache: boolean,
    base: string,
    atATime: number,
  ): Promise<void>;

  /** True, or the kind of failure and what was wrong. */
  export function getResults(): Readonly<Record<string, true | readonly [kind: string, message: string]>>;
}

declare module "http-cache-tests/server/*" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  export default function handle(path: string[], request: IncomingMessage, response: ServerResponse): void;
}
