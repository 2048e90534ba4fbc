import { apiKey, Client } from "chasqui";

/** A row of the sheet: its first row names the columns, and cells that are empty at the end are not there. */
interface Sale {
  readonly date: string;
  readonly product: string;
  readonly units: string;
  readonly price: string;
  readonly note?: string;
}

class Sheets extends Client {
  constructor(baseUrl: string, key: string) {
    super({ baseUrl, auth: apiKey(key, { query: "key" }) });
  }

  /** The rows of a sheet as objects. The whole sheet comes at once. */
  rows<T>(id: string, range: string): Promise<T[]> {
    const sheet = { path: { id, range }, rows: { table: "values" }, single: true } as const;
    return this.paginate<T>("/spreadsheets/{id}/values/{range}", sheet).all();
  }
}

await using sheets = new Sheets(
  process.env.SHEETS_URL ?? "http://127.0.0.1:4010/apis/google/sheets/v4",
  process.env.SHEETS_KEY ?? "practice-key",
);
const sales = await sheets.rows<Sale>("1BxiMVs0", "Sales!A:E");
const turnover = sales.reduce((sum, { units, price }) => sum + Number(units) * Number(price), 0);
console.log(`${sales.length} sales from ${sales[0]?.date}, ${turnover.toFixed(2)} in all`);
console.log(`${sales.filter(({ note }) => note === "checked").length} are checked`);
