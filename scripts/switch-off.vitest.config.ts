import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig } from "vitest/config";
import base from "../vitest.config.ts";
import { RULES } from "./rules.ts";

const SOURCES = fileURLToPath(new URL("../packages/chasqui/src/", import.meta.url));
const rule = RULES[Number(process.env.CHASQUI_SWITCHED_OFF ?? "-1")];

/** The tests as they are, over sources in which one rule is switched off. Nothing is written. */
export default mergeConfig(
  base,
  defineConfig({
    root: fileURLToPath(new URL("..", import.meta.url)),
    plugins: [
      {
        // Vitest keeps what it has transformed by the names of the plugins.
        name: `switch-off-${process.env.CHASQUI_SWITCHED_OFF}`,
        enforce: "pre",
        transform: (code: string, id: string) =>
          rule !== undefined && id.split("?")[0] === SOURCES + rule.file
            ? code.replace(rule.is, () => rule.becomes)
            : undefined,
      },
    ],
  }),
);
