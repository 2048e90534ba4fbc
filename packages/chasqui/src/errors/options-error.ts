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
    super(message, details);
    this.option = details.option;
  }

  protected override facts(): Record<string, unknown> {
    return { option: this.option };
  }
}
