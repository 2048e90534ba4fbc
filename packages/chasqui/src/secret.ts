import { printAs } from "./printing.ts";

const brand = Symbol.for("chasqui.secret");

/**
 * A value that is not printed: `console.log`, `String()`, `JSON.stringify` and template strings show `***`.
 * `reveal()` gives it. Wherever Chasqui takes a token, key, password or header value, it takes a `Secret` too.
 *
 * @example
 * ```ts
 * import { secret } from "chasqui";
 * const key = secret("k-123");
 * console.log(`${key}`, key.reveal().length); // *** 5
 * ```
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  static {
    Object.defineProperty(Secret.prototype, brand, { value: true });
    printAs(Secret, () => "Secret(***)");
  }

  /** The value itself. */
  reveal(): string {
    return this.#value;
  }

  /** `***` */
  toString(): string {
    return "***";
  }

  /** `***` */
  toJSON(): string {
    return "***";
  }
}

/** Wraps a value so that printing it shows `***`. */
export function secret(value: string): Secret {
  return new Secret(value);
}

/** Whether a value is a `Secret`, of this copy of the library or another. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && brand in value;
}

/** The string itself, of a string or a `Secret`. */
export function revealed(value: string | Secret): string {
  return typeof value === "string" ? value : value.reveal();
}
