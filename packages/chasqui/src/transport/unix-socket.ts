/** Why a Unix socket could not be connected to; plain, so that each call that waited for it is given an error of its own. */
export class UnixSocketFault extends Error {
  /** How a policy of retries sees it. */
  readonly kind: "refused" | "unreachable";
  readonly hint: string;

  constructor(kind: "refused" | "unreachable", message: string, hint: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
    this.hint = hint;
  }
}

/** Says of what Node tells of the socket at a path which file it is, and what is wrong with it. */
export async function unixSocketFault(error: unknown, path: string): Promise<UnixSocketFault> {
  const shown = JSON.stringify(path);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const fault = (kind: "refused" | "unreachable", message: string, hint: string): UnixSocketFault =>
    new UnixSocketFault(kind, message, hint, error);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return fault(
        "refused",
        `The Unix socket ${shown} does not exist`,
        "Is the server running, and is this the path that it was given? It is the option `unixSocket`.",
      );
    case "EACCES":
    case "EPERM":
      return fault(
        "unreachable",
        `No permission to use the Unix socket ${shown}`,
        "The user of this process must be able to write to the socket and to enter its folders.",
      );
    case "ECONNREFUSED":
    case "ENOTSOCK":
      // Linux refuses a connection to any file that is no socket.
      return (await isSocket(path))
        ? fault(
            "refused",
            `Nobody listens at the Unix socket ${shown}`,
            "The file is there, and no server behind it: is it running? One that has ended leaves its file.",
          )
        : fault(
            "refused",
            `${shown} is no Unix socket`,
            "The option `unixSocket` takes the path of the socket itself, not of a folder or of another file.",
          );
    default:
      return fault(
        "unreachable",
        `The Unix socket ${shown} cannot be connected to (${code})`,
        code === "EINVAL" || code === "ENAMETOOLONG"
          ? "The path of a socket may have about a hundred bytes, which the system sets."
          : "Is the server running, and has it room for one more connection?",
      );
  }
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await process.getBuiltinModule("node:fs/promises").stat(path)).isSocket();
  } catch {
    // It has gone meanwhile, or cannot be looked at: what was refused is then taken for what it was given as.
    return true;
  }
}
