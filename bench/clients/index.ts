import { fileURLToPath } from "node:url";
import type { Connect } from "../scenario.ts";

/** The clients, each loaded only by the process that runs it. */
export const CLIENTS: Readonly<Record<string, () => Promise<{ readonly default: Connect }>>> = {
  "undici.request": () => import("./undici.request.ts"),
  "undici.dispatch": () => import("./undici.dispatch.ts"),
  chasqui: () => import("./chasqui.ts"),
  "chasqui-rows": () => import("./chasqui-rows.ts"),
  "chasqui-ahead": () => import("./chasqui-ahead.ts"),
  "chasqui-save": () => import("./chasqui-save.ts"),
  "chasqui-session": () => import("./chasqui-session.ts"),
  "native-fetch": () => import("./native-fetch.ts"),
  got: () => import("./got.ts"),
  ky: () => import("./ky.ts"),
  axios: () => import("./axios.ts"),
  ofetch: () => import("./ofetch.ts"),
  wretch: () => import("./wretch.ts"),
  "node-fetch": () => import("./node-fetch.ts"),
  superagent: () => import("./superagent.ts"),
  needle: () => import("./needle.ts"),
  "octokit-request": () => import("./octokit-request.ts"),
};

/** The one that is not JavaScript; it is left out where Python has no `requests`. */
export const PYTHON = "python-requests";
export const PYTHON_RUNNER: string = fileURLToPath(new URL("./python-requests.py", import.meta.url));
