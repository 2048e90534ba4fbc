import type { Section } from "../section.ts";

export const sessions: Section = {
  number: 6,
  title: "Sessions",
  blocks: [
    "A session keeps what is the same from request to request: headers, credentials, cookies. It also keeps the connection open, which saves the handshakes of TCP and TLS, and with them often more time than the request itself takes. Use one as soon as there is more than one request to a server. In Chasqui it is called a `Client`.",
    "A session is to be closed. `await using` does it at the end of the block, also when the block is left by an error; `await client.close()` does it by hand.",
    { example: "06-sessions.ts" },
    "Cookies, once set by an answer, travel along:",
    { example: "06-cookies.ts", practiceOnly: true },
  ],
};
