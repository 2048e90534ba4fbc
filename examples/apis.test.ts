import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type RunningPractice, startPractice } from "@chasqui/practice";
import { afterAll, beforeAll, expect, test } from "vitest";

const FOLDER = join(import.meta.dirname, "apis");
let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());

/** Where each look-alike lies, and what its program prints. */
const PROGRAMS: readonly (readonly [
  file: string,
  variable: string,
  path: string,
  printed: readonly string[],
])[] = [
  ["exchange-rates.ts", "RATES_URL", "/apis/rates", ["15 currencies; a sol is 0.2439 EUR"]],
  [
    "github.ts",
    "GITHUB_URL",
    "/apis/github",
    ["ada has 75 repositories", "84 open issues", "1000 results came: truncated"],
  ],
  ["google-drive.ts", "DRIVE_URL", "/apis/google/drive/v3", ["64 files, 2722 KiB"]],
  ["notion.ts", "NOTION_URL", "/apis/notion/v1", ["doing: 15, done: 25, to do: 17"]],
  ["odata.ts", "ODATA_URL", "/apis/odata", ["86 of 86 products; the dearest is number 38"]],
  [
    "payment.ts",
    "STRIPE_URL",
    "/apis/stripe/v1",
    ["Charged 25 EUR for order 7", "1 charge for order 7", "3 charges in all"],
  ],
  [
    "shop.ts",
    "SHOP_URL",
    "/apis/shop",
    ["100 products", "22 laptops, 0 of them sold out", "Product 7 is there", "Product 700 is not there"],
  ],
  [
    "shopify.ts",
    "SHOPIFY_URL",
    "/apis/shopify/admin/api/2026-10",
    ["45 shoes on 2 pages by link, 4 sold out"],
  ],
  [
    "slack.ts",
    "SLACK_URL",
    "/apis/slack/api",
    ["45 members, 5 of them bots", "Posted: The report is ready", "Not posted: channel_not_found"],
  ],
  [
    "spreadsheet.ts",
    "SHEETS_URL",
    "/apis/google/sheets/v4",
    ["40 sales from 2026-01-01, 7524.78 in all", "4 are checked"],
  ],
  [
    "weather.ts",
    "WEATHER_URL",
    "/apis/weather/v1",
    ["24 hours; the warmest is 2026-06-01T15:00 with 16.6 °C"],
  ],
];

test.each(PROGRAMS)("%s walks its API to the end", async (file, variable, path, printed) => {
  const run = promisify(execFile)(process.execPath, [join(FOLDER, file)], {
    env: { ...process.env, [variable]: practice.url + path },
  });
  const { stdout, stderr } = await run;
  expect([stdout.trimEnd().split("\n"), stderr]).toEqual([printed, ""]);
});

test("no program is left out", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(PROGRAMS.map(([file]) => file));
});
