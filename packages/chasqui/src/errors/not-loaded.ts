import { NetworkError } from "./network-error.ts";

/** Tells that an `import()` of a part of the library failed. */
export function notLoaded(cause: unknown): never {
  throw new NetworkError("import", "A part of the library could not be loaded", {
    cause,
    hint: "It is loaded when it is first needed. If the page is older than what its server has now, load the page anew.",
  });
}
