import { styleText } from "node:util";

/** Where the lesson is written: a terminal, a pipe, a file. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** The colours that the lesson uses. */
export type Colour = "bold" | "dim" | "cyan" | "green" | "magenta" | "red" | "yellow";

/** Colours a text. */
export type Ink = (colour: Colour, text: string) => string;

/** Colours on a terminal that wants them (it has no `NO_COLOR`), and nowhere else. */
export function inkFor(output: Output): Ink {
  if (output.isTTY !== true) return (_colour, text) => text;
  return (colour, text) => styleText(colour, text, { stream: output, validateStream: true });
}
