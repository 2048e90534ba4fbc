import { gate } from "./gate.ts";
import { type HttpServer, serve } from "./http-server.ts";

/** A server that keeps every answer back until it is told. */
export interface HeldServer extends AsyncDisposable {
  readonly server: HttpServer;
  /** Settles with its first request. */
  readonly asked: Promise<void>;
  /** Lets it answer, those that it is asked from now on too. */
  answer(): void;
}

export async function serveHeld(body: string = "{}"): Promise<HeldServer> {
  const asked = gate();
  const held = gate();
  const server = await serve(async (response) => {
    asked.open();
    await held.opened;
    response.end(body);
  });
  return {
    server,
    asked: asked.opened,
    answer: () => held.open(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
