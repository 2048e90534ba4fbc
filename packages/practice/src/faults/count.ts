import type { Ask } from "../route.ts";
import type { World } from "../world.ts";

/** Which request this is to this path within its run, from 1. */
export function attempt(ask: Ask, world: World): number {
  return world.runs.count(ask.req.query("run") ?? "", ask.req.path);
}

/** A number of a query, or the fallback where there is none that fits. */
export function amount(ask: Ask, name: string, fallback: number, least = 0): number {
  const value = Number(ask.req.query(name) || Number.NaN);
  return Number.isFinite(value) && value >= least ? value : fallback;
}
