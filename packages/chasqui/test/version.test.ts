import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Client, har } from "../src/index.ts";
import { VERSION } from "../src/version.ts";
import { json, serve } from "./peers/http-server.ts";

test("servers and archives are told the version that is published", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(VERSION).toBe(version);
  await using server = await serve(json({}));
  await using client = new Client({ baseUrl: server.origin });
  const { trace } = await client.get("/");
  expect(server.last().headers["user-agent"]).toBe(`chasqui/${version}`);
  expect(har([trace]).log.creator).toEqual({ name: "chasqui", version });
});
