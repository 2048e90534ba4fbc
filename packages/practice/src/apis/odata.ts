import { json } from "../answer/answer.ts";
import { amount } from "../faults/count.ts";
import { query, type Route, urlOf } from "../route.ts";
import { integer } from "../rows/random.ts";
import { phrase } from "../rows/words.ts";
import { Made } from "./made.ts";

/** OData 4.01: `value`, `@odata.nextLink` and, when it is asked for, `@odata.count`. */

const PRODUCTS = new Made(9, 86, (index, random) => ({
  ...{ ProductID: index + 1, ProductName: phrase(random, 1, 3), UnitPrice: integer(random, 100, 9900) / 100 },
  Discontinued: index % 13 === 12,
}));
/** Rows of a page, whatever is asked for. */
const PAGE = 20;

export const odata: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/apis/odata/Products",
    topic: "Look-alikes: OData",
    summary: `Pages of ${PAGE} with @odata.nextLink`,
    params: [
      query("$top", "rows of the whole answer (all)"),
      query("$skip", "rows to pass over (0)"),
      query("$count", "true: @odata.count says how many there are"),
      query("$skiptoken", "where the next page begins, as @odata.nextLink has it"),
    ],
    handle: (ask, { settings }) => {
      const token = /^(?<from>\d{1,9})$/.exec(ask.req.query("$skiptoken") ?? "")?.groups?.from;
      const first = Math.trunc(amount(ask, "$skip", 0));
      const from = token === undefined ? first : Number(token);
      const end = Math.min(PRODUCTS.count, first + Math.trunc(amount(ask, "$top", PRODUCTS.count)));
      const url = urlOf(ask);
      const context = new URL("$metadata#Products", url).href;
      const next = Math.min(from + PAGE, end);
      url.searchParams.set("$skiptoken", String(next));
      return json(
        {
          "@odata.context": context,
          ...(ask.req.query("$count") === "true" ? { "@odata.count": PRODUCTS.count } : {}),
          value: PRODUCTS.slice(from, Math.max(0, next - from), settings.seed),
          ...(next < end ? { "@odata.nextLink": url.href } : {}),
        },
        200,
        { "OData-Version": "4.0" },
      );
    },
  },
];
