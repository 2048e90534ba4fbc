import type { Client, ClientOptions } from "../../src/index.ts";

/** Where the peers are: scheme, host and port of each. */
export interface Peers {
  /** The practice API. */
  readonly api: string;
  /** The peer of `peer.ts`; in a browser the page comes from it, so that it is of the page's own origin. */
  readonly own: string;
  /** The same peer on another port: another origin. */
  readonly other: string;
  /** Nobody listens here. */
  readonly nobody: string;
}

/** What a runtime can do; where it cannot, a test says what happens instead. */
export type Capability =
  /** Redirects are followed by the rules of the library, hop by hop. */
  | "redirects"
  /** Cookies are kept in the client's own jar. */
  | "jar"
  /** Any header may be set: Cookie, Referer, User-Agent, Accept-Encoding. */
  | "headers"
  /** The header Host may be set. */
  | "host"
  /** A GET may have a body. */
  | "get-body"
  /** A body may be sent as a stream over HTTP/1.1. */
  | "stream-up"
  /** A failure of the network says which it was. */
  | "kinds"
  /** A damaged content coding is told from a broken connection. */
  | "codings"
  /** There are files, an environment and its file. */
  | "files"
  /** The proxies of the environment can be ignored. */
  | "no-environment";

/** What a test works with. */
export interface At {
  readonly peers: Peers;
  can(capability: Capability): boolean;
  /** A client of the runtime's transport, without a wait between its attempts. */
  client(options?: ClientOptions): Client;
  /** Another name each time, for what a peer counts. */
  fresh(): string;
}

export type Test = (at: At) => Promise<void>;

/** Tests by name. */
export type Topic = Readonly<Record<string, Test>>;

/** What became of a test; undefined where it passed. */
export type Outcome = Readonly<Record<string, string | null>>;
