/** A program of the lesson, in `examples/lesson`, shown as it is and run as it is. */
export interface ExampleBlock {
  /** The file's name, such as `02-get.ts`. */
  readonly example: string;
  /** It uses routes that only the practice API has, and is left out where another API is asked. */
  readonly practiceOnly?: true;
  /** A module that the other examples of its section import: shown, and not run by itself. */
  readonly module?: true;
}

/** One thing in a section: a paragraph, a list, a table whose first row is its head, or an example. Texts are Markdown. */
export type Block =
  | string
  | { readonly list: readonly string[] }
  | { readonly table: readonly (readonly string[])[] }
  | ExampleBlock;

/** One section of the lesson. */
export interface Section {
  readonly number: number;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The examples of a section, in order. */
export function examplesOf(section: Section): ExampleBlock[] {
  return section.blocks.filter((block) => typeof block === "object" && "example" in block);
}
