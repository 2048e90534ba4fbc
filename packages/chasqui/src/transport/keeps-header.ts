const kept = new Map<string, boolean>();

/** Whether a header that is set on a `Request` stays there: a browser drops what is its own without a word (Fetch §2.2.2). */
export function keepsHeader(name: string): boolean {
  const lower = name.toLowerCase();
  let keeps = kept.get(lower);
  if (keeps === undefined) {
    keeps = new Request("http://a.test/", { headers: [[lower, "x"]] }).headers.has(lower);
    kept.set(lower, keeps);
  }
  return keeps;
}
