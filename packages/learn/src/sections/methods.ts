import type { Section } from "../section.ts";

export const methods: Section = {
  number: 1,
  title: "HTTP methods and what they mean",
  blocks: [
    {
      table: [
        ["Method", "What it does", "Safe", "Idempotent"],
        ["GET", "retrieves a resource", "yes", "yes"],
        ["POST", "creates one", "no", "no"],
        ["PUT", "replaces one, whole", "no", "yes"],
        ["PATCH", "changes a part of one", "no", "not by itself"],
        ["DELETE", "removes one", "no", "yes"],
      ],
    },
    "**Safe** means that asking changes nothing. **Idempotent** means that asking twice leaves the same as asking once: a PUT that is sent again writes the same resource again, and a DELETE finds that it is gone already. A POST that is sent twice creates two.",
    "This decides what may be tried again when the answer is lost on the way. Chasqui retries GET, PUT and DELETE by itself, and leaves POST and PATCH alone once a byte of them has been sent.",
    { example: "01-methods.ts" },
  ],
};
