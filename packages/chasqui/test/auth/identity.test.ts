import {
  type Auth,
  apiKey,
  basic,
  bearer,
  Client,
  digest,
  type HeadersInit,
  netrc,
  OptionsError,
  secret,
} from "chasqui";
import { expect, test } from "vitest";
import { identityOf } from "../../src/auth/identity.ts";

const ORIGIN = "http://api.test";

function who(auth: Auth | undefined, headers: HeadersInit = {}, target = "/"): string | undefined {
  return identityOf(new Client().build("GET", ORIGIN + target, { headers }), auth);
}

/** Pairs of which each is somebody else than the other, and the same as when it is made anew. */
const PEOPLE: readonly (readonly [string, () => string | undefined, () => string | undefined])[] = [
  ["basic: the password", () => who(basic("ann", "a")), () => who(basic("ann", "b"))],
  ["basic: the user", () => who(basic("ann", "a")), () => who(basic("bob", "a"))],
  ["bearer", () => who(bearer("t-1")), () => who(bearer("t-2"))],
  ["apiKey: the key", () => who(apiKey("k-1")), () => who(apiKey(secret("k-2")))],
  ["apiKey: the place", () => who(apiKey("k", { query: "key" })), () => who(apiKey("k", { header: "key" }))],
  ["digest: the password", () => who(digest("ann", "a")), () => who(digest("ann", "b"))],
  ["schemes", () => who(basic("ann", "a")), () => who(digest("ann", "a"))],
  ["somebody and nobody", () => who(bearer("t-1")), () => who(undefined)],
  [
    "by hand: Authorization",
    () => who(undefined, { authorization: "Bearer 1" }),
    () => who(undefined, { authorization: "Bearer 2" }),
  ],
  ["by hand: Cookie", () => who(undefined, { cookie: "sid=1" }), () => who(undefined, { cookie: "sid=2" })],
  [
    "by hand: an API key",
    () => who(undefined, { "x-api-key": "1" }),
    () => who(undefined, { "x-api-key": "2" }),
  ],
  [
    "by hand: what came as a Secret",
    () => who(undefined, { "x-acme": secret("1") }),
    () => who(undefined, { "x-acme": secret("2") }),
  ],
  [
    "by hand: a key in the query",
    () => who(undefined, {}, "/?api_key=1"),
    () => who(undefined, {}, "/?api_key=2"),
  ],
  [
    "by hand beside an Auth",
    () => who(bearer("t"), { "x-api-key": "1" }),
    () => who(bearer("t"), { "x-api-key": "2" }),
  ],
  [
    "of one's own",
    () => who({ authorize: () => ({}), identity: () => "1" }),
    () => who({ authorize: () => ({}), identity: () => "2" }),
  ],
];

test.each(PEOPLE)("identities differ by what says who asks: %s", (_, one, other) => {
  expect(one()).toBe(one());
  expect(other()).toBe(other());
  expect(one()).not.toBe(other());
});

test.each<readonly [string, string | undefined, string | undefined]>([
  [
    "the order and spelling of a plain header",
    who(undefined, { accept: "a" }),
    who(undefined, { Accept: "b" }),
  ],
  ["a query that holds no secret", who(undefined, {}, "/?page=1"), who(undefined, {}, "/?page=2")],
  [
    "the signature of a URL",
    who(undefined, {}, "/?X-Amz-Signature=1"),
    who(undefined, {}, "/?X-Amz-Signature=2"),
  ],
  ["a header's spelling", who(undefined, { "X-API-Key": "1" }), who(undefined, { "x-api-key": "1" })],
])("an identity does not change with %s", (_, one, other) => {
  expect(one).toBe(other);
});

test("a provider of tokens is somebody, whichever token it gives, and nobody else", async () => {
  let token = 0;
  const auth = bearer(() => `t-${++token}`);
  const before = auth.identity?.(ORIGIN);
  const header = (): unknown =>
    auth.authorize({ method: "GET", url: "", origin: ORIGIN, target: "", header: () => null, headers: [] });
  const first = await header();
  await auth.refresh?.({
    status: 401,
    header: () => undefined,
    request: { method: "GET", url: "", origin: ORIGIN, target: "", header: () => "Bearer t-1", headers: [] },
  });
  expect(await header()).not.toEqual(first);
  expect(auth.identity?.(ORIGIN)).toBe(before);
  expect(bearer(() => "t-1").identity?.(ORIGIN)).not.toBe(before);
});

test("a netrc file is somebody before it was read, and one file is not another", () => {
  const file = netrc("/nowhere");
  expect(who(file)).toBe(who(file));
  expect(who(file)).not.toBe(who(netrc("/nowhere")));
});

test("an Auth that does not say who it is leaves it unknown, whatever was set by hand", () => {
  expect(who({ authorize: () => ({}) }, { "x-api-key": "1" })).toBeUndefined();
  expect(who({ authorize: () => ({}), identity: () => undefined })).toBeUndefined();
});

test.each([[""], [7], [null], [Promise.resolve("ann")]])(
  "an identity that is %s is refused by name",
  (given) => {
    const auth = { authorize: () => ({}), identity: () => given } as unknown as Auth;
    expect(() => who(auth)).toThrow(OptionsError);
    expect(() => who(auth)).toThrow("`auth.identity` gave");
  },
);

test("an identity tells nothing of a credential, nor what an Auth of one's own says it is", () => {
  const told = [
    who(basic("ann", "pa55word")),
    who(bearer("pa55word")),
    who(undefined, { "x-api-key": "pa55word" }),
    who({ authorize: () => ({}), identity: () => "pa55word" }),
  ];
  for (const identity of told) expect(identity).toMatch(/^[0-9a-f]{32}$/);
});
