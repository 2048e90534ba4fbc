import { parseArgs } from "node:util";
import type { Section } from "./section.ts";
import { sections } from "./sections/index.ts";

/** What the command line asks for. */
export interface Command {
  readonly action: "lesson" | "list" | "help";
  /** The sections to show; none where only the questions are wanted. */
  readonly sections: readonly Section[];
  readonly quiz: boolean;
  readonly baseUrl: string | undefined;
}

/** The text of `--help`. */
export const HELP = `Usage: npm start -- [options]
       chasqui-learn [options]     where the package is installed

The lesson "Working with APIs". It starts a practice API of its own, shows each program and what it really prints,
and ends by itself.

  --section N     one section only; may be given more than once
  --list          list the sections
  --quiz          ask the questions instead (together with --section: after it)
  --base-url URL  let the programs speak to another API, such as https://jsonplaceholder.typicode.com
  --help          this text
`;

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Reads the command line.
 *
 * @throws {UsageError} for an option or a section that does not exist; the message names those that do.
 */
export function readCommand(args: readonly string[]): Command {
  const values = parse(args);
  const chosen = (values.section ?? []).map(sectionOf);
  const quiz = values.quiz ?? false;
  const baseUrl = values["base-url"];
  return {
    action: values.help ? "help" : values.list ? "list" : "lesson",
    sections: chosen.length > 0 || quiz ? chosen : sections,
    quiz,
    baseUrl: baseUrl === undefined ? undefined : webAddress(baseUrl),
  };
}

const OPTIONS = {
  section: { type: "string", multiple: true },
  list: { type: "boolean" },
  quiz: { type: "boolean" },
  "base-url": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const allowed = Object.keys(OPTIONS).map((name) => `--${name}`);
    const what = error instanceof Error ? error.message.split(/\.\s/, 1)[0] : String(error);
    throw new UsageError(`${what}. There are ${allowed.join(", ")}.`);
  }
}

function sectionOf(text: string): Section {
  const found = sections.find(({ number }) => String(number) === text);
  if (found !== undefined) return found;
  const last = sections.at(-1)?.number;
  throw new UsageError(
    `--section takes a number from 0 to ${last}, not ${JSON.stringify(text)}. --list names them.`,
  );
}

function webAddress(text: string): string {
  const { protocol } = URL.parse(text) ?? {};
  if (protocol === "http:" || protocol === "https:") return text.replace(/\/+$/, "");
  throw new UsageError(`--base-url takes an http or https URL, not ${JSON.stringify(text)}.`);
}
