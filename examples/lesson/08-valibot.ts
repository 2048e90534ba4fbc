import { Client } from "chasqui";
import * as v from "valibot";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";
await using client = new Client({ baseUrl: BASE, timeout: "10s" });

// Any library of the Standard Schema will do. This schema is wrong on purpose: a post has no `author`.
const User = v.object({ name: v.string(), email: v.pipe(v.string(), v.email()) });
const Post = v.object({ title: v.string(), author: v.string() });

const user = await client.get("/users/1").json(User);
console.log(`${user.name}, ${user.email}`);

for (const url of ["/posts/1", "/posts/99999"]) {
  const { error } = await client.get(url).result(Post);
  if (error !== undefined) console.log(`[GET] ${url} failed: ${error.message}`);
}
