import { OptionsError } from "../errors/options-error.ts";
import { unknownField, wrongValue } from "../request/wrong-option.ts";
import type { FakeReply, FakeReplyFunction, FakeRequest } from "./fake-server.ts";

const FIELDS: readonly (keyof FakeReply)[] = ["status", "headers", "json", "text", "body"];
const BODIES = ["json", "text", "body"] as const;
/** Fetch's `Response` takes no body with these. */
const BODYLESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Refuses an answer that would come out as another one than whoever wrote it meant.
 *
 * @throws {OptionsError} naming the field, and the one that is meant most often.
 */
export function checkReply(reply: unknown): void {
  if (typeof reply === "function") return;
  if (reply instanceof Response) {
    throw wrongValue(
      "reply",
      reply,
      "an object or a function",
      "A Response is read once: () => new Response(…)",
    );
  }
  if (typeof reply !== "object" || reply === null || Array.isArray(reply)) {
    const hint =
      typeof reply === "number"
        ? `A status and its data are one object: { status: ${reply}, json: … }`
        : "Data are { json: … }, text is { text: … }";
    throw wrongValue("reply", reply, "an object or a function", hint);
  }
  const odd = Object.keys(reply).find((name) => !FIELDS.some((known) => known === name));
  if (odd !== undefined) throw unknownField("reply", odd, FIELDS, "Data are sent by `json: …`");
  const { status, headers, text, body }: Partial<Record<keyof FakeReply, unknown>> = reply;
  if (
    status !== undefined &&
    !(typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599)
  ) {
    throw wrongValue("reply.status", status, "a whole number from 200 to 599");
  }
  if (headers !== undefined && (typeof headers !== "object" || headers === null || Array.isArray(headers))) {
    throw wrongValue("reply.headers", headers, "an object of names and values");
  }
  if (text !== undefined && typeof text !== "string") {
    throw wrongValue("reply.text", text, "a string", "Data are sent by `json: …`");
  }
  if (body !== undefined && !(body instanceof Uint8Array)) {
    const meant = typeof body === "string" ? "Text is sent by `text: …`" : "Data are sent by `json: …`";
    throw wrongValue("reply.body", body, "a Uint8Array", meant);
  }
  const given = BODIES.filter((name) => Reflect.get(reply, name) !== undefined);
  if (given.length > 1) {
    throw new OptionsError(`\`reply\` has ${given.join(" and ")}; it takes one of ${BODIES.join(", ")}`, {
      option: `reply.${given[1]}`,
    });
  }
}

/** The answer to a request, as Fetch's. */
export async function responseOf(
  reply: FakeReply | FakeReplyFunction,
  request: FakeRequest,
): Promise<Response> {
  const given = typeof reply === "function" ? await reply(request) : reply;
  if (given instanceof Response) return given;
  checkReply(given);
  const { status = 200, headers = {}, json, text, body } = given;
  const bodyless = BODYLESS.has(status) || request.method === "HEAD";
  if (json !== undefined) {
    const sent = { "content-type": "application/json", ...headers };
    return new Response(bodyless ? null : JSON.stringify(json), { status, headers: sent });
  }
  return new Response(bodyless ? null : (text ?? body ?? null), { status, headers });
}
