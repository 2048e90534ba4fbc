import { CallerError } from "../errors/caller-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { isObject } from "./body-path.ts";
import type { NextPage } from "./options.ts";
import { calling } from "./page-error.ts";
import { END, onwardWith, type PageChanges, type PageStyle } from "./style.ts";

/** The caller says what comes next. */
export function byFunction(next: NextPage): PageStyle {
  return {
    name: "function",
    spec: undefined,
    first: {},
    next({ data, response, list, pages, rows }) {
      const answer: unknown = calling(
        () => next({ data, response, rows: list, number: pages, rowsRead: rows }),
        "`by`",
      );
      if (answer === undefined || answer === null || answer === false || answer === "") return END;
      if (typeof answer === "string") return { kind: "next", request: { url: answer } };
      if (isObject(answer) && "then" in answer) {
        throw new CallerError("The function given in `by` is asynchronous", {
          cause: undefined,
          hint: "It says what comes next from the page that it is given, at once.",
        });
      }
      return onwardWith(changesOf(answer));
    },
  };
}

function changesOf(answer: unknown): PageChanges {
  if (!isObject(answer) || Array.isArray(answer)) {
    throw new OptionsError(
      `\`by\` gave ${kindOf(answer)}; it gives a URL, { params }, { headers } or { body }, or undefined at the end`,
      { option: "by" },
    );
  }
  const strange = Object.keys(answer).find((key) => !["params", "headers", "body"].includes(key));
  if (strange !== undefined) {
    throw new OptionsError(`\`by\` gave { ${strange} }; it gives { params }, { headers } or { body }`, {
      option: "by",
    });
  }
  return {
    params: texts(answer.params, "params"),
    headers: texts(answer.headers, "headers"),
    body: fields(answer.body),
  };
}

function texts(given: unknown, name: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(fields(given, name))) found[key] = String(value);
  return found;
}

function fields(given: unknown, name: string = "body"): Record<string, string | number> {
  const found: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(isObject(given) ? given : {})) {
    if (typeof value === "string" || typeof value === "number") found[key] = value;
    else
      throw new OptionsError(`\`by\` gave ${kindOf(value)} for ${name}.${key}; it gives text or a number`, {
        option: "by",
      });
  }
  return found;
}
