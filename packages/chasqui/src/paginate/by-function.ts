import { CallerError } from "../errors/caller-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { isObject } from "./body-path.ts";
import { checkPosted } from "./check-posted.ts";
import type { NextPage } from "./options.ts";
import { calling } from "./page-error.ts";
import { END, onwardWith, type PageChanges, type PageStyle } from "./style.ts";

/** The caller says what comes next. */
export function byFunction(next: NextPage): PageStyle {
  return {
    name: "function",
    spec: undefined,
    first: {},
    next({ data, response, list, pages, rows, posted }) {
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
      const changes = changesOf(answer);
      if (changes.body !== undefined) checkPosted(posted, "The function given in `by`");
      return onwardWith(changes);
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
  const { params, headers, body } = answer;
  if (params === undefined && headers === undefined && body === undefined) {
    throw new OptionsError(
      "`by` gave an object that says nothing; it gives { params }, { headers } or { body }, or undefined at the end",
      { option: "by" },
    );
  }
  return {
    params: texts(params, "params"),
    headers: texts(headers, "headers"),
    ...(body === undefined ? {} : { body: fields(body) }),
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
    if (typeof value === "string" || (typeof value === "number" && Number.isFinite(value)))
      found[key] = value;
    else
      throw new OptionsError(`\`by\` gave ${kindOf(value)} for ${name}.${key}; it gives text or a number`, {
        option: "by",
      });
  }
  return found;
}
