/**
 * The rules of redirects, headers, limits and URLs, and of all else that keeps a call safe, each as it stands in the code and as
 * it would be if it were switched off. `npm run switch-off` shows that a test with the number of a requirement fails for each.
 */
import { AUTH_RULES } from "./rules/auth.ts";
import { BODY_RULES } from "./rules/bodies.ts";
import { CACHE_RULES } from "./rules/caches.ts";
import { CONNECTION_RULES } from "./rules/connections.ts";
import { COOKIE_RULES } from "./rules/cookies.ts";
import { FILE_RULES } from "./rules/files.ts";
import { HTTP1_RULES } from "./rules/http1.ts";
import { LIMIT_RULES } from "./rules/limits.ts";
import { PAGE_RULES } from "./rules/pages.ts";
import { REDIRECT_RULES } from "./rules/redirects.ts";
import { REQUEST_RULES } from "./rules/requests.ts";
import { RETRY_RULES } from "./rules/retries.ts";
import type { Rule } from "./rules/rule.ts";
import { THROTTLE_RULES } from "./rules/throttling.ts";
import { TOKEN_RULES } from "./rules/tokens.ts";

/** All of them. */
export const RULES: readonly Rule[] = [
  ...REDIRECT_RULES,
  ...REQUEST_RULES,
  ...BODY_RULES,
  ...COOKIE_RULES,
  ...AUTH_RULES,
  ...CONNECTION_RULES,
  ...HTTP1_RULES,
  ...LIMIT_RULES,
  ...RETRY_RULES,
  ...PAGE_RULES,
  ...FILE_RULES,
  ...CACHE_RULES,
  ...TOKEN_RULES,
  ...THROTTLE_RULES,
];
