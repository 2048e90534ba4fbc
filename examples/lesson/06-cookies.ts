import { Client } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

await using session = new Client({ baseUrl: BASE });

const before = await session.get("/auth/cookie");
console.log(`Before the login: ${before.status}`);

// The answer sets a cookie. The session keeps it, and sends it along from now on.
const login = { username: "user", password: "passwd" };
await session.post("/auth/cookie/login", { form: login, raise: true });
const after = await session.get("/auth/cookie");
console.log(`After the login: ${after.status}`);

await session.post("/auth/cookie/logout");
const gone = await session.get("/auth/cookie");
console.log(`After the logout: ${gone.status}`);
