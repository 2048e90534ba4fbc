import { notLoaded } from "../errors/not-loaded.ts";

/** All that is loaded with the first call. */
export type Engine = typeof import("./whole.ts");

/** The engine, where it has been loaded. */
export let engine: Engine | undefined;

let coming: Promise<Engine> | undefined;

/** Loads the engine, once. What could not be loaded is tried again by the next call that needs it. */
export function load(): Promise<Engine> {
  coming ??= import("./whole.ts").then(
    (loaded) => {
      engine = loaded;
      return loaded;
    },
    (cause) => {
      coming = undefined;
      notLoaded(cause);
    },
  );
  return coming;
}
