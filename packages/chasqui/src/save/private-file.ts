import type { Disk } from "./target.ts";

/** What is in it opens accounts: nobody but its owner reads or writes it (S38). */
const OWNER_ONLY = 0o600;

/**
 * Writes a file for its owner's eyes alone. It has its name when it is whole and on the disk, and its mode from its first byte
 * on.
 *
 * @param still - Asked when all is on the disk but the name: whether it is still to have it.
 * @returns Whether it has it.
 */
export async function writePrivateFile(
  disk: Disk,
  path: string,
  text: string,
  still?: () => Promise<boolean>,
): Promise<boolean> {
  const target = await disk.target(path, { keepPartial: false, overwrite: true, mode: OWNER_ONLY });
  try {
    await target.begin(undefined);
    await target.write([new TextEncoder().encode(text)], 0);
    const named = await target.finish(still);
    if (!named) await target.abandon(true);
    return named;
  } catch (error) {
    await target.abandon(true);
    throw error;
  }
}
