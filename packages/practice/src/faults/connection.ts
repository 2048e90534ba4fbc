/**
 * A connection that breaks, for a server in memory, where there is none: `fetch` rejects with a TypeError whose cause says
 * what happened.
 */
export class ConnectionFault extends TypeError {
  constructor(code: string, message: string) {
    super("fetch failed", { cause: Object.assign(new Error(message), { code }) });
  }
}
