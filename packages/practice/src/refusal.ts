/** An answer that says no: thrown anywhere, answered as JSON `{ "error": reason }` with its status. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, headers: Readonly<Record<string, string>> = {}) {
    super(reason);
    this.name = "Refusal";
    this.status = status;
    this.headers = headers;
  }
}
