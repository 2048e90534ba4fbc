import type { Section } from "../section.ts";

export const pagination: Section = {
  number: 7,
  title: "Pagination",
  blocks: [
    "No API answers with a million rows at once. It gives them in pages, and there are a few ways to ask for the next one:",
    {
      table: [
        ["Style", "Asked for with", "Ends with"],
        ["page number", "`?page=2`", "an empty page, or the total"],
        ["offset", "`?offset=20&limit=10`", "an empty page, or the total"],
        ["cursor", "`?cursor=abc123`, from the last answer", "no cursor"],
        ["next URL", "the URL in the body, or in the `Link` header", "no next URL"],
      ],
    },
    "By hand it is a loop until an empty page comes. In production the loop has a limit as well: a server with a mistake in it may never send that empty page.",
    { example: "07-pagination.ts" },
    "A client does the same by itself. In the first answer it looks for a `Link` header, a next URL or a cursor; where there is none, it counts on from the number in the request's own `params`, such as `_page` or `offset`. Where it finds neither a way on nor an end, and where it cannot be sure that it has everything, it ends with an error.",
    { example: "07-paginate.ts" },
    "The styles one by one. Where there is a `next` URL, in the body or in the headers, use it as it is: one that is built by hand breaks as soon as the server changes its mind.",
    { example: "07-styles.ts", practiceOnly: true },
  ],
};
