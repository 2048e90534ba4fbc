/**
 * A body whose pieces can be had many at a time: what is written to a disk costs less in one large piece than in the
 * pieces of a network, and so does waiting for it.
 */
export interface BatchedBody extends AsyncIterableIterator<Uint8Array, undefined> {
  /**
   * All pieces that have come, as soon as they are so many bytes or no more will come; undefined at the end. What came
   * before a failure is given first, and the failure is thrown the next time.
   *
   * @param done - Pieces of batches before that nobody has any more, in no form: their memory is read into again. Of pieces that
   *   another body gave nothing is taken.
   */
  batch(bytes: number, done?: readonly Uint8Array[]): Promise<readonly Uint8Array[] | undefined>;
}

/** The pieces of any body in batches: its own, or each piece as one. */
export async function batchOf(
  body: AsyncIterator<Uint8Array>,
  bytes: number,
  done?: readonly Uint8Array[],
): Promise<readonly Uint8Array[] | undefined> {
  if (isBatched(body)) return body.batch(bytes, done);
  const next = await body.next();
  return next.done === true ? undefined : [next.value];
}

function isBatched(body: AsyncIterator<Uint8Array>): body is BatchedBody {
  return "batch" in body && typeof body.batch === "function";
}
