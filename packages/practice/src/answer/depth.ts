/** The deepest nesting of a body that is accepted. Writing JSON recurses, and a body of brackets would exhaust the stack. */
const DEEPEST = 1000;

/** Whether a value is nested so deeply that it could not be written as JSON again. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    // Level by level rather than by recursion, which is what is to be avoided.
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== "object" || item === null) continue;
      for (const inner of Object.values(item)) next.push(inner);
    }
    level = next;
  }
  return false;
}
