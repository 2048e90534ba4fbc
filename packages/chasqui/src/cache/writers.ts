/** What is on its way into a store. */
export class Writer {
  readonly #end: (writer: Writer) => void;
  #changed = false;
  #overtaken: Set<string> | undefined;

  constructor(end: (writer: Writer) => void) {
    this.#end = end;
  }

  /** Whether what was asked for may be stored: nobody has changed it meanwhile, nor stored a later answer. */
  mayWrite(what: string): boolean {
    return !this.#changed && this.#overtaken?.has(what) !== true;
  }

  /** Says that the resource was changed. */
  change(): void {
    this.#changed = true;
  }

  /** Says that a later answer was stored. */
  overtake(what: string): void {
    this.#overtaken ??= new Set();
    this.#overtaken.add(what);
  }

  end(): void {
    this.#end(this);
  }
}

/**
 * Keeps apart what reads and what changes a resource at the same time: a GET that was sent before a POST, and answered after it,
 * would bring back what the POST has just removed. And it knows what is being asked for in the background, each once.
 */
export class Writers {
  /** By resource, in the order in which they began. */
  readonly #pending = new Map<string, Set<Writer>>();
  readonly #refreshing = new Set<string>();

  /** Begins to ask for a resource. The writer has to be ended. */
  begin(resource: string): Writer {
    const writers = this.#pending.get(resource) ?? new Set();
    const writer = new Writer((ended) => {
      writers.delete(ended);
      if (writers.size === 0 && this.#pending.get(resource) === writers) this.#pending.delete(resource);
    });
    this.#pending.set(resource, writers.add(writer));
    return writer;
  }

  /** Says that a resource has changed. */
  changed(resource: string): void {
    for (const writer of this.#pending.get(resource) ?? []) writer.change();
  }

  /** Says that a writer has written: those that began before it are late. */
  wrote(resource: string, what: string, by: Writer): void {
    for (const writer of this.#pending.get(resource) ?? []) {
      if (writer === by) return;
      writer.overtake(what);
    }
  }

  /** Does the work unless the same is being done. The work does not reject. */
  once(what: string, work: () => Promise<void>): void {
    if (this.#refreshing.has(what)) return;
    this.#refreshing.add(what);
    work().finally(() => this.#refreshing.delete(what));
  }
}
