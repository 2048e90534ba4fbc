import { type Answer, json } from "../answer/answer.ts";
import { ACCOUNTS, readBearer, same } from "../auth/accounts.ts";
import { amount } from "../faults/count.ts";
import { linkHeader } from "../resources/links.ts";
import { type Ask, query, type Route, urlOf } from "../route.ts";
import { integer, pick } from "../rows/random.ts";
import { phrase } from "../rows/words.ts";
import { Made, sizeOf } from "./made.ts";

/** GitHub's REST API: pages by a `Link` header, and a search that gives no more than its first 1,000 results. */

const topic = "Look-alikes: GitHub";
const DOCS = "https://docs.example/rest";
const USERS = ["ada", "grace", "linus"];
const LANGUAGES = ["TypeScript", "Python", "Go", "Rust"];
const PAGES = [query("per_page", "rows of a page, 1 to 100 (30)"), query("page", "page from 1 (1)")];
/** Results of a search that can be had. */
const DEPTH = 1000;

const REPOSITORIES = new Made(0, 75, (index, random) => {
  const name = `${phrase(random, 1, 2).replaceAll(" ", "-")}-${index + 1}`;
  return {
    ...{ id: 1000 + index, name, private: false, fork: integer(random, 0, 3) === 0 },
    description: phrase(random, 3, 8),
    language: pick(random, LANGUAGES),
    stargazers_count: integer(random, 0, 900),
  };
});
const ISSUES = new Made(1, 130, (index, random) => ({
  ...{ id: 5000 + index, number: 130 - index, title: phrase(random, 3, 7) },
  state: integer(random, 0, 2) === 0 ? "closed" : "open",
  user: { login: pick(random, USERS), id: integer(random, 1, 3) },
  labels: [{ name: pick(random, ["bug", "feature", "question"]) }],
}));
const FOUND = new Made(2, 2500, (index, random) => ({
  ...{ id: 9000 + index, full_name: `${pick(random, USERS)}/${phrase(random, 1, 2).replaceAll(" ", "-")}` },
  stargazers_count: 50_000 - index * 19,
}));

function notFound(): Answer {
  return json({ message: "Not Found", documentation_url: DOCS, status: "404" }, 404);
}

/** The page that is asked for, and the `Link` header that goes with it. */
function page(ask: Ask, count: number): { from: number; size: number; headers: Record<string, string> } {
  const size = sizeOf(ask, "per_page", 30, 100);
  const number = Math.trunc(amount(ask, "page", 1, 1));
  const last = Math.max(1, Math.ceil(count / size));
  const link = linkHeader(urlOf(ask), "page", {
    ...(number > 1 ? { prev: number - 1 } : {}),
    ...(number < last ? { next: number + 1, last } : {}),
    ...(number > 1 ? { first: 1 } : {}),
  });
  const limits = {
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": "4999",
    "X-GitHub-Media-Type": "github.v3; format=json",
  };
  return { from: (number - 1) * size, size, headers: link === "" ? limits : { ...limits, Link: link } };
}

export const github: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/apis/github/user",
    topic,
    summary: `The user that a Bearer token is of; ${ACCOUNTS.token}`,
    handle: (ask) => {
      const token = readBearer(ask.req.header("authorization"));
      if (token === undefined)
        return json({ message: "Requires authentication", documentation_url: DOCS, status: "401" }, 401);
      if (!same(token, ACCOUNTS.token))
        return json({ message: "Bad credentials", documentation_url: DOCS, status: "401" }, 401);
      return json({ login: "ada", id: 1, type: "User", name: "Ada", public_repos: REPOSITORIES.count });
    },
  },
  {
    methods: ["GET"],
    path: "/apis/github/users/:user/repos",
    topic,
    summary: `The repositories of a user: ${USERS.join(", ")}`,
    params: PAGES,
    handle: (ask, { settings }) => {
      const user = ask.req.param("user") ?? "";
      if (!USERS.includes(user)) return notFound();
      const { from, size, headers } = page(ask, REPOSITORIES.count);
      const rows = REPOSITORIES.slice(from, size, settings.seed).map((row) => ({
        ...row,
        full_name: `${user}/${row.name}`,
        owner: { login: user, id: USERS.indexOf(user) + 1 },
      }));
      return json(rows, 200, headers);
    },
  },
  {
    methods: ["GET"],
    path: "/apis/github/repos/:owner/:repo/issues",
    topic,
    summary: "The issues of any repository, the newest first",
    params: [...PAGES, query("state", "open, closed or all (open)")],
    handle: (ask, { settings }) => {
      if (!USERS.includes(ask.req.param("owner") ?? "")) return notFound();
      const state = ask.req.query("state") ?? "open";
      const issues = ISSUES.all(settings.seed).filter((issue) => state === "all" || issue.state === state);
      const { from, size, headers } = page(ask, issues.length);
      return json(issues.slice(from, from + size), 200, headers);
    },
  },
  {
    methods: ["GET"],
    path: "/apis/github/search/repositories",
    topic,
    summary: `A search with ${FOUND.count} results, of which the first ${DEPTH} can be had; 422 behind them`,
    params: [query("q", "what is searched for; 422 without it"), ...PAGES],
    handle: (ask, { settings }) => {
      const refused = (message: string) => json({ message, documentation_url: DOCS, status: "422" }, 422);
      if (!ask.req.query("q")) return refused("Validation Failed");
      const { from, size, headers } = page(ask, DEPTH);
      if (from >= DEPTH) return refused(`Only the first ${DEPTH} search results are available`);
      const items = FOUND.slice(from, Math.min(size, DEPTH - from), settings.seed);
      return json({ total_count: FOUND.count, incomplete_results: false, items }, 200, headers);
    },
  },
];
