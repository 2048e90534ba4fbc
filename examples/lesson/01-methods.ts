import { request } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";
const post = { title: "A title", body: "A body", userId: 1 };

const requests = [
  { method: "GET", path: "/posts/1", means: "retrieves; safe and idempotent" },
  { method: "POST", path: "/posts", json: post, means: "creates; sent twice it creates two" },
  { method: "PUT", path: "/posts/1", json: post, means: "replaces the whole; idempotent" },
  { method: "PATCH", path: "/posts/1", json: { title: "Another" }, means: "changes a part" },
  { method: "DELETE", path: "/posts/1", means: "removes; idempotent" },
];

for (const { method, path, means, ...body } of requests) {
  const { status } = await request(method, BASE + path, body);
  console.log(`${method.padEnd(6)} ${path.padEnd(8)} ${status}  ${means}`);
}
