import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  AuthError,
  type AuthOption,
  bearer,
  Client,
  get,
  HttpError,
  netrc,
  OptionsError,
} from "../../src/index.ts";
import { readNetrc as readNetrcOfWeb } from "../../src/platform/web.ts";
import { caught } from "../peers/caught.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";
import { run } from "../peers/program.ts";

const basic = (pair: string): string => `Basic ${btoa(pair)}`;

let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chasqui-netrc-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A netrc file of its own. */
async function file(text: string, mode = 0o600): Promise<string> {
  const path = join(folder, `netrc-${++files}`);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

/** The same server by another name: a host of its own, to a netrc file. */
const byName = (origin: string): string => origin.replace("127.0.0.1", "localhost");

const BOTH = "machine 127.0.0.1 login ann password a1 machine localhost login bob password b1";

describe("#92 precedence: per-request > session > URL userinfo > netrc; explicit null disables for one call", () => {
  test.each<[string, AuthOption | undefined, string, string | undefined]>([
    ["netrc where there is nothing else", undefined, "", basic("ann:a1")],
    ["the URL's user and password before netrc", undefined, "url:user@", basic("url:user")],
    ["a call's own before the session's netrc", bearer("call"), "", "Bearer call"],
    ["a call's own before the URL's as well", bearer("call"), "url:user@", "Bearer call"],
    ["null disables netrc for one call", null, "", undefined],
  ])("%s", async (_, own, user, expected) => {
    await using server = await serve(json({}));
    await using client = new Client({ auth: netrc(await file(BOTH)) });
    const url = server.origin.replace("://", `://${user}`);
    await client.get(url, own === undefined ? {} : { auth: own });
    expect(server.last().headers.authorization).toBe(expected);
    await client.get(server.origin);
    expect(server.last().headers.authorization).toBe(basic("ann:a1"));
  });

  test("a session's other auth before netrc: a client has one of them", async () => {
    await using server = await serve(json({}));
    await using parent = new Client({ baseUrl: server.origin, auth: netrc(await file(BOTH)) });
    await parent.extend({ auth: bearer("child") }).get("/");
    expect(server.last().headers.authorization).toBe("Bearer child");
  });

  test("a header set by hand stands", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ auth: netrc(await file(BOTH)) });
    await client.get(server.origin, { headers: { authorization: "Own x" } });
    expect(server.last().headers.authorization).toBe("Own x");
  });
});

describe("#93 S6 netrc matched on the parsed hostname only", () => {
  test("`http://example.com:@evil.com/` must not yield example.com's entry", async () => {
    await using server = await serve(json({}));
    const auth = netrc(await file("machine localhost login bob password s3cret default"));
    await get(server.origin.replace("://", "://localhost:@"), { auth });
    // The URL's own user, which is what it says; nothing out of the file.
    expect(server.last().headers.authorization).toBe(basic("localhost:"));
  });

  test.each([
    ["another host", "machine localhost login bob password b1"],
    ["a host with the port of the URL behind it", "machine 127.0.0.1:80 login bob password b1"],
    ["an empty default", "machine localhost login bob password b1 default"],
    ["a default without a login", "default password d1"],
    [
      "an entry without a password, and a default",
      "machine 127.0.0.1 login ann default login any password d1",
    ],
    ["an empty file", ""],
  ])("nothing for %s", async (_, text) => {
    await using server = await serve(json({}));
    await get(server.origin, { auth: netrc(await file(text)) });
    expect(server.last().headers.authorization).toBeUndefined();
  });

  test("a default for a host without an entry", async () => {
    await using server = await serve(json({}));
    await get(server.origin, { auth: netrc(await file("default login any password d1")) });
    expect(server.last().headers.authorization).toBe(basic("any:d1"));
  });
});

describe("S30 `user@` in the URL only matches that login", () => {
  const TWO = "machine 127.0.0.1 login ann password a1 machine 127.0.0.1 login bob password b1";

  test.each([
    ["the second entry's", "bob@", "bob:b1"],
    ["the first entry's", "ann@", "ann:a1"],
    ["nobody's: the URL's user without a password of another", "eve@", "eve:"],
    ["an encoded one", "b%6fb@", "bob:b1"],
  ])("%s", async (_, user, expected) => {
    await using server = await serve(json({}));
    const path = await file(TWO);
    const url = server.origin.replace("://", `://${user}`);
    await get(url, { auth: netrc(path) });
    await using client = new Client({ baseUrl: url, auth: netrc(path) });
    await client.get("/");
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      basic(expected),
      basic(expected),
    ]);
  });

  test("a request that is built has the URL's user, and send() looks up nobody else's password", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ auth: netrc(await file(TWO)) });
    await client.send(client.build("GET", server.origin.replace("://", "://bob@")));
    expect(server.last().headers.authorization).toBe(basic("bob:"));
    await client.send(client.build("GET", server.origin));
    expect(server.last().headers.authorization).toBe(basic("ann:a1"));
  });

  test("and stays at home when a redirect leads elsewhere", async () => {
    await using server = await serve({ "/": redirectTo("/x"), "/x": json({}) });
    await using other = await serve({ "/": redirectTo(`${byName(server.origin)}/x`) });
    const auth = netrc(await file("machine localhost login bob password b1"));
    await get(other.origin.replace("://", "://bob@"), { auth });
    expect(server.last().headers.authorization).toBeUndefined();
  });
});

describe("#78 S30 netrc re-evaluated for the new host, never the old host's", () => {
  test.each([
    ["an entry of its own", BOTH, basic("bob:b1")],
    ["no entry", "machine 127.0.0.1 login ann password a1", undefined],
    [
      "an entry without a password",
      "machine 127.0.0.1 login ann password a1 machine localhost login ann",
      undefined,
    ],
    [
      "no entry, and a default, which is for hosts that the caller names",
      "machine 127.0.0.1 login ann password a1 default login any password d1",
      undefined,
    ],
  ])("a redirect to a host with %s", async (_, text, expected) => {
    await using other = await serve(json({}));
    await using server = await serve({ "/": redirectTo(`${byName(other.origin)}/`) });
    await get(server.origin, { auth: netrc(await file(text)) });
    expect(server.last().headers.authorization).toBe(basic("ann:a1"));
    expect(other.last().headers.authorization).toBe(expected);
  });

  test("S30 a bearer token is not taken to a host because netrc knows that host, nor is netrc asked in its place", async () => {
    await using other = await serve(json({}));
    await using server = await serve({ "/": redirectTo(`${byName(other.origin)}/`) });
    await using client = new Client({ auth: netrc(await file(BOTH)) });
    await client.get(server.origin, { auth: bearer("t0ken") });
    expect(server.last().headers.authorization).toBe("Bearer t0ken");
    expect(other.last().headers.authorization).toBeUndefined();
  });

  test("another port of the first host is another origin: nothing", async () => {
    await using other = await serve(json({}));
    await using server = await serve({ "/": redirectTo(`${other.origin}/`) });
    await get(server.origin, { auth: netrc(await file(BOTH)) });
    expect(other.last().headers.authorization).toBeUndefined();
  });

  test("what was left behind does not come back on the way home", async () => {
    await using other = await serve((response) => {
      response.writeHead(302, { location: `${server.origin}/back` }).end();
    });
    await using server = await serve({ "/": redirectTo(`${byName(other.origin)}/`), "/back": json({}) });
    await get(server.origin, { auth: netrc(await file(BOTH)) });
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([basic("ann:a1"), undefined]);
    expect(other.last().headers.authorization).toBe(basic("bob:b1"));
  });

  test("within its origin the entry goes along", async () => {
    await using server = await serve({ "/": redirectTo("/x"), "/x": json({}) });
    await get(server.origin, { auth: netrc(await file(BOTH)) });
    expect(server.last().headers.authorization).toBe(basic("ann:a1"));
  });
});

describe("the file", () => {
  test("is read when it is first needed, once", async () => {
    await using server = await serve(json({}));
    const path = join(folder, "late");
    await using client = new Client({ baseUrl: server.origin, auth: netrc(path) });
    const missing = await caught(client.get("/"), AuthError);
    expect(missing.message).toContain(path);
    expect(missing.attempts).toBe(0);
    await writeFile(path, BOTH, { mode: 0o600 });
    await client.get("/");
    await rm(path);
    await client.get("/");
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      basic("ann:a1"),
      basic("ann:a1"),
    ]);
  });

  test("a malformed one is told with its line and without what stands in it", async () => {
    const path = await file("machine 127.0.0.1\nlogin ann\npasswrd s3cret\n");
    const error = await caught(get("http://127.0.0.1:9", { auth: netrc(path) }), AuthError);
    expect(error.message).toMatch(/malformed in line 3/);
    expect(JSON.stringify(error) + String(error.stack)).not.toContain("s3cret");
  });

  test("a folder is none", async () => {
    const error = await caught(get("http://127.0.0.1:9", { auth: netrc(folder) }), AuthError);
    expect(error.message).toMatch(/cannot be read/);
  });

  test("one that the program names may be readable by others, as mounted secrets are", async () => {
    await using server = await serve(json({}));
    await get(server.origin, { auth: netrc(await file(BOTH, 0o644)) });
    expect(server.last().headers.authorization).toBe(basic("ann:a1"));
  });

  test("its password does not show in an error", async () => {
    await using server = await serve(json({}, 401));
    const auth = netrc(await file("machine 127.0.0.1 login ann password s3cret"));
    const error = await caught(get(server.origin, { auth }).json(), HttpError);
    expect(server.last().headers.authorization).toBe(basic("ann:s3cret"));
    const printed =
      JSON.stringify(error) + JSON.stringify(error.response.request) + inspect(auth, { depth: 9 });
    expect(printed).not.toContain("s3cret");
    expect(printed).not.toContain(btoa("ann:s3cret"));
    expect(printed).toContain("Auth(netrc)");
  });

  test.each([
    ["an empty path", ""],
    ["a path that is none", 5],
    ["null", null],
  ])("%s is an OptionsError at once", (_, path) => {
    expect(() => netrc(path as never)).toThrow(OptionsError);
  });

  test("outside Node there is none", async () => {
    await caught(readNetrcOfWeb(undefined), OptionsError);
  });
});

describe("$NETRC and ~/.netrc", () => {
  const ASK = `
    import { Client, netrc } from "../src/index.ts";
    const client = new Client({ auth: netrc(), trustEnv: process.env.TRUST !== "no" });
    const { error } = await client.get(process.env.ORIGIN).result();
    if (error) console.log(error.code, error.hint);
    await client.close();
  `;

  async function home(text: string, mode: number): Promise<string> {
    const path = await mkdtemp(join(folder, "home-"));
    await writeFile(join(path, ".netrc"), text);
    await chmod(join(path, ".netrc"), mode);
    return path;
  }

  async function asked(
    env: Record<string, string | undefined>,
  ): Promise<readonly [string | undefined, string]> {
    await using server = await serve(json({}));
    const { stdout, stderr } = await run(ASK, { NETRC: undefined, ...env, ORIGIN: server.origin });
    return [server.seen.at(-1)?.headers.authorization, stdout + stderr];
  }

  test("netrc() reads $NETRC before ~/.netrc, and ~/.netrc without it", async () => {
    const HOME = await home("machine 127.0.0.1 login home password h1", 0o600);
    expect(await asked({ HOME })).toEqual([basic("home:h1"), ""]);
    expect(await asked({ HOME, NETRC: await file(BOTH) })).toEqual([basic("ann:a1"), ""]);
  });

  test("#111 one switch (trustEnv: false) ignores netrc", async () => {
    const HOME = await home("machine 127.0.0.1 login home password h1", 0o600);
    expect(await asked({ HOME, TRUST: "no" })).toEqual([undefined, ""]);
    expect(await asked({ HOME, NETRC: await file(BOTH), TRUST: "no" })).toEqual([undefined, ""]);
  });

  test("#111 and not a file that the program names itself", async () => {
    await using server = await serve(json({}));
    await get(server.origin, { auth: netrc(await file(BOTH)), trustEnv: false });
    expect(server.last().headers.authorization).toBe(basic("ann:a1"));
  });

  test.skipIf(process.platform === "win32")(
    "one that others can read is refused, with what to do",
    async () => {
      const HOME = await home("machine 127.0.0.1 login home password h1", 0o644);
      const [sent, said] = await asked({ HOME });
      expect(sent).toBeUndefined();
      expect(said).toContain(`ERR_AUTH chmod 600 ${HOME}/.netrc`);
    },
  );

  test("#111 $NETRC of this very process: looked at where the environment is trusted, and refused where others can read it", async () => {
    await using server = await serve(json({}));
    const path = await file(BOTH);
    vi.stubEnv("NETRC", path);
    try {
      await get(server.origin, { auth: netrc() });
      expect(server.last().headers.authorization).toBe(basic("ann:a1"));
      await get(server.origin, { auth: netrc(), trustEnv: false });
      expect(server.last().headers.authorization).toBeUndefined();
      if (process.platform === "win32") return;
      await chmod(path, 0o644);
      const error = await caught(get(server.origin, { auth: netrc() }), AuthError);
      expect(error.message).toContain("can be read by others");
      expect(server.seen).toHaveLength(2);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("one without passwords may be read by all", async () => {
    const HOME = await home("machine 127.0.0.1 login home", 0o644);
    expect(await asked({ HOME })).toEqual([undefined, ""]);
  });

  test("no ~/.netrc is as good as an empty one; a $NETRC that is not there is an AuthError", async () => {
    const HOME = await mkdtemp(join(folder, "home-"));
    expect(await asked({ HOME })).toEqual([undefined, ""]);
    const [sent, said] = await asked({ HOME, NETRC: join(HOME, "nothing") });
    expect([sent, said.slice(0, 8)]).toEqual([undefined, "ERR_AUTH"]);
  });

  test("nothing reads a netrc file by itself", async () => {
    await using server = await serve(json({}));
    const program = 'import { get } from "../src/index.ts"; await get(process.env.ORIGIN);';
    const ended = await run(program, { NETRC: await file(BOTH), ORIGIN: server.origin });
    expect(ended.stderr).toBe("");
    expect(server.last().headers.authorization).toBeUndefined();
  });
});
