/** What a page has whose engine has yet to come. */
import { BEGINNINGS } from "./begin.ts";

Reflect.set(
  globalThis,
  "begin",
  (name: string, origins: { readonly own: string; readonly other: string }) => {
    const call =
      (what: string) =>
      (...given: unknown[]) =>
        Reflect.get(globalThis, what)(...given);
    return BEGINNINGS[name]?.({
      ...origins,
      letCome: call("letCome"),
      lose: call("lose"),
      unheard: async () => Reflect.get(globalThis, "unheardOf"),
    });
  },
);

const unheardOf: string[] = [];
Reflect.set(globalThis, "unheardOf", unheardOf);
Reflect.set(globalThis, "onunhandledrejection", (event: Event & { readonly reason: unknown }) => {
  unheardOf.push(String(event.reason));
  event.preventDefault();
});
