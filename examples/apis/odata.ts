import { Client, type Paginator } from "chasqui";

interface Product {
  readonly ProductID: number;
  readonly ProductName: string;
  readonly UnitPrice: number;
}

/** OData pages by `@odata.nextLink`, and with `$count` the walk holds what came against `@odata.count`. */
class Northwind extends Client {
  constructor(baseUrl: string) {
    super({ baseUrl, headers: { "OData-MaxVersion": "4.01" } });
  }

  products(): Paginator<Product> {
    return this.paginate("/Products", { params: { $count: true } });
  }
}

await using northwind = new Northwind(process.env.ODATA_URL ?? "http://127.0.0.1:4010/apis/odata");
const products = northwind.products();
let dearest: Product | undefined;
for await (const product of products) {
  if (dearest === undefined || product.UnitPrice > dearest.UnitPrice) dearest = product;
}
const { rowsRead, total } = products.explain();
console.log(`${rowsRead} of ${total} products; the dearest is number ${dearest?.ProductID}`);
