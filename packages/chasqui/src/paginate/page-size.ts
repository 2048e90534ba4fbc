/** Params by which a caller says how large a page is to be. */
const SIZE_PARAMS = [
  ...["limit", "_limit", "per_page", "perPage", "page_size", "pageSize", "size", "count", "$top", "top"],
  ...["maxResults", "max_results", "page[size]", "page[limit]", "first", "take"],
];

export function isSizeParam(name: string): boolean {
  return SIZE_PARAMS.includes(name);
}

/** The param that says how large a page is to be; undefined where there is none. */
export function sizeParam(asked: URLSearchParams): string | undefined {
  return SIZE_PARAMS.find((name) => asked.has(name));
}

/** How many rows the request asked for, where it did; undefined where it did not. */
export function askedSize(
  asked: URLSearchParams,
): { readonly name: string; readonly size: number } | undefined {
  for (const name of SIZE_PARAMS) {
    const value = asked.get(name) ?? "";
    if (/^[1-9]\d{0,9}$/.test(value)) return { name, size: Number(value) };
  }
  return undefined;
}
