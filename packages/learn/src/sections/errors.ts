import type { Section } from "../section.ts";

export const errors: Section = {
  number: 4,
  title: "Error handling",
  blocks: [
    "The server is down. The URL has a typing mistake. The token expired during the night. The limit of requests was reached. None of this is rare, so every call needs an answer to it.",
    {
      list: [
        "**A bad status raises.** Asking a call for its data (`.json()`, `.text()`) throws an `HttpError` on any status from 400 to 599. A response that was awaited does the same on `response.raiseForStatus()`.",
        '**Always a timeout.** Without one a slow server hangs the program for as long as it likes. Chasqui has limits of its own (10 s to connect, 60 s to the headers, 30 s between two pieces of the body); `timeout: "5s"` bounds the call as a whole.',
        "**The specific errors first, then the general one.** `TimeoutError`, `NetworkError` and `HttpError` each call for something else.",
        "**Nothing on failure**, where the caller can go on without: `undefined`, which the type makes the caller check.",
      ],
    },
    { example: "04-safe-get.ts", module: true },
    { example: "04-errors.ts" },
    "The other messages, each from a failure that really happens:",
    { example: "04-failures.ts", practiceOnly: true },
    "Where no throw is wanted at all, `get(url).result()` gives `{ ok: true, data }` or `{ ok: false, error }`.",
    "A data pipeline that runs at night does three things more. It tries again what may pass, with waits that grow from attempt to attempt (exponential backoff). It logs each 4xx, because its own request was wrong and somebody has to find out why. It raises an alarm on 5xx, because nothing that it can do will help.",
    { example: "04-retries.ts", practiceOnly: true },
  ],
};
