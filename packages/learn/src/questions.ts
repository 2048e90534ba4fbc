/** A question about the lesson. One with `right` is checked; the others are thought about, and the answer is shown. */
export interface Question {
  readonly question: string;
  readonly answer: string;
  /** What an answer is matched against. */
  readonly right?: RegExp;
}

/** The practice questions, asked first. */
export const practiceQuestions: readonly Question[] = [
  {
    question: "Which HTTP method creates a new resource?",
    answer: "POST.",
    right: /^(?:an? |the )?(?:http )?post\b/i,
  },
  {
    question: "What does raising for status do?",
    answer:
      "It throws an error (`HttpError`) on any 4xx or 5xx status, so that a failure is not taken for data.",
  },
  {
    question: "Why does a request always need a timeout?",
    answer: "Without one a slow server hangs the program for ever.",
  },
  {
    question: "What is gained by a session for several requests to one server?",
    answer: "The connection is reused, which is faster, and headers, credentials and cookies are kept.",
  },
  {
    question: "Where do API keys and tokens belong?",
    answer:
      "Into environment variables, a `.env` file in development (never committed), or a secrets manager. Never into the code.",
  },
];

/** The quiz. */
export const quizQuestions: readonly Question[] = [
  {
    question: "What is the difference between PUT and PATCH?",
    answer: "PUT replaces the whole resource, PATCH changes a part of it.",
  },
  {
    question: "Which option encodes an object as the query string?",
    answer: "`params`.",
    right: /\bparams\b/i,
  },
  {
    question: "Which status code says that a resource was created?",
    answer: "201.",
    right: /\b201\b/,
  },
  {
    question: "In which header does a Bearer token stand?",
    answer: "In `Authorization`, after the word `Bearer` and a space.",
    right: /\bauthorization\b/i,
  },
  {
    question: "When does a pagination loop end?",
    answer: "When a page is empty, or when there is no next URL or cursor.",
  },
];
