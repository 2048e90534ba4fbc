import type { Section } from "../section.ts";

export const write: Section = {
  number: 3,
  title: "POST, PUT, PATCH and DELETE",
  blocks: [
    "`json` turns a value into JSON and sets the content type to `application/json`. Neither has to be done by hand, and neither should be: a body that says one thing and a header that says another is a common mistake.",
    "A resource that was created is answered with 201, usually with the resource and the id that the server gave it. A DELETE is answered with 200, or with 204 and no body at all.",
    "A write is checked like a read: `post(url, { json }).json()` raises on a bad status, and a response that was awaited is asked to by `raiseForStatus()`, or a refused write passes unnoticed.",
    { example: "03-write.ts" },
    "Not every API takes JSON. `form` sends `application/x-www-form-urlencoded`, as a web page's form does. `multipart` sends files, with fields beside them.",
    { example: "03-forms-and-files.ts", practiceOnly: true },
  ],
};
