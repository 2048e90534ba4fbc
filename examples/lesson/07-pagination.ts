import { Client } from "chasqui";

interface Post {
  id: number;
  title: string;
}

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";
const PAGE_SIZE = 10;
const MAX_PAGES = 50; // a server that never says "empty" would be asked for ever

await using client = new Client({ baseUrl: BASE });

const all: Post[] = [];
for (let page = 1; page <= MAX_PAGES; page++) {
  const posts = await client.get("/posts", { params: { _page: page, _limit: PAGE_SIZE } }).json<Post[]>();
  all.push(...posts);
  console.log(`Page ${page}: fetched ${posts.length} posts (total so far: ${all.length})`);
  if (posts.length === 0) break;
}

console.log(`\nTotal posts fetched: ${all.length}`);
