import { resourceRoutes } from "./resources/routes.ts";
import type { Route } from "./route.ts";

/** Every route, in the order in which they are tried. A new topic is a file of its own, and a line here. */
export const routes: readonly Route[] = [...resourceRoutes];
