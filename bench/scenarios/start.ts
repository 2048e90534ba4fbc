/** S7: what it takes until a program that has just been started has its first answer. */
import { REFERENCE, type StartScenario } from "../scenario.ts";

/** Each program up to `data`, given `url`. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "bare-node": "const data = {};",
  "undici.request": `import { request } from "undici";
const { body } = await request(url);
const data = await body.json();`,
  chasqui: `import { get } from "chasqui";
const data = await get(url).json();`,
  "native-fetch": "const data = await (await fetch(url)).json();",
  got: `import got from "got";
const data = await got(url).json();`,
  ky: `import ky from "ky";
const data = await ky(url).json();`,
  axios: `import axios from "axios";
const { data } = await axios.get(url);`,
  ofetch: `import { ofetch } from "ofetch";
const data = await ofetch(url);`,
  wretch: `import wretch from "wretch";
const data = await wretch(url).get().json();`,
  "node-fetch": `import fetch from "node-fetch";
const data = await (await fetch(url)).json();`,
  superagent: `import superagent from "superagent";
const { body: data } = await superagent.get(url);`,
  needle: `import needle from "needle";
const { body: data } = await needle("get", url);`,
  "octokit-request": `import { request } from "@octokit/request";
const { data } = await request({ method: "GET", url });`,
};

export const S7: StartScenario = {
  name: "S7",
  title: "import and first GET, in a program that has just been started",
  unit: "start",
  units: 1,
  rounds: 21,
  warmUp: 1,
  clients: Object.keys(PROGRAMS),
  by: "wall",
  targets: [{ client: "chasqui", over: REFERENCE, atLeast: 1 }],
  path: "/posts/1",
  program(client) {
    const program = PROGRAMS[client];
    if (program === undefined) throw new Error(`there is no program of ${client}`);
    return `const url = process.argv[1];
${program}
if (typeof data !== "object") throw new Error("no data came back");
const { user, system } = process.cpuUsage();
const peak = process.resourceUsage().maxRSS / 1000;
process.stdout.write(JSON.stringify({ cpu: (user + system) / 1000, peak }) + "\\n");
process.exit(0);`;
  },
};
