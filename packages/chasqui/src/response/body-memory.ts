import { BodyTooLargeError } from "../errors/body-too-large-error.ts";

/**
 * Makes room for a whole body.
 *
 * @param bytes - What it needs.
 * @param make - Takes the memory; whatever it throws for lack of it would look like a network that fails.
 * @throws {BodyTooLargeError} where the system has no memory for it.
 */
export function inMemory<T>(bytes: number, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new BodyTooLargeError(bytes, "body", {
      said: `There is no memory for a response body of ${bytes} bytes in one piece`,
      hint: "Read it as it comes, with `stream()`, or `save()` it.",
      cause,
    });
  }
}
