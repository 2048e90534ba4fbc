import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPractice } from "@chasqui/practice";
import { ChasquiError, get } from "chasqui";
import { type ExampleRun, readExample, runExample } from "./example.ts";
import { type Block, type ExampleBlock, examplesOf, type Section } from "./section.ts";
import type { Show } from "./show.ts";

/** How the lesson is given. */
export interface LessonOptions {
  /** What is shown: which sections, in order. */
  readonly sections: readonly Section[];
  readonly show: Show;
  /** The API that the examples speak to. Default: a practice API on a free port, for the time of the lesson. */
  readonly baseUrl?: string | undefined;
  /** Ends the lesson. */
  readonly signal?: AbortSignal;
}

/** Examples that run at the same time: starting a program is most of its time. */
const AT_ONCE = 3;

/** Gives the lesson; returns the sections that failed. */
export async function giveLesson(options: LessonOptions): Promise<Section[]> {
  const { sections, show, baseUrl, signal } = options;
  const compileCache = await makeFolder();
  await using ending = new AsyncDisposableStack();
  ending.defer(() => rm(compileCache, { recursive: true, force: true, maxRetries: 3 }));
  const giveAt = (url: string, practice: boolean): Promise<Section[]> =>
    showAll(options, ending.use(new Runs(sections, { baseUrl: url, practice, compileCache, signal })));
  if (baseUrl !== undefined) {
    const practice = await isPractice(baseUrl, signal);
    show.line(`The API: ${baseUrl}`);
    return await giveAt(baseUrl, practice);
  }
  const { url } = ending.use(await startPractice({ port: 0 }));
  show.line(`The practice API: ${url}`);
  return await giveAt(url, true);
}

/** A folder of its own for what is compiled on the way. */
async function makeFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "chasqui-learn-"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LessonError(`The lesson needs a folder for temporary files: ${reason}`);
  }
}

/**
 * Whether this is a practice API; other APIs do not have all of its routes.
 *
 * @throws {ChasquiError} when nobody answers there.
 */
async function isPractice(baseUrl: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const response = await get(`${baseUrl}/auth/key`, {
      timeout: "10s",
      retry: false,
      ...(signal && { signal }),
    });
    return response.headers.get("www-authenticate")?.includes('realm="practice"') ?? false;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ChasquiError)) throw error;
    throw new LessonError(`No API answers at ${baseUrl}: ${error.message}`);
  }
}

/** The lesson cannot be given; the message says why. */
export class LessonError extends Error {
  override name = "LessonError";
}

async function showAll({ sections, show, signal }: LessonOptions, runs: Runs): Promise<Section[]> {
  const failed: Section[] = [];
  for (const section of sections) {
    show.heading(section);
    let good = true;
    for (const block of section.blocks) {
      signal?.throwIfAborted();
      show.line();
      good = (await showBlock(block, show, runs)) && good;
    }
    // What was ended with the lesson has not failed.
    signal?.throwIfAborted();
    if (!good) failed.push(section);
  }
  return failed;
}

/** Shows a block; says whether all was well. */
async function showBlock(block: Block, show: Show, runs: Runs): Promise<boolean> {
  if (typeof block === "string") show.paragraph(block);
  else if ("list" in block) show.list(block.list);
  else if ("table" in block) show.table(block.table);
  else {
    show.code(`examples/lesson/${block.example}`, await readExample(block.example));
    if (block.module) return true;
    const run = await runs.of(block);
    if (run === undefined) show.line("--- skipped: it uses routes that only the practice API has", "yellow");
    else {
      show.printed(run.output);
      if (run.failure !== undefined) show.line(`--- FAILED: ${block.example} ${run.failure}`, "red");
      return run.failure === undefined;
    }
  }
  return true;
}

interface Where {
  readonly baseUrl: string;
  readonly practice: boolean;
  readonly compileCache: string;
  readonly signal: AbortSignal | undefined;
}

/** The runs of the examples. They start ahead of the reader, a few at a time, in the order of the lesson. */
class Runs implements AsyncDisposable {
  readonly #runs = new Map<string, Promise<ExampleRun>>();
  readonly #leaving = new AbortController();

  constructor(sections: readonly Section[], { baseUrl, practice, compileCache, signal }: Where) {
    const examples = sections.flatMap(examplesOf);
    const runnable = examples.filter(({ practiceOnly, module }) => !module && (practice || !practiceOnly));
    const lanes: Promise<ExampleRun>[] = [];
    const ends = AbortSignal.any([this.#leaving.signal, ...(signal ? [signal] : [])]);
    for (const [index, { example }] of runnable.entries()) {
      const lane = index % AT_ONCE;
      const run = async (): Promise<ExampleRun> => {
        await lanes[lane];
        if (ends.aborted) return { output: "", failure: "was not started" };
        return runExample(example, { baseUrl, compileCache, signal: ends });
      };
      const started = run();
      lanes[lane] = started;
      this.#runs.set(example, started);
    }
  }

  /** What came of an example; undefined where it is left out. */
  of({ example }: ExampleBlock): Promise<ExampleRun> | undefined {
    return this.#runs.get(example);
  }

  /** Ends those that still run, and waits until they are gone: they write into the folder that is removed next. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
    await Promise.allSettled(this.#runs.values());
  }
}
