import { apiRoutes } from "./apis/routes.ts";
import { authRoutes } from "./auth/routes.ts";
import { cacheRoute } from "./cache-route.ts";
import { echoRoutes } from "./echo.ts";
import { answerFaults } from "./faults/answers.ts";
import { bomb } from "./faults/bomb.ts";
import { brokenFaults } from "./faults/broken.ts";
import { flaky } from "./faults/flaky.ts";
import { runRoutes } from "./faults/runs-route.ts";
import { homeRoute } from "./home.ts";
import { rateLimit } from "./limits/route.ts";
import { openapiRoute } from "./openapi.ts";
import { pagingRoutes } from "./paging/routes.ts";
import { resourceRoutes } from "./resources/routes.ts";
import type { Route } from "./route.ts";
import { streamRoutes } from "./stream.ts";
import { streamEvents } from "./stream-events.ts";
import { withRoute } from "./with.ts";

/** Every route, in the order in which they are tried. A new topic is a file of its own, and a line here. */
export const routes: readonly Route[] = [
  homeRoute(() => routes),
  openapiRoute(() => routes),
  // Before the fixed names below, so that own data may use any of them.
  ...resourceRoutes,
  ...pagingRoutes,
  ...authRoutes,
  ...answerFaults,
  flaky,
  bomb,
  rateLimit,
  ...brokenFaults,
  ...runRoutes,
  ...streamRoutes,
  ...apiRoutes,
  streamEvents,
  cacheRoute,
  withRoute,
  ...echoRoutes,
];
