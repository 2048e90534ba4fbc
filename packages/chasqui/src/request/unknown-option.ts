import { OptionsError } from "../errors/options-error.ts";

/** Names that other clients use, and ours for them. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["middleware", "use"],
  ["plugins", "use"],
  ["interceptors", "use` or `hooks"],
  ["adapter", "transport"],
  ["dispatcher", "transport"],
  ["fetch", "transport"],
  ["cookieJar", "cookies"],
  ["jar", "cookies"],
  ["credentials", "auth` or `cookies"],
  ["withCredentials", "cookies"],
  ["username", "auth"],
  ["password", "auth"],
  ["token", "auth"],
  ["validateStatus", "raise"],
  ["maxRedirects", "redirect"],
  ["followRedirect", "redirect"],
  ["maxContentLength", "maxBytes"],
  ["maxResponseSize", "maxBytes"],
  ["cancelToken", "signal"],
  ["baseUri", "baseUrl"],
  ["base_url", "baseUrl"],
  ["idempotency_key", "idempotencyKey"],
  ["max_retries", "retry"],
  ["paramsSerializer", "paramsStyle"],
  ["httpAgent", "connections` or `proxy"],
  ["httpsAgent", "tls` or `proxy"],
  ["query", "params"],
  ["searchParams", "params"],
  ["data", "json` or `form"],
  ["files", "multipart"],
  ["baseURL", "baseUrl"],
  ["prefixUrl", "baseUrl"],
  ["followRedirects", "redirect"],
  ["allow_redirects", "redirect"],
  ["retries", "retry"],
  ["throwHttpErrors", "raise"],
  ["timeoutMs", "timeout"],
  ["abortSignal", "signal"],
  ["onDownloadProgress", "onProgress"],
  ["onUploadProgress", "onProgress"],
  ["ca", "tls"],
  ["cert", "tls"],
  ["https", "tls"],
  ["socketPath", "unixSocket"],
  ["allowH2", "http2"],
  ["maxSockets", "connections"],
  ["pool_maxsize", "connections"],
  ["proxies", "proxy"],
  ["agent", "proxy"],
  ["trust_env", "trustEnv"],
  ["rateLimit", "throttle"],
  ["limiter", "throttle"],
  ["concurrency", "throttle"],
  ["maxConcurrent", "throttle"],
  ["maxRequests", "throttle"],
]);

const TRUST = "Whom to trust is said in `tls`: { ca }, and at the worst { rejectUnauthorized: false }.";

const OF_A_CLIENT = "It is an option of a client: new Client({ … }), or client.extend({ … }).";

/** Names of what is not there, and what is. */
const ABSENT: ReadonlyMap<string, string> = new Map([
  ["verify", TRUST],
  ["rejectUnauthorized", TRUST],
  ["rejectUnauthorised", TRUST],
  ["insecure", TRUST],
  ["strictSSL", TRUST],
  ["baseUrl", OF_A_CLIENT],
  ["connections", OF_A_CLIENT],
  ["use", OF_A_CLIENT],
  ["transport", OF_A_CLIENT],
  ["clock", OF_A_CLIENT],
  ["host", 'A proxy is a URL: "http://localhost:3128", or { url, auth }.'],
  ["port", "A port stands in the URL."],
  ["responseType", "How the body is read is said by the reader: .json(), .text(), .bytes(), .stream()."],
  ["resolveBodyOnly", "The readers give the body alone: .json(), .text(), .bytes()."],
  ["isStream", "await get(url).stream() gives the body as a stream."],
  ["mode", "That is a browser's own; CORS is decided by the server."],
  ["method", "The method is the function, or the first argument of request()."],
]);

/**
 * Refuses a name that is no option, with the one that was probably meant.
 *
 * @param otherwise - What to say besides, where the name is not one that other clients have.
 */
export function refuseUnknown(option: string, known: readonly string[], otherwise?: string): never {
  const elsewhere = ELSEWHERE.get(option);
  const meant = elsewhere ?? nearest(option, known);
  const hints = [ABSENT.get(option) ?? (meant === undefined ? undefined : `Did you mean \`${meant}\`?`)];
  if (elsewhere === undefined && !ABSENT.has(option)) hints.push(otherwise);
  const hint = hints.filter((said) => said !== undefined).join(" ");
  throw new OptionsError(`\`${option}\` is no option here`, {
    option,
    ...(hint === "" ? {} : { hint }),
  });
}

const LONGEST = 60;

/** The nearest known name, for a slip of the finger: the same letters but for one or two. */
export function nearest(name: string, known: readonly string[], most = 2): string | undefined {
  // A name that is no slip may be of any length.
  if (name.length > LONGEST) return undefined;
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Levenshtein's: how many letters have to be changed, added or left out. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
