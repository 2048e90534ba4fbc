import { empty, json } from "../answer/answer.ts";
import { methodOf, type Route } from "../route.ts";

const topic = "Runs";

/** What the faults have counted, to see and to forget. */
export const runRoutes: readonly Route[] = [
  {
    methods: ["GET", "DELETE"],
    path: "/runs/:run",
    topic,
    summary: "What a run has counted, by path; DELETE forgets it",
    handle: (ask, world) => {
      const run = ask.req.param("run") ?? "";
      if (methodOf(ask) === "GET") return json(world.runs.report(run), 200, { "Cache-Control": "no-store" });
      world.runs.forget(run);
      return empty(204);
    },
  },
  {
    methods: ["DELETE"],
    path: "/runs",
    topic,
    summary: "Forgets every run, that without a name too",
    handle: (_, world) => {
      world.runs.forget();
      return empty(204);
    },
  },
];
