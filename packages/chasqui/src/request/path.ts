import { OptionsError } from "../errors/options-error.ts";
import { isSecret } from "../secret.ts";
import { kindOf } from "./kind-of.ts";
import type { ObjectShape } from "./object-shape.ts";

/** What fills a `{name}` of a path. */
export type PathValue = string | number | bigint | boolean;

/**
 * Values for the placeholders of a path, by name.
 *
 * @example
 * ```ts
 * import type { PathValues } from "chasqui";
 * const path: PathValues = { login: "octocat", id: 5 }; // for "/users/{login}/posts/{id}"
 * ```
 */
export type PathValues = { readonly [name: string]: PathValue } | ObjectShape;

const PLACEHOLDER = /\{([^{}/?#]*)\}/g;

/**
 * Fills each `{name}` in the path of a URL. A value is one segment or a part of one and can never become more: it is
 * percent-encoded, and a value that is empty, `.` or `..` is refused, since it would change which resource is meant.
 *
 * @param template - The URL as it was given. Host, query and fragment are left alone.
 * @param values - A value for each placeholder, and none besides.
 * @throws OptionsError where a placeholder has no value, a value no placeholder, or a value cannot be a segment.
 * @example
 * ```ts
 * expandPath("/users/{login}/repos/{repo}", { login: "ann", repo: "a/b" }); // "/users/ann/repos/a%2Fb"
 * ```
 */
export function expandPath(template: string, values: PathValues): string {
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new OptionsError(`path must be an object such as { id: 1 }, not ${kindOf(values)}`, {
      option: "path",
    });
  }
  const start = /^\s*(?:https?:)?[/\\]{2}[^/\\?#]*/i.exec(template)?.[0].length ?? 0;
  const found = template.slice(start).search(/[?#]/);
  const end = found === -1 ? template.length : start + found;
  const used = new Set<string>();
  const path = template.slice(start, end).replace(PLACEHOLDER, (_, name: string) => {
    used.add(name);
    if (!Object.hasOwn(values, name)) {
      throw new OptionsError(`path: there is no value for {${name}}`, {
        option: `path.${name}`,
        hint: `given are: ${Object.keys(values).join(", ") || "none"}`,
      });
    }
    return segment(name, Reflect.get(values, name));
  });
  for (const name of Object.keys(values)) {
    if (used.has(name)) continue;
    const elsewhere = template.includes(`{${name}}`);
    throw new OptionsError(`path: there is no {${name}} in the path of the URL`, {
      option: `path.${name}`,
      hint: elsewhere
        ? `{${name}} stands outside the path: use params for the query, and write the host out`
        : `the placeholders are: ${[...used].map((one) => `{${one}}`).join(", ") || "none"}`,
    });
  }
  return template.slice(0, start) + path + template.slice(end);
}

/**
 * Refuses a path with a `{name}` and no values: it would be sent as it stands, and be a 404 at best.
 *
 * @throws OptionsError that says how the value is given.
 */
export function refusePlaceholder(template: string): void {
  const [path = ""] = template.split(/[?#]/, 1);
  const name = /\{(?<name>[A-Za-z_]\w*)\}/.exec(path)?.groups?.name;
  if (name === undefined) return;
  throw new OptionsError(`path: there is no value for {${name}}`, {
    option: `path.${name}`,
    hint: `give it with the URL: { path: { ${name}: … } }; a brace that is meant as such is written %7B`,
  });
}

function segment(name: string, value: unknown): string {
  const option = `path.${name}`;
  if (isSecret(value)) {
    // A path is printed in every error and log line, and nothing in it tells where the secret stands.
    throw new OptionsError(`${option} is a Secret, and a path is printed`, {
      option,
      hint: "reveal() it if it must be",
    });
  }
  if (
    typeof value === "number" ? !Number.isFinite(value) : !/^(?:string|bigint|boolean)$/.test(typeof value)
  ) {
    throw new OptionsError(
      `${option} must be a string, a finite number, a bigint or a boolean, not ${kindOf(value)}`,
      {
        option,
      },
    );
  }
  const text = String(value);
  if (text === "" || text === "." || text === "..") {
    throw new OptionsError(`${option} is ${JSON.stringify(text)}, which would name another resource`, {
      option,
    });
  }
  try {
    return encodeURIComponent(text);
  } catch {
    throw new OptionsError(`${option} has half of a surrogate pair in it`, { option });
  }
}
