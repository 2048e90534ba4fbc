import type { Row } from "../rows/row.ts";

/** The most messages, charges or keys that are remembered; the oldest are forgotten first. */
const MOST = 1_000;

/** An answer that a payment was given, with the question that it answered. */
export interface Paid {
  readonly question: string;
  readonly status: number;
  readonly body: Row;
}

/** What the look-alikes remember of what was written to them, for the life of the server. */
export class ApiState {
  readonly messages: Row[] = [];
  readonly charges: Row[] = [];
  /** By their idempotency keys. */
  readonly paid: Map<string, Paid> = new Map();

  addMessage(message: Row): void {
    add(this.messages, message);
  }

  addCharge(charge: Row): void {
    add(this.charges, charge);
  }

  keep(key: string, paid: Paid): void {
    this.paid.set(key, paid);
    for (const oldest of this.paid.keys()) {
      if (this.paid.size <= MOST) return;
      this.paid.delete(oldest);
    }
  }

  forget(): void {
    this.messages.length = 0;
    this.charges.length = 0;
    this.paid.clear();
  }
}

function add(rows: Row[], row: Row): void {
  rows.push(row);
  if (rows.length > MOST) rows.shift();
}
