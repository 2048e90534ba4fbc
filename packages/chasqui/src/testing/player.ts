import { CallerError } from "../errors/caller-error.ts";
import type { Recorded } from "./cassette-file.ts";

/** How a request is looked for among those that were recorded. */
export type Asked = Pick<Recorded["request"], "method" | "url" | "body">;

/** Plays recorded exchanges back: each once, in the order in which they were recorded, or again and again. */
export class Player {
  readonly #exchanges: readonly Recorded[];
  readonly #played = new Set<Recorded>();
  readonly #repeat: boolean;
  readonly #name: string;
  readonly #advice: string;

  /**
   * @param name - Of what is played, for errors.
   * @param advice - What is to be done where an answer is missing, a sentence.
   */
  constructor(exchanges: readonly Recorded[], repeat: boolean, name: string, advice = "") {
    this.#exchanges = exchanges;
    this.#repeat = repeat;
    this.#name = name;
    this.#advice = advice;
  }

  /** The next exchange that answers the request; undefined where none is left. */
  next(asked: Asked): Recorded | undefined {
    const fitting = this.#exchanges.filter(({ request }) => fits(request, asked));
    const found =
      fitting.find((exchange) => !this.#played.has(exchange)) ?? (this.#repeat ? fitting.at(-1) : undefined);
    if (found !== undefined) this.#played.add(found);
    return found;
  }

  /** What is said of a request that nothing answers. */
  missing({ method, url }: Asked): CallerError {
    const alike = this.#exchanges.filter(({ request }) => request.method === method && request.url === url);
    const known = this.#exchanges.slice(0, 5).map(({ request }) => `${request.method} ${request.url}`);
    const more = this.#exchanges.length > 5 ? `, and ${this.#exchanges.length - 5} more` : "";
    const why =
      alike.length === 0
        ? `It has ${known.length === 0 ? "nothing" : known.join(", ")}${more}.`
        : alike.some((exchange) => !this.#played.has(exchange))
          ? "It has the same request with another body."
          : `It has that request ${alike.length === 1 ? "once" : `${alike.length} times`}, and it has been played. \`repeat: true\` plays it again.`;
    return new CallerError(`${this.#name} has no answer to ${method} ${url}`, {
      hint: this.#advice === "" ? why : `${why} ${this.#advice}`,
    });
  }
}

function fits(request: Recorded["request"], asked: Asked): boolean {
  return (
    request.method === asked.method &&
    request.url === asked.url &&
    JSON.stringify(request.body) === JSON.stringify(asked.body)
  );
}
