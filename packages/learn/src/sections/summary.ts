import type { Section } from "../section.ts";

export const summary: Section = {
  number: 9,
  title: "Summary",
  blocks: [
    {
      table: [
        ["Task", "Tool", "What it is for"],
        ["GET request", "`get(url, { params }).json()`", "read data; the query is encoded for you"],
        ["POST request", "`post(url, { json })`", "create a resource; body and content type are set"],
        [
          "Error handling",
          "`try`/`catch`, `HttpError`, `TimeoutError`, `timeout`",
          "know what went wrong, and never hang",
        ],
        ["Bearer token", "`auth: bearer(token)`", "say who is asking; a function renews what expired"],
        [
          "Session",
          "`new Client({ baseUrl, auth, headers })`",
          "one connection, headers, credentials, cookies",
        ],
        ["Pagination", "`client.paginate(url)`", "every row, page by page, to a known end"],
      ],
    },
    "What has been fetched wants to be kept. The next chapter is about databases: SQLite and PostgreSQL.",
  ],
};
