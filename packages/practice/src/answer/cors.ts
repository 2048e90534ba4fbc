const METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE";

/** The headers that let a page of another origin read the answer, with credentials: its Origin is echoed. */
export function allowOrigin(request: Request, headers: Headers, allowed: boolean): void {
  const origin = request.headers.get("origin");
  if (!allowed) return;
  headers.set("Access-Control-Allow-Credentials", "true");
  if (origin !== null) headers.set("Access-Control-Allow-Origin", origin);
}

/** What a preflight asks for is granted, whatever the path has: the page is to see the 405 or the 404 that follows. */
export function preflight(request: Request, headers: Headers, allowed: boolean): void {
  if (!allowed) return;
  headers.set("Access-Control-Allow-Methods", METHODS);
  headers.append("Vary", "Access-Control-Request-Headers");
  const wanted = request.headers.get("access-control-request-headers");
  if (wanted !== null) headers.set("Access-Control-Allow-Headers", wanted);
}

/**
 * Whether a write comes from a page of another origin. Such a page may send forms without asking first, so that own data
 * would be changed by a page that merely was open in the browser.
 */
export function isForeignWrite(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || ["GET", "HEAD", "OPTIONS"].includes(request.method)) return false;
  return origin !== new URL(request.url).origin;
}
