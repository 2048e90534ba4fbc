import { safeGet } from "./04-safe-get.ts";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

// The practice API fails on demand, each time in another way. One attempt each is enough here.
const once = { retry: false } as const;

await safeGet(`${BASE}/auth/key`, once); // no key
await safeGet(`${BASE}/faults/status/429`, once);
await safeGet(`${BASE}/faults/status/503`, once);
await safeGet(`${BASE}/faults/slow-headers?ms=3000`, { ...once, timeout: "300ms" });
await safeGet(`${BASE}/faults/bad-json`, once);
await safeGet("http://127.0.0.1:1/posts", once); // nobody listens on this port
