import { json } from "../answer/answer.ts";
import { amount } from "../faults/count.ts";
import { type Ask, query, type Route } from "../route.ts";
import { integer, pick } from "../rows/random.ts";
import type { Row } from "../rows/row.ts";
import { phrase } from "../rows/words.ts";
import { Made } from "./made.ts";

/** A product shop, as public practice shops have it: `limit` and `skip`, and a total beside the products. */

const topic = "Look-alikes: a shop";
const CATEGORIES = ["beauty", "furniture", "groceries", "laptops"];
const PAGES = [query("limit", "rows of a page (30); 0 for all"), query("skip", "rows to pass over (0)")];

const PRODUCTS = new Made(10, 100, (index, random) => ({
  ...{ id: index + 1, title: phrase(random, 2, 4), category: pick(random, CATEGORIES) },
  ...{
    price: integer(random, 99, 199_900) / 100,
    stock: integer(random, 0, 120),
    rating: integer(random, 10, 50) / 10,
  },
}));

function page(ask: Ask, rows: readonly Row[]) {
  const asked = ask.req.query("limit");
  const limit = asked === "0" ? rows.length : Math.trunc(amount(ask, "limit", 30, 1));
  const skip = Math.trunc(amount(ask, "skip", 0));
  const products = rows.slice(skip, skip + limit);
  return json({ products, total: rows.length, skip, limit: products.length });
}

export const shop: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/apis/shop/products",
    topic,
    summary: "The products",
    params: [...PAGES, query("q", "what the title has"), query("category", CATEGORIES.join(", "))],
    handle: (ask, { settings }) => {
      const { q = "", category } = ask.req.query();
      const rows = PRODUCTS.all(settings.seed).filter(
        (row) =>
          String(row.title).includes(q.toLowerCase()) &&
          (category === undefined || row.category === category),
      );
      return page(ask, rows);
    },
  },
  {
    methods: ["GET"],
    path: "/apis/shop/products/:id",
    topic,
    summary: "One product",
    handle: (ask, { settings }) => {
      const id = ask.req.param("id") ?? "";
      const row = PRODUCTS.at(Number(id) - 1, settings.seed);
      return row === undefined ? json({ message: `Product with id '${id}' not found` }, 404) : json(row);
    },
  },
];
