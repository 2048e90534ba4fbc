/** What the benches use of peers that bring no types. */

declare module "superagent" {
  interface Answer {
    readonly body: unknown;
    readonly headers: Readonly<Record<string, unknown>>;
  }
  interface Asking extends PromiseLike<Answer> {
    agent(agent: import("node:http").Agent): Asking;
    set(headers: Readonly<Record<string, string>>): Asking;
    send(data: object): Asking;
    field(name: string, value: string): Asking;
    attach(name: string, path: string): Asking;
    pipe<T extends NodeJS.WritableStream>(stream: T): T;
  }
  const superagent: { get(url: string): Asking; post(url: string): Asking };
  export default superagent;
}

declare module "needle" {
  interface Options {
    readonly agent: import("node:http").Agent;
    readonly headers?: Readonly<Record<string, string>>;
    readonly json?: boolean;
    readonly multipart?: boolean;
  }
  interface Needle {
    (
      method: string,
      url: string,
      data: object | null,
      options: Options,
    ): Promise<{ readonly body: unknown; readonly headers: Readonly<Record<string, unknown>> }>;
    get(url: string, options: Options): NodeJS.ReadableStream;
  }
  const needle: Needle;
  export default needle;
}
