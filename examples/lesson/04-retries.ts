import { randomUUID } from "node:crypto";
import { Client } from "chasqui";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

await using client = new Client({
  baseUrl: BASE,
  // Waits of up to 0.1 s, 0.2 s, 0.4 s between the attempts: drawn at random, so that clients do not come back together.
  retry: { attempts: 4, backoff: { base: 100 } },
  hooks: {
    onRetry: ({ attempt, reason }) => console.log(`attempt ${attempt} failed: ${reason}`),
    // 4xx: our request is wrong, so it is logged for somebody to look into. 5xx: the server is, so somebody is called.
    onResponse: ({ status }) => {
      if (status >= 400 && status < 500) console.log(`log: ${status}`);
    },
    onServerError: ({ attempts }) => console.log(`alert: the server failed ${attempts} times`),
  },
});

// Fails twice, then answers: the caller sees the answer. `run` keeps this program's count apart from others'.
const flaky = await client.get("/faults/status/503", { params: { times: 2, run: randomUUID() } });
console.log(`Status: ${flaky.status}`);

// To ask again would not help: a 404 is not retried.
const missing = await client.get("/posts/99999");
console.log(`Status: ${missing.status}`);

// Never gets better: after four attempts it is for the caller to decide.
const broken = await client.get("/faults/status/500");
console.log(`Status: ${broken.status}`);
