/**
 * An object with names and values whose type is an interface or a class: TypeScript gives these no index signature, so that no
 * record takes them. Arrays, Maps, functions, dates, promises and bytes are none. In a union with a record the types check the
 * values of a literal that is written in the call. Those of an interface or a variable are checked when the call is made: one
 * that the option does not take is an `OptionsError`.
 *
 * @example
 * ```ts
 * import { get, type ObjectShape } from "chasqui";
 * interface Filter {
 *   userId: number;
 *   _limit?: number;
 * }
 * const filter: Filter = { userId: 1, _limit: 3 };
 * const shape: ObjectShape = filter;
 * console.log((await get("http://localhost:4010/posts", { params: shape }).json<unknown[]>()).length); // 3
 * ```
 */
export type ObjectShape = object & {
  // `object` keeps it from being a weak type, which would refuse an interface that shares no name with it.
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.asyncIterator]?: never;
  readonly [Symbol.hasInstance]?: never;
  readonly [Symbol.toPrimitive]?: never;
  readonly [Symbol.toStringTag]?: never;
};

/** Whether an object is to be read as pairs, one behind the other, and not by its keys. */
export function isIterable(init: object): init is Iterable<unknown> {
  return Symbol.iterator in init && typeof init[Symbol.iterator] === "function";
}
