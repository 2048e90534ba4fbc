import { del, patch, post, put } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

// `json` writes the body and sets its content type.
const created = await post(`${BASE}/posts`, {
  json: { title: "My New Post", body: "Hello world", userId: 1 },
});
created.raiseForStatus();
console.log(`POST status: ${created.status}`);
console.log("Created:", await created.json());

// PUT replaces the whole resource, so all of its fields are sent.
const replaced = await put(`${BASE}/posts/1`, {
  json: { title: "Updated Title", body: "New body", userId: 1 },
});
replaced.raiseForStatus();
console.log(`PUT status: ${replaced.status}`);

// PATCH changes the fields that are sent, and leaves the others alone. Asked for its data, the call raises by itself.
const patched = patch(`${BASE}/posts/1`, { json: { title: "Patched Title" } });
const { title } = await patched.json<{ title: string }>();
console.log(`PATCH title: ${title}`);

// `delete` is a word of the language, so the function is called `del`.
const deleted = await del(`${BASE}/posts/1`);
deleted.raiseForStatus();
console.log(`DELETE status: ${deleted.status}`);
