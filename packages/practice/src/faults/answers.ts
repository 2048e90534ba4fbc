import { STATUS_CODES } from "node:http";
import { empty, json, text } from "../answer/answer.ts";
import { Refusal } from "../refusal.ts";
import { query, type Route } from "../route.ts";
import { amount, attempt } from "./count.ts";

const topic = "Faults";

/** Answers that arrive whole and say something unwelcome. */
export const answerFaults: readonly Route[] = [
  {
    methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    path: "/faults/status/:status",
    topic,
    summary: "Answers with a status; after `times` requests of a run with 200",
    params: [
      query("times", "requests that get the status (all)"),
      query("retry_after", "Retry-After: seconds, or any text as it is"),
      query("as", "date: Retry-After as a date so many seconds from now"),
      query("run", "the run that is counted"),
    ],
    handle: (ask, world) => {
      const status = readStatus(ask.req.param("status") ?? "", 200, 599);
      const number = attempt(ask, world);
      if (number > amount(ask, "times", Number.POSITIVE_INFINITY))
        return json({ status: 200, attempt: number });
      const headers = new Headers();
      const after = ask.req.query("retry_after");
      if (after !== undefined)
        headers.set(
          "Retry-After",
          ask.req.query("as") === "date" ? inSeconds(after, world.settings.now()) : after,
        );
      // These have no body, whatever one would like to say (RFC 9110, 15.3.5, 15.3.6 and 15.4.5).
      if (status === 204 || status === 205 || status === 304) return empty(status, headers);
      const reason = STATUS_CODES[status] ?? "Unknown";
      return json(
        status < 400 ? { status, attempt: number } : { error: reason, status, attempt: number },
        status,
        headers,
      );
    },
  },
  {
    methods: ["GET", "POST"],
    path: "/faults/bad-json",
    topic,
    summary: "200 and application/json, but the JSON stops in the middle",
    handle: () => text('{\n  "id": 1,\n  "title": "sunt aut fac', "application/json; charset=utf-8"),
  },
  {
    methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    path: "/faults/redirect",
    topic,
    summary: "Redirects",
    params: [query("to", "Location, as it is (/echo)"), query("status", "300 to 399 (302)")],
    handle: (ask) => {
      const to = ask.req.query("to") ?? "/echo";
      const status = readStatus(ask.req.query("status") ?? "302", 300, 399);
      // A header carries bytes: what is beyond them is percent-encoded, as a browser would.
      const location = to.replaceAll(/[^\x20-\x7e]+/g, (part) => encodeURIComponent(part.toWellFormed()));
      return status === 304
        ? empty(304, { Location: location })
        : json({ to }, status, { Location: location });
    },
  },
];

function readStatus(value: string, low: number, high: number): number {
  const status = Number(value);
  if (Number.isInteger(status) && status >= low && status <= high) return status;
  throw new Refusal(400, `the status must be from ${low} to ${high}, not ${JSON.stringify(value)}`);
}

function inSeconds(text: string, now: number): string {
  const seconds = Number(text);
  // A date has no fractions of a second; it is rounded up, so that nobody comes early.
  const date = new Date(Math.ceil((now + seconds * 1000) / 1000) * 1000);
  if (Number.isNaN(date.getTime()))
    throw new Refusal(400, "retry_after must be a number of seconds to be sent as a date");
  return date.toUTCString();
}
