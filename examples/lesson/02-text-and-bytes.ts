import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { get } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

// The query is encoded for you: spaces, ampersands, accents.
const response = await get(`${BASE}/comments`, { params: { postId: 1, q: "salt & pepper" } });
console.log(`Query: ${new URL(response.url).search}`);

// The text as it came, of whatever type it is.
const text = await get(`${BASE}/posts/2`).text();
console.log(`Text begins: ${JSON.stringify(text.slice(0, 17))}`);

// The bytes, for images and other files.
const bytes = await get(`${BASE}/posts/2`).bytes();
const folder = await mkdtemp(join(tmpdir(), "lesson-"));
await writeFile(join(folder, "post.json"), bytes);
console.log(`Saved: ${bytes.length > 100 ? "all of it" : "too little"}`);
await rm(folder, { recursive: true });
