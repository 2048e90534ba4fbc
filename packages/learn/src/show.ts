import type { Colour, Ink, Output } from "./ink.ts";
import type { Section } from "./section.ts";

const WIDEST = 100;

/** The lesson on a terminal: lines that fit, and colours where they are wanted. */
export class Show {
  readonly #output: Output;
  readonly #ink: Ink;

  constructor(output: Output, ink: Ink) {
    this.#output = output;
    this.#ink = ink;
  }

  /** A line as it is. */
  line(text = "", colour?: Colour): void {
    this.#output.write(`${colour === undefined ? text : this.#ink(colour, text)}\n`);
  }

  heading({ number, title }: Pick<Section, "number" | "title">): void {
    const text = `${number}. ${title}`;
    this.line();
    this.line(text, "bold");
    this.line("=".repeat(text.length), "bold");
  }

  paragraph(text: string, first: string = "", rest: string = first): void {
    for (const [index, line] of wrap(text, this.#width - rest.length).entries()) {
      this.line((index === 0 ? first : rest) + this.#marked(line));
    }
  }

  list(items: readonly string[]): void {
    for (const item of items) this.paragraph(item, "- ", "  ");
  }

  table(rows: readonly (readonly string[])[]): void {
    const shown = rows.map((row) => row.map(plain));
    const widths = (shown[0] ?? []).map((_, column) =>
      Math.max(...shown.map((row) => row[column]?.length ?? 0)),
    );
    for (const [index, row] of shown.entries()) {
      const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("   ");
      this.line(`  ${line.trimEnd()}`, index === 0 ? "bold" : undefined);
    }
  }

  code(name: string, source: string): void {
    this.line(`--- ${name}`, "cyan");
    for (const line of source.trimEnd().split("\n")) this.line(`  ${this.#code(line)}`.trimEnd());
  }

  /** What a program printed. */
  printed(text: string): void {
    this.line("--- prints", "cyan");
    for (const line of text.trimEnd().split("\n")) this.line(line);
  }

  get #width(): number {
    // 0 is what a terminal says that does not know.
    return Math.max(40, Math.min(this.#output.columns || WIDEST, WIDEST));
  }

  /** Of Markdown, what the lesson uses: `code` and **weight**. */
  #marked(text: string): string {
    return text
      .replace(/`([^`]+)`/g, (_, code: string) => this.#ink("cyan", code))
      .replace(/\*\*([^*]+)\*\*/g, (_, strong: string) => this.#ink("bold", strong));
  }

  #code(line: string): string {
    return line.replace(CODE, (text, comment: string | undefined, string: string | undefined) =>
      this.#ink(comment !== undefined ? "dim" : string !== undefined ? "green" : "magenta", text),
    );
  }
}

/** Comments, strings and the words of the language, as far as colours need to know them. */
const CODE = new RegExp(
  [
    String.raw`((?<![:\w])//.*|^ ?/?\*\*? .*)`,
    "(\"[^\"]*\"|'[^']*'|`[^`]*`)",
    String.raw`\b(?:async|await|break|catch|class|const|for|from|function|if|import|in|instanceof|interface|let|new|of|return|try|type|using|while)\b`,
  ].join("|"),
  "g",
);

function plain(text: string): string {
  return text.replace(/`|\*\*/g, "");
}

/** Breaks a text into lines. Marks take no room; a marked phrase is not torn apart, so that each line has both its marks. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(/(?:`[^`]*`|\*\*[^*]*\*\*|[^\s`*]|\*)+/g) ?? []) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && plain(longer).length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
