import type { Section } from "../section.ts";

export const whatAnApiIs: Section = {
  number: 0,
  title: "What an API is",
  blocks: [
    "Software talks to other software over the internet all day. A phone asks for the weather, a shop has a card charged, a build reports to Slack, a script fills a spreadsheet. An **API** (application programming interface) is the agreement that lets them: what may be asked, in which form, and what is answered.",
    "Most of these APIs follow a style called **REST**. Things have addresses: `/posts/1` is a post, `/users/1/todos` are the todos of a user. The method of the request says what is to be done with them, and the data usually travels as JSON.",
    "So there is always a **request** (a method, a URL, headers, perhaps a body) and a **response** (a status, headers, perhaps a body). The rest of this lesson is about sending the one, reading the other, and living with everything that happens in between: methods, authentication, errors, pages, and at the end a client that has all of it in one place.",
    "Each program below is a file in `examples/lesson` that runs by itself. It speaks to the practice API (`npm run practice`), or to the API that the variable `BASE_URL` names.",
  ],
};
