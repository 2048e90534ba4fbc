import { defineConfig } from "vitest/config";

const conditions = ["chasqui-source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["chasqui-source", "node", "import", "default"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts", "scripts/**/*.test.ts", "docs/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
