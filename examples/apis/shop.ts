import { Client, HttpError, type Paginator } from "chasqui";

interface Product {
  readonly id: number;
  readonly title: string;
  readonly price: number;
  readonly stock: number;
}

/** A shop that counts rows: `skip` and `limit`, and a total. `by` says how they are called. */
class Shop extends Client {
  constructor(baseUrl: string) {
    super({ baseUrl });
  }

  products(category?: string): Paginator<Product> {
    const by = { offset: "skip", size: 25 } as const;
    // A param that is undefined is left out.
    return this.paginate("/products", { by, params: { category } });
  }

  async product(id: number): Promise<Product | undefined> {
    try {
      return await this.get("/products/{id}", { path: { id } }).json<Product>();
    } catch (error) {
      if (error instanceof HttpError && error.status === 404) return undefined;
      throw error;
    }
  }
}

await using shop = new Shop(process.env.SHOP_URL ?? "http://127.0.0.1:4010/apis/shop");
console.log(`${(await shop.products().all()).length} products`);
const laptops = await shop.products("laptops").all();
console.log(
  `${laptops.length} laptops, ${laptops.filter(({ stock }) => stock === 0).length} of them sold out`,
);
console.log(`Product 7 ${(await shop.product(7)) ? "is there" : "is not there"}`);
console.log(`Product 700 ${(await shop.product(700)) ? "is there" : "is not there"}`);
