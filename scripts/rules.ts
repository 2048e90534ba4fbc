/**
 * The rules of redirects, headers, limits and URLs, and of all else that keeps a call safe, each as it stands in the code and as
 * it would be if it were switched off. `npm run switch-off` shows that a test with the number of a requirement fails for each.
 */
import { LIMIT_RULES } from "./rules/limits.ts";
import { REDIRECT_RULES } from "./rules/redirects.ts";
import { REQUEST_RULES } from "./rules/requests.ts";
import type { Rule } from "./rules/rule.ts";

/** All of them. */
export const RULES: readonly Rule[] = [...REDIRECT_RULES, ...REQUEST_RULES, ...LIMIT_RULES];
