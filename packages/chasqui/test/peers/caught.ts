/** What a promise rejects with; it must be of the class that is expected. */
export async function caught<E>(
  promise: PromiseLike<unknown>,
  expected: abstract new (...args: never[]) => E,
): Promise<E> {
  let outcome: unknown;
  try {
    outcome = await promise;
  } catch (error) {
    if (error instanceof expected) return error;
    throw new Error(`not a ${expected.name}`, { cause: error });
  }
  throw new Error(`no ${expected.name}, but ${String(outcome)}`);
}
