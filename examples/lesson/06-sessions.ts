import { bearer, Client } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

// `await using` closes the client at the end of the block, whatever happens in it.
await using session = new Client({
  baseUrl: BASE,
  auth: bearer("fake-token-123"), // Authorization: Bearer fake-token-123
  headers: { accept: "application/json" },
});

// Three requests over one connection, each with the headers of the session.
const user = await session.get("/users/1").json<{ name: string }>();
const posts = await session.get("/posts", { params: { userId: 1 } }).json<unknown[]>();
const todos = await session.get("/todos", { params: { userId: 1 } }).json<unknown[]>();

console.log(`User: ${user.name}`);
console.log(`Posts: ${posts.length}`);
console.log(`Todos: ${todos.length}`);
