import { createHash } from "node:crypto";
import { createPractice } from "@chasqui/practice";
import { describe, expect, test } from "vitest";
import { AuthError, Client, digest, HttpError, memory } from "../../src/index.ts";
import { hasApache, startApache, WITHOUT_APACHE } from "../peers/apache.ts";
import { caught } from "../peers/caught.ts";
import { hasHttpbin, startHttpbin, WITHOUT_HTTPBIN } from "../peers/httpbin.ts";

const REALM = 'a realm, "quoted"';

/** Two users as `htdigest` writes them. */
const USERS = Object.entries({ ann: "pa55", ünal: "şifre" })
  .map(
    ([user, password]) =>
      `${user}:${REALM}:${createHash("md5").update(`${user}:${REALM}:${password}`).digest("hex")}`,
  )
  .join("\n");

describe.skipIf(!hasApache)(`Apache's mod_auth_digest${WITHOUT_APACHE}`, () => {
  const parts = {
    directory: `AuthType Digest
AuthName "a realm, \\"quoted\\""
AuthDigestProvider file
AuthUserFile $FOLDER/users
Require valid-user`,
    files: { users: `${USERS}\n`, "html/a.txt": "hello", "html/b c.txt": "spaced" },
  };

  test("#94 #97 #98 #101 lets in, over one nonce, with paths and queries that are escaped", async () => {
    await using apache = await startApache(parts);
    await using client = new Client({ baseUrl: apache.origin, auth: digest("ann", "pa55") });
    expect(await client.get("/a.txt").text()).toBe("hello");
    const spaced = await client.get("/b c.txt", { params: { q: 'ü "1" & 2' } });
    expect([spaced.status, spaced.history.length, await spaced.text()]).toEqual([200, 0, "spaced"]);
    const many = await Promise.all(Array.from({ length: 20 }, () => client.get("/a.txt")));
    expect(many.map(({ status, history }) => [status, history.length])).toEqual(many.map(() => [200, 0]));
    expect((await client.head("/a.txt")).status).toBe(200);
  });

  test("takes names and passwords beyond ASCII as UTF-8", async () => {
    await using apache = await startApache(parts);
    await using client = new Client({ baseUrl: apache.origin, auth: digest("ünal", "şifre") });
    expect(await client.get("/a.txt").text()).toBe("hello");
  });

  test("#94 says 401 to a wrong password once more, and that is the answer", async () => {
    await using apache = await startApache(parts);
    await using client = new Client({ baseUrl: apache.origin, auth: digest("ann", "wrong") });
    const error = await caught(client.get("/a.txt").json(), HttpError);
    expect([error.status, error.attempts]).toEqual([401, 2]);
  });

  test("#97 a nonce that has run out is replaced, within the call", async () => {
    await using apache = await startApache({
      ...parts,
      directory: `${parts.directory}\nAuthDigestNonceLifetime 1`,
    });
    await using client = new Client({ baseUrl: apache.origin, auth: digest("ann", "pa55") });
    await client.get("/a.txt").text();
    // Its clock is its own: it is asked until the second is over, which it says itself.
    let replaced = false;
    for (let asked = 0; asked < 2000 && !replaced; asked++) {
      const { status, history } = await client.get("/a.txt");
      expect(status).toBe(200);
      replaced = history[0]?.headers.get("www-authenticate")?.includes("stale=true") ?? false;
      if (!replaced) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(replaced).toBe(true);
  });
});

describe.skipIf(!hasHttpbin)(`httpbin's /digest-auth${WITHOUT_HTTPBIN}`, () => {
  test("#95 #96 MD5, SHA-256 and SHA-512, and auth-int told apart from auth", async () => {
    await using httpbin = await startHttpbin();
    for (const algorithm of ["MD5", "SHA-256", "SHA-512"]) {
      await using client = new Client({ baseUrl: httpbin.origin, auth: digest("ann", "pa55") });
      const path = `/digest-auth/auth/ann/pa55/${algorithm}`;
      expect(await client.get(path).json()).toEqual({ authenticated: true, user: "ann" });
      expect((await client.get(path)).history).toEqual([]);
      const wrong = new Client({ baseUrl: httpbin.origin, auth: digest("ann", "wrong") });
      await using _closed = wrong;
      expect((await wrong.get(`/digest-auth/auth/ann/pa55/${algorithm}`)).status).toBe(401);
      await caught(
        client.get(`/digest-auth/auth-int/ann/pa55/${algorithm}`, { auth: digest("ann", "pa55") }),
        AuthError,
      );
    }
  });

  test("#89 #97 its cookies, by which it knows how often a nonce was used, and says that it is stale", async () => {
    await using httpbin = await startHttpbin();
    await using client = new Client({ baseUrl: httpbin.origin, auth: digest("ann", "pa55") });
    const hops = [];
    for (let at = 0; at < 3; at++) {
      const { status, history } = await client.get("/digest-auth/auth/ann/pa55/MD5/1");
      hops.push([
        status,
        history.map((hop) => /stale=true/i.test(hop.headers.get("www-authenticate") ?? "")),
      ]);
    }
    expect(hops).toEqual([
      [200, [false]],
      [200, [true]],
      [200, [true]],
    ]);
  });
});

describe("the practice API's /auth/digest", () => {
  test.each([
    ["MD5", ""],
    ["MD5", "qop=none"],
    ["MD5-sess", ""],
    ["SHA-256", ""],
    ["SHA-256-sess", ""],
    ["SHA-512-256", ""],
    ["SHA-512-256", "qop=none"],
  ])("#95 %s %s", async (algorithm, more) => {
    const practice = createPractice();
    await using client = new Client({
      auth: digest("user", "passwd"),
      transport: memory((request) => practice.fetch(request)),
    });
    const url = `http://practice.test/auth/digest?algorithm=${algorithm}&${more}`;
    for (let at = 0; at < 3; at++) {
      expect(await client.get(url).json()).toMatchObject({
        authenticated: true,
        scheme: "digest",
        algorithm,
      });
    }
    expect((await client.get(url, { auth: digest("user", "wrong") })).status).toBe(401);
  });

  test("#97 a nonce that is used up is replaced within the call", async () => {
    const practice = createPractice();
    await using client = new Client({
      auth: digest("user", "passwd"),
      transport: memory((request) => practice.fetch(request)),
    });
    const hops = [];
    for (let at = 0; at < 5; at++) {
      const response = await client.get("http://practice.test/auth/digest?uses=2");
      hops.push([response.status, response.history.length]);
    }
    expect(hops).toEqual([
      [200, 1],
      [200, 0],
      [200, 1],
      [200, 0],
      [200, 1],
    ]);
  });
});
