import { COUNTED } from "./counted.ts";
import { POINTED } from "./pointed.ts";
import { POSTED } from "./posted.ts";
import type { Style } from "./style.ts";

/** The styles, each in the shape in which the APIs that use it have it. */
export const STYLES: readonly Style[] = [...COUNTED, ...POINTED, ...POSTED];
