/** Part of `npm run check`: says which import goes past a package's door, and where. */
import { fileURLToPath } from "node:url";
import { checkDoors } from "./doors.ts";

const offences = checkDoors(fileURLToPath(new URL("..", import.meta.url)));
for (const offence of offences) console.error(offence);
if (offences.length > 0) process.exitCode = 1;
