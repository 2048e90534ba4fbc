import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { isSecret, type Secret } from "../secret.ts";
import { filledCredential } from "./credential.ts";

/** Reads the options that a scheme is given: by own property only (S55), each once, and none that it does not know. */
export class OptionReader {
  readonly #of: string;
  readonly #given: Map<string, unknown>;
  readonly #known = new Set<string>();

  /**
   * @param of what they are options of, such as `oauth2()`
   * @throws {OptionsError} when they are no object.
   */
  constructor(of: string, options: unknown) {
    if (typeof options !== "object" || options === null) {
      throw new OptionsError(`The options of ${of} are ${kindOf(options)}, not an object`, {
        option: "auth",
      });
    }
    this.#of = of;
    this.#given = new Map(Object.entries(options).filter(([, value]) => value !== undefined));
  }

  /** The value as it is; undefined where it was not given. */
  take(option: string): unknown {
    this.#known.add(option);
    const value = this.#given.get(option);
    this.#given.delete(option);
    return value;
  }

  /** A text that is not empty. */
  text(option: string): string | undefined {
    const value = this.take(option);
    return value === undefined || (typeof value === "string" && value !== "")
      ? value
      : this.refuse(option, value, "a text that is not empty");
  }

  /** One of some words. */
  word<W extends string>(option: string, words: readonly W[]): W | undefined {
    const value = this.take(option);
    if (value === undefined) return undefined;
    const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : value;
    const list = words.map((word) => JSON.stringify(word)).join(", ");
    return words.find((word) => word === value) ?? this.refuse(option, shown, `one of ${list}`);
  }

  /** A secret as the text that it is. */
  secret(option: string): string | undefined {
    const value = this.take(option);
    if (value === undefined) return undefined;
    if (typeof value !== "string" && !isSecret(value)) this.refuse(option, value, "a string or a Secret");
    const given: string | Secret = value;
    return filledCredential(given, this.#of, `\`${option}\``);
  }

  /** True or false; false where nothing was given. */
  flag(option: string): boolean {
    const value = this.take(option) ?? false;
    return typeof value === "boolean" ? value : this.refuse(option, value, "true or false");
  }

  /** A function. */
  function<F>(option: string): F | undefined {
    const value = this.take(option);
    const isFunction = (given: unknown): given is F => typeof given === "function";
    return value === undefined || isFunction(value) ? value : this.refuse(option, value, "a function");
  }

  /** An option that has to be there. */
  required<T>(option: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw new OptionsError(`${this.#of} lacks the option \`${option}\``, { option });
  }

  /** Says what is wrong with a value. A string stands for itself in the message, so it must be no secret. */
  refuse(option: string, value: unknown, allowed: string): never {
    const shown = typeof value === "string" && value.startsWith('"') ? value : kindOf(value);
    throw new OptionsError(`\`${option}\` of ${this.#of} is ${shown}; it takes ${allowed}`, { option });
  }

  /** Refuses what nobody has asked for. */
  end(): void {
    for (const option of this.#given.keys()) {
      throw new OptionsError(`${this.#of} has no option ${JSON.stringify(option)} here`, {
        option,
        hint: `It has ${[...this.#known].sort().join(", ")}.`,
      });
    }
  }
}
