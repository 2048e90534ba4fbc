import { bearer, Client, type Paginator } from "chasqui";

interface NotionPage {
  readonly id: string;
  readonly properties: {
    readonly Name: { readonly title: readonly { readonly plain_text: string }[] };
    readonly Status: { readonly select: { readonly name: string } };
  };
}

/** Notion's lists are posted for: `start_cursor` goes into the body, which is found by itself. */
class Notion extends Client {
  constructor(baseUrl: string, token: string) {
    super({ baseUrl, auth: bearer(token), headers: { "Notion-Version": "2022-06-28" } });
  }

  pages(database: string): Paginator<NotionPage> {
    return this.paginate("/databases/{database}/query", { path: { database }, json: { page_size: 25 } });
  }
}

await using notion = new Notion(
  process.env.NOTION_URL ?? "http://127.0.0.1:4010/apis/notion/v1",
  process.env.NOTION_TOKEN ?? "practice-token",
);
const counts = new Map<string, number>();
for await (const { properties } of notion.pages("tasks")) {
  const status = properties.Status.select.name;
  counts.set(status, (counts.get(status) ?? 0) + 1);
}
console.log(
  [...counts]
    .sort()
    .map(([status, count]) => `${status}: ${count}`)
    .join(", "),
);
