/** Reads the imports of a TypeScript file: static, re-exporting and dynamic ones, each with its line. */
import { parseSync } from "oxc-parser";

/** One import of a file. */
export interface Import {
  /** The specifier as written. */
  specifier: string;
  line: number;
  /** Whether only types come along, so that nothing is left of it at run time. */
  typeOnly: boolean;
}

/** Lists the imports of a source text. An `import()` whose argument is computed is left out. */
export function importsOf(file: string, text: string): Import[] {
  const { module, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);

  const found: { specifier: string; start: number; typeOnly: boolean }[] = [];
  for (const { moduleRequest, entries } of module.staticImports) {
    const typeOnly = entries.length > 0 && entries.every((entry) => entry.isType);
    found.push({ specifier: moduleRequest.value, start: moduleRequest.start, typeOnly });
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest)
        found.push({ specifier: moduleRequest.value, start: moduleRequest.start, typeOnly: isType });
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(["'`])([^$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
    if (literal?.[2] !== undefined)
      found.push({ specifier: literal[2], start: moduleRequest.start, typeOnly: false });
  }
  return found.map(({ specifier, start, typeOnly }) => ({
    specifier,
    line: text.slice(0, start).split("\n").length,
    typeOnly,
  }));
}
