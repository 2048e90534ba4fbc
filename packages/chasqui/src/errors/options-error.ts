import { callSite, deep, fromCaller, stackOf } from "../call-site.ts";
import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/** What an `OptionsError` is made of. */
export interface OptionsErrorDetails extends ErrorDetails {
  /** The option's name, such as `timeout.connect`. */
  readonly option?: string;
}

/** A bad option. Nothing was sent. The message names the option and says what is allowed. */
export class OptionsError extends ChasquiError {
  readonly code = "ERR_OPTIONS";
  /** The option's name, such as `timeout.connect`. */
  readonly option: string | undefined;

  static {
    brandError(OptionsError, "OptionsError");
  }

  constructor(message: string, details: OptionsErrorDetails = {}) {
    // Here, and not in each function that has options: all of them that a caller can call throw this error.
    const limit = deep();
    super(message, details);
    callSite(limit, this);
    this.option = details.option;
    const stack = stackOf(this);
    if (limit !== undefined && typeof stack === "string") this.stack = fromCaller(stack, limit);
  }

  protected override facts(): Record<string, unknown> {
    return { option: this.option };
  }
}
