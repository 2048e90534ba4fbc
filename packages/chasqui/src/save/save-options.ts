import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { refuseUnknown } from "../request/unknown-option.ts";
import { type Digest, digestOption } from "../response/digest.ts";
import type { Response } from "../response/response.ts";

/** How `save()` writes a file. */
export interface SaveOptions {
  /**
   * `true` keeps what has come of a download that fails, or is killed, as `path.chasqui-part`, and goes on there the next time.
   * Default false: what is half there is removed.
   */
  readonly resume?: boolean | undefined;
  /** What the file must be: `sha256:` or `sha512:` and hexadecimal digits. Anything else is a `DecodeError`, and no file. */
  readonly digest?: string | undefined;
  /** Whether a file that is there is replaced. Default true; false where the server names the file. */
  readonly overwrite?: boolean | undefined;
  /** The file's permission bits, such as `0o600`. Default: those of the file that it replaces, or of any new file. */
  readonly mode?: number | undefined;
}

/** What `save()` gives when the file is there, whole. */
export interface Saved {
  /** The file. */
  readonly path: string;
  /** Its length in bytes: decoded ones. */
  readonly bytes: number;
  /** How many of them an earlier call had left in `path.chasqui-part`; 0 where the file came anew. */
  readonly resumed: number;
  /** The response that the file came with: its status (206 where it was resumed) and headers. */
  readonly response: Response;
}

/** `SaveOptions`, read. */
export interface SaveSettings {
  readonly resume: boolean;
  readonly digest: Digest | undefined;
  readonly overwrite: boolean | undefined;
  readonly mode: number | undefined;
}

const NAMES = ["resume", "digest", "overwrite", "mode"] as const;

/**
 * Reads the options by own property (S55).
 *
 * @throws {OptionsError} when one does not exist or has a bad value.
 */
export function readSaveOptions(options: SaveOptions | undefined): SaveSettings {
  const given: unknown = options ?? {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new OptionsError(`The options of save() are ${kindOf(given)}, not an object`, { option: "save" });
  }
  for (const name of Object.keys(given)) {
    if (!NAMES.some((known) => known === name)) refuseUnknown(name, NAMES);
  }
  const own = (name: (typeof NAMES)[number]): unknown =>
    Object.hasOwn(given, name) ? Reflect.get(given, name) : undefined;
  const digest = own("digest");
  return {
    resume: flag("resume", own("resume")) ?? false,
    digest: digest === undefined ? undefined : digestOption(digest),
    overwrite: flag("overwrite", own("overwrite")),
    mode: modeOf(own("mode")),
  };
}

function flag(option: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes true or false`, { option });
}

function modeOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0o777) return value;
  throw new OptionsError(`\`mode\` is ${kindOf(value)}; it takes permission bits up to 0o777`, {
    option: "mode",
  });
}
