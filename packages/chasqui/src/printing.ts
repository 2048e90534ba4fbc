const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * Says how the instances of a class are printed by `console.log` and `util.inspect`, which would otherwise show every
 * property, secrets among them. Not a member of the class itself: a computed name cannot stand in a declaration that is made
 * from one file alone.
 */
export function printAs<T extends object>(
  type: { readonly prototype: T },
  print: (instance: T) => string,
): void {
  Object.defineProperty(type.prototype, INSPECT, {
    configurable: true,
    value(this: T) {
      return print(this);
    },
  });
}
