import type { Section } from "../section.ts";

export const authentication: Section = {
  number: 5,
  title: "Authentication",
  blocks: [
    {
      list: [
        '**API key in the query string**: `apiKey(key, { query: "api_key" })`. Simple, and seen by everybody who sees the URL.',
        "**API key in a header**: `apiKey(key)`, the most common way; the header is `X-API-Key` unless another is named.",
        "**Bearer token**: `bearer(token)`, for OAuth 2 and JWT; it stands in the header `Authorization`, after the word `Bearer`.",
        "**Basic**: `basic(user, password)`, user and password in the header `Authorization`. Over https only.",
      ],
    },
    "Bearer tokens expire. What to do is always the same: on a 401, get a new one and send the request again. `bearer` takes a function that fetches the token, and does just that, once for all the calls that are waiting.",
    { example: "05-authentication.ts", practiceOnly: true },
    "**Never write a secret into the code**: whoever reads the code has it, and the history of the repository keeps it for ever. It belongs into environment variables; in development into a `.env` file that is never committed; in production into a secrets manager. `env(name)` reads a variable, and gives a `Secret`: it goes wherever a key is taken, and prints as `***`.",
    { example: "05-environment.ts" },
  ],
};
