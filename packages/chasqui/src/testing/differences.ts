import type { Expectation, FakeRequest } from "./fake-server.ts";

/** What a request lacks of what is expected of it, in words; empty where it has all. */
export function differences(
  { query = {}, headers = {}, json, text }: Expectation,
  request: Omit<FakeRequest, "params">,
): string[] {
  const told: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    const given = request.query[name];
    if (given !== value) told.push(`query ${name} is ${shown(given)}, not ${shown(value)}`);
  }
  for (const [name, value] of Object.entries(headers)) {
    const given = request.headers[name.toLowerCase()];
    if (!matches(given, value)) told.push(`header ${name} is ${shown(given)}, not ${shown(value)}`);
  }
  if (text !== undefined && !matches(request.text, text))
    told.push(`the body is ${shown(request.text)}, not ${shown(text)}`);
  if (json !== undefined) {
    const given = parsed(request.text);
    if (!equal(given, json)) told.push(`the body is ${shown(given ?? request.text)}, not ${shown(json)}`);
  }
  return told;
}

function matches(given: string | undefined, wanted: string | RegExp): boolean {
  if (given === undefined) return false;
  return typeof wanted === "string" ? given === wanted : wanted.test(given);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  if (value === undefined) return "not there";
  if (value instanceof RegExp) return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Whether two values are the same JSON, whatever the order of their keys. */
function equal(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [ours, theirs] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return (
    ours.size === theirs.size &&
    [...ours].every(([name, value]) => theirs.has(name) && equal(value, theirs.get(name)))
  );
}
