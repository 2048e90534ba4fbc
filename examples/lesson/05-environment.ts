import { join } from "node:path";
import { apiKey, env, get, loadEnv } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

// In a project: loadEnv(), which reads .env, and .env stands in .gitignore. What the shell has set already wins.
loadEnv(join(import.meta.dirname, ".env.example"));

// Not set, or empty, is an error that names the variable. What comes back is a Secret, and prints as ***.
const key = env("PRACTICE_KEY");
console.log(`Using API key from environment: ${key.reveal() === process.env.PRACTICE_KEY}`);
console.log(`The key in a log: ${key}`);

const response = await get(`${BASE}/users/1`, { auth: apiKey(key) });
console.log(`Status: ${response.status}`);
