import { Client } from "chasqui";

interface Rate {
  /** The currency. */
  readonly key: string;
  /** What one unit of the base is worth in it. */
  readonly value: number;
}

class Rates extends Client {
  constructor(baseUrl: string) {
    super({ baseUrl });
  }

  /** The rates are a map, `{ "USD": 1.12 }`: as rows, each entry is a key and a value. */
  latest(base: string): Promise<Rate[]> {
    return this.paginate<Rate>("/latest", { params: { base }, rows: { map: "rates" }, single: true }).all();
  }
}

await using rates = new Rates(process.env.RATES_URL ?? "http://127.0.0.1:4010/apis/rates");
const all = await rates.latest("PEN");
const euro = all.find(({ key }) => key === "EUR");
console.log(`${all.length} currencies; a sol is ${euro?.value} EUR`);
