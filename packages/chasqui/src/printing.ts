const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** How Node's own inspect would print a value, indented and coloured as it was asked to; as JSON elsewhere. */
export type Show = (value: unknown) => string;

/**
 * Says how the instances of a class are printed by `console.log` and `util.inspect`, which would otherwise show every
 * property, secrets among them. Not a member of the class itself: a computed name cannot stand in a declaration that is made
 * from one file alone.
 *
 * @param type - A class, or `{ prototype }` of the one object that is meant.
 * @param print - Gives the text.
 */
export function printAs<T extends object>(
  type: { readonly prototype: T },
  print: (instance: T, show: Show) => string,
): void {
  Object.defineProperty(type.prototype, INSPECT, {
    configurable: true,
    value(
      this: T,
      _depth: unknown,
      options: unknown,
      inspect?: (value: unknown, options: unknown) => string,
    ) {
      return print(this, (value) =>
        inspect === undefined ? (JSON.stringify(value) ?? String(value)) : inspect(value, options),
      );
    },
  });
}
