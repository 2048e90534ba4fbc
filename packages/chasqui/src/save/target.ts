import type { StrongValidator } from "../response/validator.ts";
import type { Version } from "./version.ts";

/** What is written down beside a partial file, so that a later call can tell whether it may go on with it. */
export interface PartialNote {
  /** The URL that was asked. */
  readonly url: string;
  /** The one that answered, less its query. */
  readonly place: string;
  readonly validator: StrongValidator;
  /** The length of the whole; undefined where the server did not say. */
  readonly total: number | undefined;
}

/** A partial file that an earlier call left. */
export interface Partial extends Version {
  readonly bytes: number;
}

/** How the file of a `save()` is to be written. */
export interface TargetSettings {
  /** Keep what is half there, as `path.chasqui-part`. */
  readonly keepPartial: boolean;
  readonly overwrite: boolean;
  readonly mode: number | undefined;
}

/** A file to be. Nothing stands under its name until it is whole. */
export interface Target {
  /** The partial file that an earlier call left of this URL. */
  partial(url: string): Promise<Partial | undefined>;
  /** Goes on with the partial file. */
  goOn(): Promise<void>;
  /** Begins an empty file; with a note one that a later call can go on with. What was there before is given up. */
  begin(note: PartialNote | undefined): Promise<void>;
  /** Writes pieces at a position. */
  write(pieces: readonly Uint8Array[], position: number): Promise<void>;
  /** The digest of so many bytes from the beginning, for more to be added. */
  hash(algorithm: "sha256" | "sha512", bytes: number): Promise<Hash>;
  /**
   * The file is whole: it gets its name.
   *
   * @param still - Asked when nothing is left to do but that, all else being on the disk: whether it is still to have it.
   * @returns Whether it has it.
   */
  finish(still?: () => Promise<boolean>): Promise<boolean>;
  /**
   * The file will not be whole: what is there is removed, unless it can be gone on with and is not wrong.
   *
   * @returns The path of what is kept to go on with; undefined where nothing is.
   */
  abandon(wrong: boolean): Promise<string | undefined>;
}

/** A digest that grows. */
export interface Hash {
  add(piece: Uint8Array): void;
  hex(): string;
}

/** What the disk of this runtime can do for those who save. */
export interface Disk {
  /** The path of what was given, as a string. */
  pathOf(path: string | URL): string;
  /** Whether it names a folder, by the slash at its end. */
  namesFolder(path: string): boolean;
  /** The path of a file in a folder. */
  inside(folder: string, name: string): string;
  /**
   * Looks at where a file is to be.
   *
   * @throws {OptionsError} when it cannot be there.
   */
  target(path: string, settings: TargetSettings): Promise<Target>;
  /** @throws {OptionsError} when it is no folder that can be written to. */
  checkFolder(folder: string): Promise<void>;
  /**
   * The text of a file; undefined where there is none.
   *
   * @throws {CallerError} when it cannot be read.
   */
  read(path: string): Promise<string | undefined>;
}
