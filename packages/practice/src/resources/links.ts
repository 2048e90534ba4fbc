/** A `Link` header (RFC 8288): each URL is the request's own with one parameter set to another value. */
export function linkHeader(
  url: URL,
  parameter: string,
  targets: Readonly<Partial<Record<string, string | number>>>,
): string {
  return Object.entries(targets)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([relation, value]) => `<${withParameter(url, parameter, value)}>; rel="${relation}"`)
    .join(", ");
}

/** The URL with one parameter set, the others as they stand. */
export function withParameter(url: URL, parameter: string, value: string | number): string {
  const target = new URL(url);
  target.searchParams.set(parameter, String(value));
  return target.href;
}
