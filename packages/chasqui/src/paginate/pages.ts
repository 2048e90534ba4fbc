import type { Checkpoint } from "./checkpoint.ts";
import type { Explanation } from "./explanation.ts";
import type { Page } from "./options.ts";

/** A walk over pages, or over lines. */
export interface AnyWalk<T> {
  next(): Promise<Page<T> | undefined>;
  /** Gives up what is under way. */
  stop(): void | Promise<void>;
  readonly checkpoint: Checkpoint | undefined;
  /** The checkpoint that stood before the page that was given last. */
  readonly before: Checkpoint | undefined;
  explain(): Explanation;
}

/** What a loop begins with. It throws where an option is bad. */
export type StartWalk<T> = () => Promise<AnyWalk<T>>;

/** The pages of one walk that have rows, one after the other. It is begun with the first, and given up at its end. */
export class Pages<T> {
  readonly #start: StartWalk<T>;
  #walk: AnyWalk<T> | undefined;
  #isOver = false;

  constructor(start: StartWalk<T>) {
    this.#start = start;
  }

  /** The next of them; undefined behind the last, and after an error. Nobody asks while it comes. */
  async next(): Promise<Page<T> | undefined> {
    if (this.#isOver) return undefined;
    try {
      this.#walk ??= await this.#start();
      for (;;) {
        const page = await this.#walk.next();
        if (page === undefined) break;
        if (page.rows.length > 0) return page;
      }
    } catch (error) {
      await this.end();
      throw error;
    }
    await this.end();
    return undefined;
  }

  /** Asks for no further page. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#walk?.stop();
  }
}
