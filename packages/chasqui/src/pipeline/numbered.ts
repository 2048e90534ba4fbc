import type { Stage } from "./stage.ts";

/** Around each exchange that is told of: gives it the number that all who tell of it have for it. They read it before they wait. */
export const numbered: Stage = (next) => (request, context) => {
  context.attempt = context.root.attempts + 1;
  return next(request, context);
};
