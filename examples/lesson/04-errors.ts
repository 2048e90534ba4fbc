import { safeGet } from "./04-safe-get.ts";

interface User {
  name: string;
  email: string;
}

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

const user = await safeGet<User>(`${BASE}/users/1`);
if (user !== undefined) console.log(`User: ${user.name} — ${user.email}`);

const missing = await safeGet(`${BASE}/posts/99999`);
if (missing !== undefined) console.log("This line is never printed.");
