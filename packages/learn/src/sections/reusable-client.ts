import type { Section } from "../section.ts";

export const reusableClient: Section = {
  number: 8,
  title: "A reusable API client",
  blocks: [
    "An API that is used again and again deserves a class of its own: the base URL, the credentials, the errors, the retries in one place, and methods that are named after what the program wants to know.",
    "The base URL may end with a slash and a path may begin with one, or not: they are joined with exactly one. Each answer is checked by a schema, here of zod, so that the type of `user` is not a hope but a fact.",
    { example: "08-reusable-client.ts" },
    "Any library that follows Standard Schema will do. Here valibot, and two failures: a schema that the data does not match, and a resource that is not there.",
    { example: "08-valibot.ts" },
  ],
};
