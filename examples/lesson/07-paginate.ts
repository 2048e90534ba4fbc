import { Client } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";
await using client = new Client({ baseUrl: BASE });

// The same in three lines. This API says in its Link header how the next page is asked for.
let count = 0;
for await (const _post of client.paginate("/posts", { params: { _page: 1, _limit: 10 } })) count++;
console.log(`Total posts fetched: ${count}`);

// Or all at once, or no more than are needed: the rest is never asked for.
const todos = client.paginate<{ title: string }>("/todos", { params: { _page: 1, _limit: 50 } });
console.log(`All: ${(await todos.all()).length}`);
console.log(`Some: ${(await todos.take(3)).length}`);
