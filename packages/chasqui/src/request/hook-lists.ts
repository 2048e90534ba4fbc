import { OptionsError } from "../errors/options-error.ts";
import type { HookList, Hooks } from "../hooks.ts";
import { kindOf } from "./kind-of.ts";
import { unknownField } from "./wrong-option.ts";

type HookOf<List> =
  List extends HookList<infer Hook> ? (Hook extends (...args: never[]) => unknown ? Hook : never) : never;

/** Hooks as lists, those of the client first (D15). */
export type HookLists = { readonly [Name in keyof Hooks]-?: readonly HookOf<NonNullable<Hooks[Name]>>[] };

const NAMES = ["onRequest", "onResponse", "onRetry", "onClientError", "onServerError"] as const;

/**
 * The hooks of an option behind those of `base`.
 *
 * @throws {OptionsError} when a hook does not exist or is no function.
 */
export function mergeHooks(hooks: Hooks, base: HookLists | undefined): HookLists {
  if (typeof hooks !== "object" || hooks === null || Array.isArray(hooks)) {
    throw new OptionsError(`\`hooks\` is ${kindOf(hooks)}; it takes an object with ${NAMES.join(", ")}`, {
      option: "hooks",
    });
  }
  const own: Hooks = { ...hooks };
  for (const name of Object.keys(own)) {
    if (NAMES.some((known) => known === name)) continue;
    throw unknownField("hooks", name, NAMES);
  }
  return {
    onRequest: joined(base?.onRequest, own.onRequest, "onRequest"),
    onResponse: joined(base?.onResponse, own.onResponse, "onResponse"),
    onRetry: joined(base?.onRetry, own.onRetry, "onRetry"),
    onClientError: joined(base?.onClientError, own.onClientError, "onClientError"),
    onServerError: joined(base?.onServerError, own.onServerError, "onServerError"),
  };
}

function joined<Hook>(
  base: readonly Hook[] = [],
  own: HookList<Hook> | undefined,
  name: string,
): readonly Hook[] {
  if (own === undefined) return base;
  const list: readonly Hook[] = isList(own) ? own : [own];
  for (const hook of list) {
    if (typeof hook === "function") continue;
    throw new OptionsError(`\`hooks.${name}\` is ${kindOf(hook)}; it takes a function or a list of them`, {
      option: `hooks.${name}`,
    });
  }
  return [...base, ...list];
}

function isList<Hook>(hooks: HookList<Hook>): hooks is readonly Hook[] {
  return Array.isArray(hooks);
}
