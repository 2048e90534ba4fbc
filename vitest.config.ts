import { defineConfig } from "vitest/config";

// Workspace names resolve to sources, so that a test needs no build and a stack trace shows what was written.
const source = "chasqui-source";

export default defineConfig({
  ssr: { resolve: { conditions: [source, "node"], externalConditions: [source, "node"] } },
  test: {
    include: ["{packages/*/test,bench,docs,examples,scripts}/**/*.test.ts"],
    // For the programs that a test starts; the user's own options stay.
    env: { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --conditions=${source}`.trim() },
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
