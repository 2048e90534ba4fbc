import type { Section } from "../section.ts";

export const get: Section = {
  number: 2,
  title: "GET requests",
  blocks: [
    "GET is how data is read: the profile of somebody on GitHub, the products of a shop, the exchange rates of today.",
    {
      table: [
        ["Status", "Meaning"],
        ["200 OK", "here it is"],
        ["201 Created", "it has been created"],
        ["400 Bad Request", "the request makes no sense to the server"],
        ["401 Unauthorized", "who is asking? Credentials are missing, wrong or expired"],
        ["404 Not Found", "there is no such thing"],
        ["500 Internal Server Error", "the server failed, whatever was asked"],
      ],
    },
    "`await get(url)` gives a response whatever its status, and the response's `.json()` gives what the body holds, be it an error's. So `response.raiseForStatus()` comes first: it throws an `HttpError` on any status from 400 to 599. Query parameters go into `params`, as an object: the library encodes them, so that an `&` or a space in a value does no harm.",
    { example: "02-get.ts" },
    "The three steps can be one: `get(url).json<Post>()`. A call that is asked for its data raises by itself, so that no error is taken for a post. The type in brackets is a promise that nobody checks; in section 8 a schema does. The body can be had as it came, too: `.text()` for text of any kind, `.bytes()` for images and files, and `.stream()` or `.lines()` for what is too large to be held at once.",
    { example: "02-text-and-bytes.ts" },
  ],
};
