import {
  type Block,
  practiceQuestions,
  type Question,
  quizQuestions,
  readExample,
  type Section,
  sections,
} from "@chasqui/learn";
import { PRINTED } from "./printed.ts";

const HEAD = `# Working with APIs

The lesson of \`npm start\`, as a page. Each program is a file in \`examples/lesson\`, and what stands below it is what it prints. To run
one by itself, start the practice API in one terminal and the program in another:

\`\`\`sh
npm run practice
npx node --conditions=chasqui-source examples/lesson/02-get.ts
\`\`\`

In a project of your own, with \`chasqui\` installed, it is \`node 02-get.ts\`. \`BASE_URL\` names another API to speak to. Those marked
with an asterisk use routes that only the practice API has.

<!-- This page is written by \`npx vitest run packages/learn -u\`, from packages/learn/src/sections and examples/lesson. -->
`;

/** The lesson as a Markdown page. */
export async function lessonPage(): Promise<string> {
  const parts = [HEAD];
  for (const section of sections) parts.push(await sectionPart(section));
  parts.push(questionsPart("Practice questions", practiceQuestions), questionsPart("Quiz", quizQuestions));
  return parts.join("\n");
}

async function sectionPart({ number, title, blocks }: Section): Promise<string> {
  const parts = [`## ${number}. ${title}\n`];
  for (const block of blocks) parts.push(await blockPart(block));
  return parts.join("\n");
}

async function blockPart(block: Block): Promise<string> {
  if (typeof block === "string") return `${block}\n`;
  if ("list" in block) return block.list.map((item) => `- ${item}\n`).join("");
  if ("table" in block) return table(block.table);
  const { example, practiceOnly, module } = block;
  const name = `\`examples/lesson/${example}\`${practiceOnly ? " \\*" : ""}\n`;
  const code = `\`\`\`ts\n${await readExample(example)}\`\`\`\n`;
  if (module) return `${name}\n${code}`;
  const printed = (PRINTED[example] ?? "").replaceAll("BASE", "http://127.0.0.1:4010");
  return `${name}\n${code}\n\`\`\`text\n${printed}\`\`\`\n`;
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  return [head, head.map(() => "---"), ...body].map((row) => `| ${row.join(" | ")} |\n`).join("");
}

function questionsPart(title: string, questions: readonly Question[]): string {
  const parts = questions.map(
    ({ question, answer }, index) =>
      `${index + 1}. ${question}\n\n   <details><summary>Answer</summary>\n\n   ${answer}\n\n   </details>\n`,
  );
  return `## ${title}\n\n${parts.join("\n")}`;
}
