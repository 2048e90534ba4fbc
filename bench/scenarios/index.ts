import type { Scenario, StartScenario } from "../scenario.ts";
import { S5, S9 } from "./files.ts";
import { S4 } from "./large.ts";
import { S6, S10, S11 } from "./pages.ts";
import { S1, S2, S3 } from "./small.ts";
import { S7 } from "./start.ts";

export const STARTS: readonly StartScenario[] = [S7];

/** What clients do in processes of their own, over and over. */
export const SCENARIOS: readonly Scenario[] = [S1, S2, S3, S4, S5, S6, S9, S10, S11];
