import { Client, PaginationError } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";
await using client = new Client({ baseUrl: BASE });

// Page number: ?page=2, until a page is empty or the total that the server names has been read.
const byPage = await client.paginate("/paging/page/posts", { by: "page" }).all();
console.log(`Page number: ${byPage.length}`);

// Offset: ?offset=20&limit=20 asks for what comes after the rows that have been read.
const byOffset = await client.paginate("/paging/offset/posts", { by: "offset", params: { limit: 20 } }).all();
console.log(`Offset: ${byOffset.length}`);

// Cursor: ?cursor=abc123, a bookmark that the answer gives. It holds where rows are added or removed meanwhile.
const byCursor = await client.paginate("/paging/cursor/posts", { by: "cursor" }).all();
console.log(`Cursor: ${byCursor.length}`);

// A next URL in the body: use it as it is, rather than build one.
const byNext = await client.paginate("/paging/next/posts", { by: "next" }).all();
console.log(`Next URL: ${byNext.length}`);

// The same by hand. response.links has the URLs of the Link header: Link: <…?page=2>; rel="next"
let [url, byHand]: [string | undefined, number] = ["/paging/link/posts", 0];
while (url !== undefined) {
  const response = await client.get(url);
  byHand += (await response.json<unknown[]>()).length;
  url = response.links.next?.url;
}
console.log(`Link header: ${byHand}`);

// The safety limit: a walk that does not end is an error, never a loop for ever nor a silent half.
try {
  await client.paginate("/paging/next/posts", { maxPages: 4 }).all();
} catch (error) {
  if (error instanceof PaginationError) {
    console.log(`${error.kind}: ${error.pages} pages, ${error.rows} rows`);
  }
}
// So is a server that gives the same page again and again.
try {
  await client.paginate("/paging/faulty/loop/next/posts").all();
} catch (error) {
  if (error instanceof PaginationError) console.log(error.kind);
}
