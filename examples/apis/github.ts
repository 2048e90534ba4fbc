import { bearer, Client, PaginationError, type Paginator } from "chasqui";

interface Repository {
  readonly full_name: string;
  readonly stargazers_count: number;
}
interface Issue {
  readonly number: number;
  readonly title: string;
}

/** GitHub pages by a `Link` header, which is found by itself. */
class GitHub extends Client {
  constructor(baseUrl: string, token: string) {
    super({ baseUrl, auth: bearer(token), headers: { accept: "application/vnd.github+json" } });
  }

  repositories(user: string): Paginator<Repository> {
    return this.paginate("/users/{user}/repos", { path: { user }, params: { per_page: 100 } });
  }

  issues(owner: string, repo: string): Paginator<Issue> {
    return this.paginate("/repos/{owner}/{repo}/issues", {
      path: { owner, repo },
      params: { state: "open" },
    });
  }

  /** Searches give no more than their first 1,000 results: then the walk ends in a `PaginationError` of kind `truncated`. */
  search(q: string): Paginator<Repository> {
    return this.paginate("/search/repositories", { params: { q, per_page: 100 } });
  }
}

await using github = new GitHub(
  process.env.GITHUB_URL ?? "http://127.0.0.1:4010/apis/github",
  process.env.GITHUB_TOKEN ?? "practice-token",
);
const { login } = await github.get("/user").json<{ login: string }>();
const repositories = await github.repositories(login).all();
console.log(`${login} has ${repositories.length} repositories`);

let open = 0;
for await (const _issue of github.issues(login, "notes")) open++;
console.log(`${open} open issues`);

try {
  await github.search("language:typescript").all();
} catch (error) {
  if (!(error instanceof PaginationError)) throw error;
  console.log(`${error.partial.length} results came: ${error.kind}`);
}
