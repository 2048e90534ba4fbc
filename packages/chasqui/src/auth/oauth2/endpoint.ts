import { redactUrl } from "../../request/redact.ts";
import { canonicalHost, isLoopback } from "../../transport/proxy/address.ts";

/** Why an endpoint cannot be one. */
export interface EndpointProblem {
  /** What it is, without secrets. */
  readonly shown: string;
  readonly allowed: string;
}

/**
 * What is wrong with the URL of an endpoint that secrets go to: RFC 6749 §3.2 wants TLS and no fragment. http is for this
 * machine, unless the caller has allowed it.
 */
export function endpointProblem(text: string, allowHttp: boolean): EndpointProblem | undefined {
  const url = URL.parse(text);
  const shown = redactUrl(text).slice(0, 200);
  if (url === null || !/^https?:$/.test(url.protocol)) return { shown, allowed: "an absolute https URL" };
  if (url.username !== "" || url.password !== "" || text.includes("#")) {
    return { shown, allowed: "a URL without a user, a password or a fragment" };
  }
  if (url.protocol === "https:" || allowHttp || isLoopback(canonicalHost(url.hostname) ?? ""))
    return undefined;
  return {
    shown,
    allowed: "an https URL: what goes there is secret; `allowHttp: true` sends it in the clear all the same",
  };
}
