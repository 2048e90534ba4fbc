/** RESULTS.md: a section for each Node, and in it one for each scenario. A run writes the sections that it has measured anew. */
import type { Report } from "./report.ts";
import { asMarkdown } from "./table.ts";

const PREFACE = `# What was measured

Written by \`npm run bench -- --write\`; [README.md](README.md) says what is measured and how to read it. Each section has been
measured in one run, at the date and on the machine that it names. Compare ratios, not times.
`;

/** When and where a section was measured. */
export interface Occasion {
  readonly date: string;
  /** Such as `v26.10.0`. */
  readonly node: string;
  /** Processor, cores, system. */
  readonly machine: string;
}

export function sectionOf(report: Report, { date, machine, node }: Occasion): string {
  const { name, title, how, table, verdicts } = report;
  const targets = verdicts.map((verdict) => `- ${verdict}`).join("\n");
  const parts = [`### ${name} ${title}`, `${date}, Node ${node}, ${machine}. ${how}`, asMarkdown(table)];
  return `${[...parts, ...(targets === "" ? [] : [targets])].join("\n\n")}\n`;
}

/** Sections by `Node 26` and then by the name of the scenario. */
function read(text: string): Map<string, Map<string, string>> {
  const nodes = new Map<string, Map<string, string>>();
  for (const part of text.split(/^## /m).slice(1)) {
    const sections = new Map<string, string>();
    for (const section of part.split(/^(?=### )/m).slice(1)) {
      const name = /^### (\S+)/.exec(section)?.[1];
      if (name !== undefined) sections.set(name, `${section.trim()}\n`);
    }
    nodes.set(part.slice(0, part.indexOf("\n")).trim(), sections);
  }
  return nodes;
}

const inOrder = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a.localeCompare(b, "en", { numeric: true });

/** The text of RESULTS.md with some sections put in, or put anew. */
export function resultsWith(text: string, reports: readonly Report[], occasion: Occasion): string {
  const nodes = read(text);
  const title = `Node ${/\d+/.exec(occasion.node)?.[0]}`;
  const sections = nodes.get(title) ?? new Map<string, string>();
  nodes.set(title, sections);
  for (const report of reports) sections.set(report.name, sectionOf(report, occasion));
  const parts = [...nodes]
    .sort(inOrder)
    .reverse()
    .map(([node, own]) =>
      [`## ${node}\n`, ...[...own].sort(inOrder).map(([, section]) => section)].join("\n"),
    );
  return [PREFACE, ...parts].join("\n");
}
