import { apiKey, Client, type Paginator } from "chasqui";

interface Product {
  readonly title: string;
  readonly variants: readonly { readonly price: string; readonly inventory_quantity: number }[];
}

/** Shopify pages by a `Link` header whose `page_info` no filter may stand beside: each page is asked for as the server says. */
class Shopify extends Client {
  constructor(baseUrl: string, token: string) {
    super({ baseUrl, auth: apiKey(token, { header: "X-Shopify-Access-Token" }) });
  }

  products(kind: string): Paginator<Product> {
    return this.paginate("/products.json", { params: { product_type: kind, limit: 25 } });
  }
}

await using shopify = new Shopify(
  process.env.SHOPIFY_URL ?? "http://127.0.0.1:4010/apis/shopify/admin/api/2026-10",
  process.env.SHOPIFY_TOKEN ?? "practice-token",
);
const shoes = shopify.products("shoe");
let soldOut = 0;
for await (const { variants } of shoes) {
  if (variants.every((variant) => variant.inventory_quantity === 0)) soldOut++;
}
const { pages, rowsRead, style } = shoes.explain();
console.log(`${rowsRead} shoes on ${pages} pages by ${style}, ${soldOut} sold out`);
