import { describe, expect, test } from "vitest";
import { parseChallenges } from "../../src/auth/challenge.ts";
import {
  DIGEST_ALGORITHMS,
  type DigestAnswer,
  type DigestChallenge,
  digestAuthorization,
  readDigestChallenge,
} from "../../src/auth/digest-response.ts";
import { hashHex } from "../../src/platform/node.ts";

function asked(header: string): ReturnType<typeof readDigestChallenge> {
  const [challenge] = parseChallenges(header);
  if (challenge === undefined) throw new Error("there is no challenge");
  return readDigestChallenge(challenge, () => undefined);
}

function challengeOf(header: string): DigestChallenge {
  const read = asked(header);
  if ("problem" in read) throw new Error(read.problem);
  return read;
}

function answered(header: string, answer: Partial<DigestAnswer> = {}): Promise<string> {
  const whole = {
    username: "ann",
    password: "pa55",
    method: "GET",
    uri: "/x",
    cnonce: "c0",
    count: 1,
    ...answer,
  };
  return digestAuthorization(challengeOf(header), whole, hashHex);
}

function params(authorization: string): Record<string, string> {
  const found = authorization.matchAll(/([\w*]+)=("(?:[^"\\]|\\.)*"|[^\s,]+)/g);
  return Object.fromEntries(Array.from(found, ([, name = "", value = ""]) => [name, value]));
}

const RFC_7616 =
  'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const MUFASA = {
  username: "Mufasa",
  password: "Circle of Life",
  uri: "/dir/index.html",
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};
const RFC_7616_USERHASH =
  'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8';
const JASON = {
  username: "Jäsøn Doe",
  password: "Secret, or not?",
  uri: "/doe.json",
  cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
};

describe("#95 Digest algorithms MD5, MD5-sess, SHA, SHA-256, SHA-512 (+sess), matched to the RFC 7616 and RFC 2069 vectors", () => {
  test.each<[string, string, Partial<DigestAnswer>, string]>([
    ["RFC 7616 3.9.1, MD5", `Digest ${RFC_7616}, algorithm=MD5`, MUFASA, "8ca523f5e9506fed4657c9700eebdbec"],
    [
      "RFC 7616 3.9.1, SHA-256",
      `Digest ${RFC_7616}, algorithm=SHA-256`,
      MUFASA,
      "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    ],
    [
      // The RFC prints what a SHA-512 gives that is cut; erratum 4897 has the values of SHA-512/256.
      "RFC 7616 3.9.2, SHA-512-256, userhash, as erratum 4897 has it",
      `${RFC_7616_USERHASH}, userhash=true`,
      JASON,
      "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
    ],
    [
      "RFC 2617 3.5, with its own cnonce",
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      { username: "Mufasa", password: "Circle Of Life", uri: "/dir/index.html", cnonce: "0a4f113b" },
      "6629fae49393a05397450978507c4ef1",
    ],
    [
      "RFC 2069 2.4, with the value of its errata",
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      { username: "Mufasa", password: "CircleOfLife", uri: "/dir/index.html" },
      "1949323746fe6a43ef61f9606e7febea",
    ],
  ])("%s", async (_, header, answer, response) => {
    expect(params(await answered(header, answer)).response).toBe(`"${response}"`);
  });

  // What Python's hashlib says of `user:realm:password`, the nonce, the count and the cnonce, put together by RFC 7616 3.4.
  test.each([
    ["MD5", "be0c483498aeb733e8e653cf08c152ae", "8d9360e4621f8df324e178bdef879f79"],
    ["SHA", "257e941cc62898b84ba706fc89cda1c7268eb0d4", "cca964823fcb660c6d3dc2f0851d23188b1fe4d7"],
    [
      "SHA-256",
      "d629a5183548f75e96db9b846ce7f268937e746dd5d6c7bcc042494608029492",
      "1ec7db105071b896d9875304465725052e3a2708059b94612c112d327761f93b",
    ],
    [
      "SHA-512",
      "229f19c98a030c984f3a318af466671cf227338b5bd9c951c12fe220099b6f1687f2fcb773a55f97eb9617a626ae85a1c7457707d530759278e5e8d4303b65aa",
      "51c9488169c0f5f94372b22d3e45ee0f6922cdce8d7e81a1b9970427b56b1598ac861887889c3f50dc1871ded7b6040358ba185556badfaebd109b600f0e66eb",
    ],
    [
      "SHA-512-256",
      "f5fdffed4237db2462f51351462b5b9a5af10d90961e131a7ea0f30ed1636991",
      "996035a418f57dee327de942e05e6da89cedbeeeb74d9de876c134f55106579d",
    ],
  ])("%s and its -sess form, against another implementation", async (algorithm, plain, session) => {
    const header = (name: string): string => `Digest realm="r", nonce="n", qop="auth", algorithm=${name}`;
    expect(params(await answered(header(algorithm))).response).toBe(`"${plain}"`);
    expect(params(await answered(header(`${algorithm}-sess`))).response).toBe(`"${session}"`);
  });
});

describe("what is written into Authorization", () => {
  const QOP = 'Digest realm="r", nonce="n", qop="auth"';

  test("D14 qop and nc have no quotes, nor has the algorithm; all else has", async () => {
    expect(params(await answered(`${QOP}, algorithm=md5, opaque="o"`))).toEqual({
      username: '"ann"',
      realm: '"r"',
      nonce: '"n"',
      uri: '"/x"',
      response: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      algorithm: "md5",
      opaque: '"o"',
      qop: "auth",
      nc: "00000001",
      cnonce: '"c0"',
    });
  });

  test.each([
    [1, "00000001"],
    [10, "0000000a"],
    [0xdeadbeef, "deadbeef"],
  ])("#97 nc is 8 hex digits: %i is %s", async (count, nc) => {
    expect(params(await answered(QOP, { count })).nc).toBe(nc);
  });

  test("#96 absent qop: no qop, nc or cnonce, and what the challenge left out is left out", async () => {
    const written = params(await answered('Digest realm="r", nonce="n"'));
    expect(Object.keys(written).sort()).toEqual(["nonce", "realm", "response", "uri", "username"]);
  });

  test("a session without qop still says its cnonce, which the server needs for the key", async () => {
    expect(Object.keys(params(await answered('Digest realm="r", nonce="n", algorithm=MD5-sess')))).toContain(
      "cnonce",
    );
  });

  test.each([
    ["a quote and a backslash in the user", QOP, { username: 'a"n\\n' }, "username", '"a\\"n\\\\n"'],
    ["and in the realm", 'Digest realm="a \\"r\\" \\\\ b", nonce="n"', {}, "realm", '"a \\"r\\" \\\\ b"'],
    ["a quote in the uri", QOP, { uri: '/x?a="' }, "uri", '"/x?a=\\""'],
  ])("%s are escaped", async (_, header, answer, name, value) => {
    expect(params(await answered(header, answer))[name]).toBe(value);
  });

  test("what is escaped is hashed as what it stands for", async () => {
    const plain = await answered('Digest realm="a r", nonce="n"');
    const escaped = await answered('Digest realm="a\\ \\r", nonce="n"');
    expect(params(escaped).response).toBe(params(plain).response);
  });

  test("a user beyond ASCII goes as UTF-8: into username* where the server says that it reads it", async () => {
    expect(params(await answered(RFC_7616_USERHASH, JASON))["username*"]).toBe(
      "UTF-8''J%C3%A4s%C3%B8n%20Doe",
    );
    const bytes = params(await answered('Digest realm="r", nonce="n"', { username: "Jäs" })).username ?? "";
    expect(Buffer.from(bytes, "latin1").toString("utf8")).toBe('"Jäs"');
  });

  test("userhash: the user is a hash (RFC 7616 3.4.4, erratum 4897)", async () => {
    const written = params(await answered(`${RFC_7616_USERHASH}, userhash=true`, JASON));
    expect(written.username).toBe('"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"');
    expect(written.userhash).toBe("true");
    expect(written["username*"]).toBeUndefined();
  });
});

describe("#96 qop", () => {
  test.each([
    ["auth", "auth"],
    ["AUTH", "auth"],
    ["auth, auth-int", "auth"],
    ["auth-int,auth", "auth"],
    [" auth-int ,\tauth , ", "auth"],
    ["auth,token", "auth"],
    ["", undefined],
    [" , ", undefined],
  ])("`auth` chosen from any list with odd spacing: %j", async (qop, chosen) => {
    expect(params(await answered(`Digest realm="r", nonce="n", qop="${qop}"`)).qop).toBe(chosen);
  });

  test.each([
    ["only auth-int is said to be not supported", "auth-int", /auth-int.*not supported/],
    ["unknown is a protocol error", "token", /malformed.*qop is "token"/],
    ["authx is not auth", "authx", /malformed/],
  ])("%s", (_, qop, problem) => {
    expect(asked(`Digest realm="r", nonce="n", qop="${qop}"`)).toEqual({
      problem: expect.stringMatching(problem),
    });
  });
});

describe("#99 a malformed challenge", () => {
  test.each([
    ["no nonce", 'Digest realm="r"', /no nonce/],
    ["an empty nonce", 'Digest realm="r", nonce=""', /no nonce/],
    ["no realm", 'Digest nonce="n"', /no realm/],
    ["nothing at all", "Digest", /no realm/],
    ["a quote without an end", 'Digest realm="r', /malformed/],
    [
      "an algorithm that nobody knows",
      'Digest realm="r", nonce="n", algorithm=ROT13',
      /"ROT13", which is unknown/,
    ],
    ["an algorithm of Object's", 'Digest realm="r", nonce="n", algorithm=constructor', /unknown/],
  ])("%s says so", (_, header, problem) => {
    expect(asked(header)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

test.each(
  DIGEST_ALGORITHMS.flatMap((algorithm) => [algorithm, `${algorithm}-sess`, algorithm.toLowerCase()]),
)("#95 %s is known, in any case", (algorithm) => {
  const { algorithmAsNamed, session } = challengeOf(`Digest realm="r", nonce="n", algorithm=${algorithm}`);
  expect([algorithmAsNamed, session]).toEqual([algorithm, algorithm.endsWith("-sess")]);
});
