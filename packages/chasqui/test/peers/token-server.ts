import { type Answer, type HttpServer, json, type Seen, serve } from "./http-server.ts";

/** What a token endpoint was asked. */
export interface Asked {
  readonly fields: Readonly<Record<string, string>>;
  /** Of an `Authorization: Basic`, as it stands there. */
  readonly basic: string | undefined;
}

/** An authorization server of our own, and the API that its tokens are for. */
export interface TokenServer extends AsyncDisposable {
  readonly origin: string;
  readonly tokenEndpoint: string;
  readonly http: HttpServer;
  /** What the token endpoint was asked, oldest first. */
  readonly asked: readonly Asked[];
  /** The access token that the API takes. */
  good: string;
  /** Seconds that the tokens are said to live; undefined says nothing. */
  life: number | undefined;
  /** Whether the refresh token that was spent last is answered again as it was, for who has not heard of the answer. */
  grace: boolean;
  /** Told when a token has been sent. */
  onSent: (() => void) | undefined;
  /** Answers in the place of a token, for one question each. */
  readonly instead: Answer[];
}

/** Whose time the server has. */
interface Dated {
  date(): number;
}

/**
 * Starts it. Tokens are `at1`, `at2` …; refresh tokens `rt1`, `rt2` … rotate, and one that is spent is `invalid_grant`. The API
 * at `/api` takes the last token alone. Their `Date` is that of the clock.
 */
export async function tokenServer(clock: Dated = { date: Date.now }): Promise<TokenServer> {
  const asked: Asked[] = [];
  const instead: Answer[] = [];
  let count = 0;
  const token: Answer = async (response, seen, request) => {
    asked.push({ fields: fieldsOf(seen), basic: basicOf(seen) });
    response.setHeader("date", new Date(clock.date()).toUTCString());
    const other = instead.shift();
    if (other !== undefined) return other(response, seen, request);
    const { grant_type: grant, refresh_token: spent } = fieldsOf(seen);
    const again = server.grace && grant === "refresh_token" && spent === `rt${count - 1}`;
    if (grant === "refresh_token" && spent !== `rt${count}` && !again) {
      return json({ error: "invalid_grant", error_description: `${spent} is spent` }, 400)(
        response,
        seen,
        request,
      );
    }
    if (!again) count++;
    response.once("finish", () => server.onSent?.());
    server.good = `at${count}`;
    const life = server.life === undefined ? {} : { expires_in: server.life };
    const body = { access_token: server.good, token_type: "Bearer", refresh_token: `rt${count}`, ...life };
    return json(body)(response, seen, request);
  };
  const http = await serve({
    "/token": token,
    "/api": (response, { headers }) => {
      response.setHeader("date", new Date(clock.date()).toUTCString());
      const ok = headers.authorization === `Bearer ${server.good}`;
      response.writeHead(ok ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify({ ok }));
    },
  });
  const server: TokenServer = {
    origin: http.origin,
    tokenEndpoint: `${http.origin}/token`,
    http,
    asked,
    good: "",
    life: 3600,
    grace: false,
    onSent: undefined,
    instead,
    [Symbol.asyncDispose]: () => http.close(),
  };
  return server;
}

function fieldsOf({ body }: Seen): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body.toString()));
}

function basicOf({ headers }: Seen): string | undefined {
  const encoded = headers.authorization?.match(/^Basic (.*)$/)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString();
}
