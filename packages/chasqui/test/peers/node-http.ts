import { type IncomingMessage, request } from "node:http";
import type { Answer } from "./http1-exchange.ts";

/** The same of Node's own client, whose parser is llhttp: what comes of a GET, or of another method. */
export function nodeHttp(port: number, method = "GET"): Promise<Answer | Error> {
  return new Promise((resolve) => {
    const interim: number[] = [];
    const sent = request({ port, host: "127.0.0.1", method, agent: false });
    sent.on("information", ({ statusCode }) => interim.push(statusCode));
    sent.on("upgrade", (_, socket) => {
      socket.destroy();
      resolve(new Error("another protocol"));
    });
    sent.on("error", resolve);
    sent.on("response", (response) => {
      // What is wrong behind the response has no part in it.
      sent.off("error", resolve).on("error", () => {});
      void answerOf(response, interim).then(resolve, resolve);
    });
    sent.end();
  });
}

async function answerOf(response: IncomingMessage, interim: readonly number[]): Promise<Answer> {
  const body: Buffer[] = [];
  for await (const chunk of response) body.push(chunk);
  if (!response.complete) throw new Error("the response is not complete");
  return {
    interim,
    status: response.statusCode ?? 0,
    reason: Buffer.from(response.statusMessage ?? "", "latin1").toString(),
    fields: response.rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text)),
    body: Buffer.concat(body).toString("latin1"),
  };
}
