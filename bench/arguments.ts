/** What `npm run bench --` is told. */
import { parseArgs } from "node:util";

export interface Arguments {
  readonly scenarios: readonly string[];
  readonly clients: readonly string[] | undefined;
  readonly rounds: number | undefined;
  /** The Nodes that run the clients, one after the other: each a path, or a major version such as `24`. */
  readonly nodes: readonly string[];
  /** Whether to write RESULTS.md. */
  readonly write: boolean;
}

/** A command line that cannot be followed; its message says why, and what there is. */
export class ArgumentsError extends Error {
  override readonly name = "ArgumentsError";
}

function refuseUnknown(what: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new ArgumentsError(`There is no ${what} ${unknown.join(", ")}; there are ${known.join(", ")}.`);
}

/**
 * Reads the command line.
 *
 * @throws {ArgumentsError} when it names what does not exist.
 */
export function readArguments(
  args: readonly string[],
  known: { readonly scenarios: readonly string[]; readonly clients: readonly string[] },
): Arguments {
  const { positionals, values } = parsed(args);
  refuseUnknown("scenario", positionals, known.scenarios);
  const clients = values.clients?.split(",").map((name) => name.trim());
  refuseUnknown("client", clients ?? [], known.clients);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0)) {
    throw new ArgumentsError(`--rounds is ${values.rounds}; it takes a whole number from 1.`);
  }
  return {
    scenarios: positionals.length === 0 ? known.scenarios : positionals,
    clients,
    rounds,
    nodes: values.node?.split(",").map((node) => node.trim()) ?? [process.execPath],
    write: values.write ?? false,
  };
}

interface Parsed {
  readonly positionals: readonly string[];
  readonly values: {
    readonly rounds?: string;
    readonly clients?: string;
    readonly node?: string;
    readonly write?: boolean;
  };
}

function parsed(args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: "string" },
        clients: { type: "string" },
        node: { type: "string" },
        write: { type: "boolean" },
      },
    });
  } catch (cause) {
    throw new ArgumentsError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
