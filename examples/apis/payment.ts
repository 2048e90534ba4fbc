import { bearer, Client, type Paginator } from "chasqui";

interface Charge {
  readonly id: string;
  readonly amount: number;
  readonly description: string | null;
}

/** A payment that must be made once, and only once, whatever happens to the answer. */
class Payments extends Client {
  constructor(baseUrl: string, key: string) {
    super({ baseUrl, auth: bearer(key) });
  }

  /**
   * Sent with an `Idempotency-Key`, so that it may be tried again: the server gives the same answer to the same key, and makes no
   * second charge.
   */
  charge(amount: number, description: string, params: Record<string, string | number> = {}): Promise<Charge> {
    const form = { amount, currency: "eur", source: "tok_visa", description };
    return this.post("/charges", { form, params, idempotencyKey: true }).json();
  }

  /** Pages by `has_more` and the id of the last row, which is found by itself. */
  charges(): Paginator<Charge> {
    return this.paginate("/charges", { params: { limit: 2 } });
  }
}

await using payments = new Payments(
  process.env.STRIPE_URL ?? "http://127.0.0.1:4010/apis/stripe/v1",
  process.env.STRIPE_KEY ?? "practice-token",
);
// The practice API makes the charge, and loses the answer: nobody can know whether it was made.
const run = `lost-${process.pid}`;
const { amount, description } = await payments.charge(2_500, "order 7", { drop: 1, run });
console.log(`Charged ${amount / 100} EUR for ${description}`);
for (const order of ["order 8", "order 9"]) await payments.charge(1_000, order);

const charges = await payments.charges().all();
console.log(`${charges.filter((charge) => charge.description === "order 7").length} charge for order 7`);
console.log(`${charges.length} charges in all`);
