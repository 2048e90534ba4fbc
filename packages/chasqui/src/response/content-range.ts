/** The part of a representation that a 206 has, or the length that a 416 tells. */
export interface ContentRange {
  /** The first byte, from 0; undefined in a 416. */
  readonly first: number | undefined;
  /** The last byte, which is included; undefined in a 416. */
  readonly last: number | undefined;
  /** Of how many; undefined where the server does not say. */
  readonly total: number | undefined;
}

/**
 * What `Content-Range` says of bytes (RFC 9110 14.4); undefined where it says nothing that can be true.
 *
 * @example
 * ```ts
 * parseContentRange("bytes 100-199/1000"); // { first: 100, last: 199, total: 1000 }
 * ```
 */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const match = /^bytes +(?:(\d{1,16})-(\d{1,16})|\*)\/(\d{1,16}|\*)$/i.exec(value ?? "");
  if (match === null) return undefined;
  const number = (digits: string | undefined): number | undefined =>
    digits === undefined || digits === "*" ? undefined : Number(digits);
  const [first, last, total] = [number(match[1]), number(match[2]), number(match[3])];
  if (first === undefined || last === undefined)
    return total === undefined ? undefined : { first, last, total };
  if (last < first || (total !== undefined && last >= total)) return undefined;
  return { first, last, total };
}
