import { json } from "../answer/answer.ts";
import { ACCOUNTS, same } from "../auth/accounts.ts";
import { linkHeader } from "../resources/links.ts";
import { query, type Route, urlOf } from "../route.ts";
import { integer, pick } from "../rows/random.ts";
import { phrase } from "../rows/words.ts";
import { Made, opaque, placeOf, sizeOf } from "./made.ts";

/** Shopify's REST Admin API: a `Link` header with `page_info`, beside which no filter may stand. */

const PRODUCTS = new Made(5, 120, (index, random) => ({
  ...{ id: 632_910 + index, title: phrase(random, 2, 4), vendor: phrase(random, 1, 1) },
  ...{ product_type: pick(random, ["shirt", "shoe", "hat"]), status: "active" },
  variants: [
    {
      id: 808_950 + index,
      price: (integer(random, 500, 9900) / 100).toFixed(2),
      inventory_quantity: index % 12,
    },
  ],
}));
const FILTERS = ["vendor", "product_type", "status", "ids", "since_id"];

export const shopify: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/apis/shopify/admin/api/2026-10/products.json",
    topic: "Look-alikes: Shopify",
    summary: `The products; X-Shopify-Access-Token is ${ACCOUNTS.token}`,
    params: [
      query("limit", "rows of a page, 1 to 250 (50)"),
      query("page_info", "from the Link header; no filter may stand beside it"),
      query("product_type", "shirt, shoe or hat"),
    ],
    handle: (ask, { settings }) => {
      const errors = (status: number, message: string) => json({ errors: message }, status);
      if (!same(ask.req.header("x-shopify-access-token") ?? "", ACCOUNTS.token))
        return errors(401, "[API] Invalid API key or access token (unrecognized login or wrong password)");
      const info = ask.req.query("page_info");
      if (info !== undefined && FILTERS.some((name) => ask.req.query(name) !== undefined))
        return errors(400, "page_info: a filter cannot be passed when page_info is present.");
      const [kind = "", cursor = ""] = (info ?? "").split("~");
      const from = placeOf(info === undefined ? "" : cursor);
      if (from === undefined || (info !== undefined && cursor === ""))
        return errors(400, "page_info: Invalid value.");
      const wanted = info === undefined ? (ask.req.query("product_type") ?? "") : kind;
      const products = PRODUCTS.all(settings.seed).filter(
        ({ product_type }) => wanted === "" || product_type === wanted,
      );
      const size = sizeOf(ask, "limit", 50, 250);
      const url = urlOf(ask);
      for (const name of FILTERS) url.searchParams.delete(name);
      const link = linkHeader(url, "page_info", {
        ...(from > 0 ? { previous: `${wanted}~${opaque(Math.max(0, from - size))}` } : {}),
        ...(from + size < products.length ? { next: `${wanted}~${opaque(from + size)}` } : {}),
      });
      return json({ products: products.slice(from, from + size) }, 200, {
        "X-Shopify-Shop-Api-Call-Limit": "1/40",
        ...(link === "" ? {} : { Link: link }),
      });
    },
  },
];
