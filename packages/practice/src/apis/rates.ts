import { json } from "../answer/answer.ts";
import { query, type Route } from "../route.ts";

/** Exchange rates as Frankfurter has them: a map from the currency to what one unit of the base is worth. */

/** What one euro is worth. The figures are made up. */
const EUROS: Readonly<Record<string, number>> = {
  ...{ AUD: 1.7, BRL: 6.2, CAD: 1.55, CHF: 0.94, CNY: 8.1, CZK: 24.8, DKK: 7.46, EUR: 1 },
  ...{ GBP: 0.86, JPY: 168, MXN: 21.3, NOK: 11.7, PEN: 4.1, PLN: 4.25, SEK: 11.1, USD: 1.12 },
};

export const rates: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/apis/rates/latest",
    topic: "Look-alikes: exchange rates",
    summary: "What one unit of a currency is worth in the others",
    params: [query("base", "the currency (EUR)"), query("symbols", "those that are wanted, by commas (all)")],
    handle: (ask) => {
      const { base = "EUR", symbols } = ask.req.query();
      const unit = Object.hasOwn(EUROS, base) ? EUROS[base] : undefined;
      const wanted = (symbols?.split(",") ?? Object.keys(EUROS)).filter((name) => name !== base);
      const missing = wanted.find((name) => !Object.hasOwn(EUROS, name));
      if (unit === undefined || missing !== undefined) return json({ message: "not found" }, 404);
      const worth = wanted.map((name) => [name, Number(((EUROS[name] ?? 0) / unit).toPrecision(5))]);
      return json({ amount: 1, base, date: "2026-06-01", rates: Object.fromEntries(worth) });
    },
  },
];
