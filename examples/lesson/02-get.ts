import { get } from "chasqui";

interface Post {
  id: number;
  userId: number;
  title: string;
  body: string;
}

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

// One resource. A call gives a response, whatever its status: 4xx and 5xx raise where they are asked to.
const response = await get(`${BASE}/posts/1`);
response.raiseForStatus();
const post = await response.json<Post>();
console.log(`Status: ${response.status}`);
console.log(`Content-Type: ${response.headers.get("content-type")}`);
console.log(`Title: ${post.title}`);
console.log(`User ID: ${post.userId}`);

// A list, narrowed by query parameters: ?userId=1&_limit=3. A call that is asked for its data raises by itself.
const posts = await get(`${BASE}/posts`, { params: { userId: 1, _limit: 3 } }).json<Post[]>();
console.log(`\nFetched ${posts.length} posts:`);
for (const { id, title } of posts) console.log(` [${id}] ${title.slice(0, 40)}...`);
