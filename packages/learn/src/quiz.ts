import { createInterface } from "node:readline";
import { practiceQuestions, type Question, quizQuestions } from "./questions.ts";
import type { Show } from "./show.ts";

/** Who is asked, and where. */
export interface QuizOptions {
  readonly show: Show;
  /** Where the answers come from, one a line: a terminal, a pipe, a file. When it ends, the rest is only told. */
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Ends the quiz. */
  readonly signal?: AbortSignal;
}

/** Asks all the questions, and says how many of those that can be checked were answered rightly. */
export async function askQuestions({ show, input, signal }: QuizOptions): Promise<void> {
  const reader = createInterface({ input, terminal: false });
  const stop = (): void => reader.close();
  signal?.addEventListener("abort", stop);
  try {
    const answers = reader[Symbol.asyncIterator]();
    let right = 0;
    let answered = 0;
    for (const [title, questions] of [
      ["Practice questions", practiceQuestions],
      ["Quiz", quizQuestions],
    ] as const) {
      show.line();
      show.line(title, "bold");
      for (const [index, question] of questions.entries()) {
        show.line();
        show.paragraph(question.question, `${index + 1}. `, "   ");
        show.line(
          question.right === undefined ? "   (think, then press Enter)" : "   (your answer, then Enter)",
          "dim",
        );
        const next = await answers.next();
        signal?.throwIfAborted();
        const given = next.done === true ? undefined : next.value;
        if (question.right !== undefined && given !== undefined && given.trim() !== "") answered++;
        if (judge(show, question, given, input.isTTY === true)) right++;
      }
    }
    const checked = [...practiceQuestions, ...quizQuestions].filter(
      (question) => question.right !== undefined,
    );
    show.line();
    const result =
      answered === 0
        ? `None of the ${checked.length} questions that can be checked was answered.`
        : `${right} of ${checked.length} checked answers are right.`;
    show.line(result, "bold");
  } finally {
    signal?.removeEventListener("abort", stop);
    reader.close();
  }
}

/** Tells the answer; says whether the one that was given is right. `given` is undefined where the input has ended. */
function judge(
  show: Show,
  { answer, right }: Question,
  given: string | undefined,
  onTerminal: boolean,
): boolean {
  // What is typed stands on the terminal already.
  if (!onTerminal && given !== undefined && given !== "") show.line(`   > ${given}`);
  const good = right !== undefined && given !== undefined && right.test(given.trim());
  if (right === undefined || given === undefined || given.trim() === "") show.paragraph(answer, "   ");
  else if (good) show.paragraph(`Right. ${answer}`, "   ");
  else show.paragraph(`Not quite. ${answer}`, "   ");
  return good;
}
