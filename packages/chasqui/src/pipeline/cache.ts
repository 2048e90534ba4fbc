import type { Stage } from "./stage.ts";

/** What is stored answers in the server's place, one hop at a time; loaded where a client has a cache. */
export const cache: Stage = (next) => async (request, context) => {
  const { throughCache } = await import("../cache/through-cache.ts");
  return throughCache(request, context, next);
};

/** Tells when the attempt under way was begun: the age of a response counts from there (RFC 9111 4.2.3). */
export const stamp: Stage = (next) => (request, context) => {
  context.sentAt = context.clock.date();
  return next(request, context);
};
