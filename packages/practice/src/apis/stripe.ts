import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Answer, json } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import { ACCOUNTS, readBasic, readBearer, same } from "../auth/accounts.ts";
import { ConnectionFault } from "../faults/connection.ts";
import { amount } from "../faults/count.ts";
import { type Ask, query, type Route } from "../route.ts";
import type { Row } from "../rows/row.ts";
import type { World } from "../world.ts";
import type { Paid } from "./state.ts";

/** Stripe's payments: forms in, JSON out, lists by the last id, and keys that make a retry safe. */

const topic = "Look-alikes: Stripe";
const KEY = `wants Bearer ${ACCOUNTS.token}, or Basic with it for the user`;

function refused(status: number, type: string, message: string, more: Row = {}): Answer {
  return json({ error: { type, message, ...more } }, status);
}

function unauthorized(ask: Ask): Answer | undefined {
  const header = ask.req.header("authorization");
  const key = readBearer(header) ?? readBasic(header)?.[0];
  if (key !== undefined && same(key, ACCOUNTS.token)) return undefined;
  const message = key === undefined ? "You did not provide an API key." : "Invalid API Key provided.";
  return refused(401, "invalid_request_error", message);
}

/** Makes the charge, or says what is wrong with the form. */
function charge(fields: Row, { apis, settings }: World): Pick<Paid, "status" | "body"> {
  const bad = (status: number, type: string, message: string, more: Row): Pick<Paid, "status" | "body"> => ({
    status,
    body: { error: { type, message, ...more } },
  });
  for (const param of ["amount", "currency"]) {
    if (fields[param] !== undefined) continue;
    const message = `Missing required param: ${param}.`;
    return bad(400, "invalid_request_error", message, { code: "parameter_missing", param });
  }
  const cents = Number(fields.amount);
  if (!Number.isSafeInteger(cents) || cents < 1)
    return bad(400, "invalid_request_error", `Invalid integer: ${String(fields.amount)}`, {
      param: "amount",
    });
  if (fields.source === "tok_chargeDeclined")
    return bad(402, "card_error", "Your card was declined.", { code: "card_declined" });
  const body = {
    ...{ id: `ch_${String(apis.charges.length + 1).padStart(6, "0")}`, object: "charge", amount: cents },
    ...{ currency: String(fields.currency).toLowerCase(), description: fields.description ?? null },
    ...{ created: Math.floor(settings.now() / 1000), paid: true, status: "succeeded" },
  };
  apis.addCharge(body);
  return { status: 200, body };
}

/** The connection ends without an answer: whether the charge was made, the client cannot know. */
function dropped(ask: Ask): Response {
  const socket = ask.env.incoming?.socket;
  if (!socket) throw new ConnectionFault("ECONNRESET", "the practice API dropped the answer");
  socket.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

export const stripe: readonly Route[] = [
  {
    methods: ["POST"],
    path: "/apis/stripe/v1/charges",
    topic,
    summary: `Makes a charge of a form (amount, currency, description, source); ${KEY}`,
    params: [
      {
        name: "Idempotency-Key",
        in: "header",
        about: "the same key gets the same answer, and makes no second charge",
      },
      query("drop", "requests of a run whose charge is made and whose answer is lost (0)"),
      query("run", "the run that is counted"),
    ],
    handle: async (ask, world) => {
      const problem = unauthorized(ask);
      if (problem !== undefined) return problem;
      const fields = await readFields(ask.req.raw);
      const key = ask.req.header("idempotency-key");
      const question = JSON.stringify(Object.entries(fields).sort());
      const before = key === undefined ? undefined : world.apis.paid.get(key);
      if (before !== undefined && before.question !== question) {
        const message =
          "Keys for idempotent requests can only be used with the same parameters they were first used with.";
        return refused(400, "idempotency_error", message);
      }
      const paid = before ?? { question, ...charge(fields, world) };
      if (key !== undefined) world.apis.keep(key, paid);
      const drops = amount(ask, "drop", 0);
      if (drops > 0 && world.runs.count(ask.req.query("run") ?? "", "charges") <= drops) return dropped(ask);
      return json(paid.body, paid.status, {
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
        ...(before === undefined ? {} : { "Idempotent-Replayed": "true" }),
      });
    },
  },
  {
    methods: ["GET"],
    path: "/apis/stripe/v1/charges",
    topic,
    summary: `The charges, the newest first, with has_more; ${KEY}`,
    params: [
      query("limit", "rows of a page, 1 to 100 (10)"),
      query("starting_after", "the id of the last row"),
    ],
    handle: (ask, { apis }) => {
      const problem = unauthorized(ask);
      if (problem !== undefined) return problem;
      const size = Math.min(Math.trunc(amount(ask, "limit", 10, 1)), 100);
      const after = ask.req.query("starting_after");
      const charges = apis.charges.toReversed();
      const at = after === undefined ? -1 : charges.findIndex(({ id }) => id === after);
      if (after !== undefined && at < 0) {
        const message = `No such charge: '${after}'`;
        return refused(400, "invalid_request_error", message, {
          code: "resource_missing",
          param: "starting_after",
        });
      }
      const data = charges.slice(at + 1, at + 1 + size);
      return json({ object: "list", url: "/v1/charges", has_more: at + 1 + size < charges.length, data });
    },
  },
];
