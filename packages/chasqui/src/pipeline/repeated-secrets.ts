import type { Request } from "../request/request.ts";
import { sensitiveParam } from "../request/sensitive-headers.ts";
import { queryOf, withoutPairs } from "../request/target-query.ts";

/**
 * The target of a URL that a server gave, as a redirect or as the next page, without the secrets of ours that it repeats: the
 * query pairs that a credential had added on the wire, which are added again where they belong; and at a border those that the
 * request itself had under a secret's name, which would be carried to somebody else (D19).
 *
 * @param target - Path and query of the URL that the server gave.
 * @param sent - The request that it answered, as it was sent.
 * @param crossing - Whether the URL leaves the origin of the call.
 */
export function withoutRepeatedSecrets(target: string, sent: Request, crossing: boolean): string {
  const wired = sent.wireTarget();
  // The usual case: no credential is in the query, and nobody else is told.
  if (!crossing && wired === sent.target) return target;
  const credential = new URLSearchParams(wired.slice(sent.target.length + 1));
  const own = queryOf(sent.target);
  return withoutPairs(
    target,
    (name, value) =>
      credential.getAll(name).includes(value) ||
      (crossing && sensitiveParam(name, sent.secretParams) && own.getAll(name).includes(value)),
  );
}
