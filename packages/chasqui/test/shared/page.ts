/** The shared tests as a page has them. */
import { runAll } from "./index.ts";

Reflect.set(globalThis, "runAll", runAll);
