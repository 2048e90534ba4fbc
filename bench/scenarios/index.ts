import type { Scenario } from "../scenario.ts";
import { S4 } from "./large.ts";
import { S6 } from "./pages.ts";
import { S1, S2, S3 } from "./small.ts";

/** All scenarios that run in rounds, in the order in which they are named. */
export const SCENARIOS: readonly Scenario[] = [S1, S2, S3, S4, S6];
