import { type Answer, json } from "../answer/answer.ts";
import { ACCOUNTS, readBearer, same } from "../auth/accounts.ts";
import { type Ask, query, type Route } from "../route.ts";
import { integer, pick } from "../rows/random.ts";
import { phrase } from "../rows/words.ts";
import { dayAfter, Made, opaque, placeOf, sizeOf } from "./made.ts";

/** Google's APIs: `pageToken` and `nextPageToken`, and a sheet as a grid. */

const KEY = query("key", `the API key, ${ACCOUNTS.key}; or Bearer ${ACCOUNTS.token}`);

const FILES = new Made(7, 64, (index, random) => ({
  ...{
    kind: "drive#file",
    id: `1drive${String(index + 1).padStart(5, "0")}`,
    name: `${phrase(random, 1, 3)}.txt`,
  },
  ...{ mimeType: "text/plain", size: String(integer(random, 10, 90_000)) },
}));
/** The rows of the sheet, behind the one that names the columns. Cells are text, as a formatted sheet has them. */
const SALES = new Made(8, 40, (index, random) => ({
  ...{ date: dayAfter("2026-01-01", index), product: pick(random, ["tea", "coffee", "cocoa"]) },
  ...{ units: String(integer(random, 1, 60)), price: (integer(random, 200, 900) / 100).toFixed(2) },
}));

function refused(code: number, status: string, message: string): Answer {
  return json({ error: { code, message, status } }, code);
}

function unauthorized(ask: Ask): Answer | undefined {
  const token = readBearer(ask.req.header("authorization"));
  const key = ask.req.query("key");
  if (token !== undefined && same(token, ACCOUNTS.token)) return undefined;
  if (key !== undefined && same(key, ACCOUNTS.key)) return undefined;
  return key === undefined && token === undefined
    ? refused(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.")
    : refused(401, "UNAUTHENTICATED", "The credentials are invalid.");
}

export const google: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/apis/google/drive/v3/files",
    topic: "Look-alikes: Google",
    summary: "Files, by pageToken",
    params: [KEY, query("pageSize", "rows of a page, 1 to 1000 (100)"), query("pageToken", "nextPageToken")],
    handle: (ask, { settings }) => {
      const from = placeOf(ask.req.query("pageToken") ?? "");
      const problem =
        unauthorized(ask) ??
        (from === undefined ? refused(400, "INVALID_ARGUMENT", "Invalid Value") : undefined);
      if (problem !== undefined || from === undefined) return problem;
      const size = sizeOf(ask, "pageSize", 100, 1000);
      return json({
        kind: "drive#fileList",
        ...(from + size < FILES.count ? { nextPageToken: opaque(from + size) } : {}),
        incompleteSearch: false,
        files: FILES.slice(from, size, settings.seed),
      });
    },
  },
  {
    methods: ["GET"],
    path: "/apis/google/sheets/v4/spreadsheets/:id/values/:range",
    topic: "Look-alikes: Google",
    summary:
      "A sheet as a list of lists; the first names the columns, and empty cells at the end of a row are left out",
    params: [KEY],
    handle: (ask, { settings }) => {
      const problem = unauthorized(ask);
      if (problem !== undefined) return problem;
      const sheet = (ask.req.param("range") ?? "").split("!")[0] ?? "";
      if (!/^'?Sales'?$/i.test(sheet))
        return refused(400, "INVALID_ARGUMENT", `Unable to parse range: ${sheet}`);
      const rows = SALES.all(settings.seed).map((row, index) => [
        ...[row.date, row.product, row.units, row.price],
        ...(index % 10 === 0 ? ["checked"] : []),
      ]);
      const values = [["date", "product", "units", "price", "note"], ...rows];
      return json({ range: `Sales!A1:E${values.length}`, majorDimension: "ROWS", values });
    },
  },
];
