import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { OptionsError, type ProxyOption, secret } from "../../src/index.ts";
import { readProxies as readOnWeb } from "../../src/platform/web.ts";
import { EnvironmentProxies } from "../../src/transport/proxy/environment.ts";
import { destinationOf, readProxies } from "../../src/transport/proxy/proxies.ts";
import { readProxyServer } from "../../src/transport/proxy/proxy-server.ts";

type Variables = Readonly<Record<string, string>>;

function environment(variables: Variables, caseless = false): EnvironmentProxies | undefined {
  return EnvironmentProxies.read((name) => {
    if (!caseless) return variables[name];
    return Object.entries(variables).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  }, caseless);
}

function byEnvironment(variables: Variables, url: string, caseless?: boolean): string | undefined {
  return environment(variables, caseless)?.find(destinationOf(new URL(url).origin))?.name;
}

function byOption(proxy: ProxyOption, url: string, variables: Variables = {}): string | undefined {
  return readProxies(proxy)?.find(destinationOf(new URL(url).origin), environment(variables))?.name;
}

describe("#105 http_proxy, https_proxy and all_proxy, in either case", () => {
  test.each<[string, Variables, string, string | undefined]>([
    ["lower case", { http_proxy: "http://p:1" }, "http://a.test/", "http://p:1"],
    ["upper case", { HTTP_PROXY: "http://p:1" }, "http://a.test/", "http://p:1"],
    ["https, lower case", { https_proxy: "http://p:1" }, "https://a.test/", "http://p:1"],
    ["https, upper case", { HTTPS_PROXY: "http://p:1" }, "https://a.test/", "http://p:1"],
    ["all, lower case", { all_proxy: "http://p:1" }, "https://a.test/", "http://p:1"],
    ["all, upper case", { ALL_PROXY: "socks5h://p:1" }, "http://a.test/", "socks5h://p:1"],
    [
      "both cases: the lower one",
      { HTTPS_PROXY: "http://u:1", https_proxy: "http://l:2" },
      "https://a.test/",
      "http://l:2",
    ],
    [
      "a scheme's own before all",
      { all_proxy: "http://p:1", https_proxy: "http://s:2" },
      "https://a.test/",
      "http://s:2",
    ],
    [
      "that of the other scheme is not for this one",
      { http_proxy: "http://p:1" },
      "https://a.test/",
      undefined,
    ],
    ["nor the other way round", { https_proxy: "http://p:1" }, "http://a.test/", undefined],
    [
      "an unrelated variable",
      { FTP_PROXY: "http://p:1", npm_config_proxy: "http://p:1", MY_PROXY: "http://p:1" },
      "http://a.test/",
      undefined,
    ],
    ["mixed case is another variable", { Http_Proxy: "http://p:1" }, "http://a.test/", undefined],
    ["no scheme: http", { http_proxy: "p.test:3128" }, "http://a.test/", "http://p.test:3128"],
    [
      "no scheme and a name that looks like one",
      { http_proxy: "localhost:3128" },
      "http://a.test/",
      "http://localhost:3128",
    ],
    ["no scheme and no port", { http_proxy: "p.test" }, "http://a.test/", "http://p.test:80"],
    ["no scheme and a user", { http_proxy: "u:p@p.test:3128" }, "http://a.test/", "http://p.test:3128"],
    ["space around it", { http_proxy: "  http://p:1 " }, "http://a.test/", "http://p:1"],
    ["an empty one is none", { https_proxy: "" }, "https://a.test/", undefined],
    [
      "an empty lower one switches the upper off",
      { https_proxy: "", HTTPS_PROXY: "http://p:1" },
      "https://a.test/",
      undefined,
    ],
    ["NO_PROXY", { https_proxy: "http://p:1", NO_PROXY: "a.test" }, "https://a.test/", undefined],
    [
      "no_proxy before NO_PROXY",
      { https_proxy: "http://p:1", NO_PROXY: "a.test", no_proxy: "b.test" },
      "https://a.test/",
      "http://p:1",
    ],
    ["the default port of https", { https_proxy: "https://p.test" }, "https://a.test/", "https://p.test:443"],
    [
      "the default port of SOCKS",
      { all_proxy: "socks5://p.test" },
      "https://a.test/",
      "socks5://p.test:1080",
    ],
    ["port 80 of SOCKS", { all_proxy: "socks5://p.test:80" }, "https://a.test/", "socks5://p.test:80"],
    ["port 443 of SOCKS", { all_proxy: "socks5://p.test:443" }, "https://a.test/", "socks5://p.test:443"],
    [
      "socks: lets the proxy resolve names",
      { all_proxy: "socks://p.test" },
      "https://a.test/",
      "socks5h://p.test:1080",
    ],
    [
      "an IPv6 proxy",
      { http_proxy: "http://[2001:db8::1]:3128" },
      "http://a.test/",
      "http://[2001:db8::1]:3128",
    ],
    ["this machine by name", { all_proxy: "http://p:1" }, "http://localhost:8080/", undefined],
    ["this machine by address", { all_proxy: "http://p:1" }, "http://127.0.0.1:8080/", undefined],
    ["S53 this machine in hexadecimal", { all_proxy: "http://p:1" }, "http://0x7f.1/", undefined],
    ["S53 this machine by IPv6", { all_proxy: "http://p:1" }, "http://[::1]/", undefined],
    [
      "S53 this machine by IPv4 in IPv6",
      { all_proxy: "http://p:1" },
      "http://[::ffff:127.0.0.1]/",
      undefined,
    ],
  ])("%s", (_what, variables, url, expected) => {
    expect(byEnvironment(variables, url)).toBe(expected);
  });

  test("none of them is no object at all", () => {
    expect(environment({ NO_PROXY: "a.test", PATH: "/bin" })).toBeUndefined();
  });

  test("httpoxy: under CGI HTTP_PROXY is a header of somebody's, and http_proxy is not", () => {
    const cgi = { REQUEST_METHOD: "GET" };
    expect(byEnvironment({ ...cgi, HTTP_PROXY: "http://evil:1" }, "http://a.test/")).toBeUndefined();
    expect(
      byEnvironment({ ...cgi, HTTP_PROXY: "http://evil:1", http_proxy: "http://p:1" }, "http://a.test/"),
    ).toBe("http://p:1");
    expect(byEnvironment({ ...cgi, HTTPS_PROXY: "http://p:1" }, "https://a.test/")).toBe("http://p:1");
  });

  test("httpoxy: where names have no case, neither is read", () => {
    const variables = { REQUEST_METHOD: "GET", HTTP_PROXY: "http://evil:1" };
    expect(byEnvironment(variables, "http://a.test/", true)).toBeUndefined();
    expect(byEnvironment({ HTTP_PROXY: "http://p:1" }, "http://a.test/", true)).toBe("http://p:1");
  });

  test.each([
    ["a scheme that is not spoken", "ftp://p:1", /^`https_proxy` names a proxy of the scheme ftp:/],
    ["SOCKS4", "socks4://p:1", /scheme socks4:/],
    ["a port that is none", "http://u:s3cret@p:port", /^`https_proxy` is not the URL of a proxy$/],
    ["port 0", "http://p:0", /^`https_proxy` is not the URL of a proxy$/],
    ["a password with a slash", "http://u:s3cret/x@p:1", /^`https_proxy` is not the URL of a proxy$/],
    ["a password with a hash", "http://u:s3cret#x@p:1", /^`https_proxy` is not the URL of a proxy$/],
    ["no host", "http://u:s3cret@:3128", /^`https_proxy` is not the URL of a proxy$/],
    ["a path", "http://u:s3cret@p:1/proxy.pac", /^`https_proxy` has a path/],
    ["a user with a colon", "http://a%3As3cret:s3cret@p:1", /^`https_proxy`: The user name of Basic/],
  ])("#110 %s is an error that names the variable and not the password", (_what, url, message) => {
    const proxies = environment({ https_proxy: url });
    // It is one for whom it concerns, and for nobody else.
    expect(proxies?.find(destinationOf("http://a.test"))).toBeUndefined();
    try {
      proxies?.find(destinationOf("https://a.test"));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OptionsError);
      expect(error).toMatchObject({ option: "https_proxy", message: expect.stringMatching(message) });
      expect(inspect(error)).not.toContain("s3cret");
    }
  });
});

describe("#107 the noProxy of an option beats the environment's", () => {
  const variables = { all_proxy: "http://env:1", no_proxy: "a.test" };

  test("in place of the environment's list, with the environment's proxies", () => {
    expect(byOption({ noProxy: "b.test" }, "http://a.test/", variables)).toBe("http://env:1");
    expect(byOption({ noProxy: "b.test" }, "http://b.test/", variables)).toBeUndefined();
    expect(byOption({ noProxy: [] }, "http://a.test/", variables)).toBe("http://env:1");
  });

  test("a proxy of one's own knows only the list that came with it", () => {
    expect(byOption("http://own:1", "http://a.test/", variables)).toBe("http://own:1");
    expect(byOption({ url: "http://own:1", noProxy: ["c.test"] }, "http://a.test/", variables)).toBe(
      "http://own:1",
    );
    expect(
      byOption({ url: "http://own:1", noProxy: ["c.test"] }, "http://c.test/", variables),
    ).toBeUndefined();
  });

  test("an option's proxy is used for this machine too", () => {
    expect(byOption("http://own:1", "http://127.0.0.1/")).toBe("http://own:1");
  });
});

describe("#108 the most specific pattern wins", () => {
  const map = {
    all: "http://all:1",
    http: "http://http:1",
    "all://api.test": "http://all-host:1",
    "https://api.test": "http://https-host:1",
    "all://*.api.test": "http://below:1",
    "all://*.v1.api.test": "http://far-below:1",
    "all://api.test:8443": "http://port:1",
    "all://direct.test": null,
    "http://[::1]": "http://six:1",
    "all://0x7f.1": "http://four:1",
  };

  test.each([
    ["scheme and host", "https://api.test/", "http://https-host:1"],
    ["all and host", "http://api.test/", "http://all-host:1"],
    ["host and port", "http://api.test:8443/", "http://port:1"],
    ["scheme", "http://other.test/", "http://http:1"],
    ["all", "https://other.test/", "http://all:1"],
    ["below a host", "https://x.api.test/", "http://below:1"],
    ["far below it", "https://x.v1.api.test/", "http://far-below:1"],
    ["not on the dot", "https://xapi.test/", "http://all:1"],
    ["null is none", "https://direct.test/", undefined],
    ["an IPv6 address", "http://[0:0::1]/", "http://six:1"],
    ["S53 an address in any spelling", "https://127.0.0.1/", "http://four:1"],
    ["S53 a dot at the end", "https://api.test./", "http://https-host:1"],
  ])("%s: %s", (_what, url, expected) => {
    expect(byOption(map, url)).toBe(expected);
    // Whatever order they are written in.
    expect(byOption(Object.fromEntries(Object.entries(map).reverse()), url)).toBe(expected);
  });

  test("what no pattern matches is left to the environment, and null keeps it out", () => {
    const variables = { all_proxy: "http://env:1" };
    expect(byOption({ http: "http://p:1" }, "https://a.test/", variables)).toBe("http://env:1");
    expect(byOption({ http: "http://p:1", all: null }, "https://a.test/", variables)).toBeUndefined();
    expect(byOption({}, "https://a.test/", variables)).toBe("http://env:1");
    expect(readProxies(null)).toBeNull();
  });

  test("#111 without trust the environment is left out", () => {
    const proxies = readProxies({ http: "http://p:1" })?.alone;
    const variables = environment({ all_proxy: "http://env:1" });
    expect(proxies?.find(destinationOf("https://a.test"), variables)).toBeUndefined();
    expect(proxies?.find(destinationOf("http://a.test"), variables)?.name).toBe("http://p:1");
  });

  test.each([
    ["a host without a scheme", { "api.test": "http://p:1" }, /the pattern "api\.test", which is none/],
    ["another scheme", { "ftp://api.test": "http://p:1" }, /the pattern "ftp:\/\/api\.test"/],
    ["a path", { "all://api.test/v1": "http://p:1" }, /the pattern/],
    [
      "a bad proxy",
      { "all://api.test": "ftp://u:s3cret@p:1" },
      /`proxy\["all:\/\/api\.test"\]` names a proxy of the scheme ftp:/,
    ],
    ["a name of another client's", { uri: "http://p:1" }, /`uri` is no option here/],
    ["no URL", { auth: ["u", "s3cret"] }, /`proxy\.auth` is said of no proxy/],
    ["a Map", new Map([["all", "http://p:1"]]), /`proxy` is .*; it takes a URL/],
    ["a list", ["http://p:1"], /`proxy` is .*; it takes a URL/],
    ["options in a map in a map", { all: { all: "http://p:1" } }, /`all` is no option here/],
    ["a number", 3128, /`proxy` is the number 3128/],
    ["a boolean", true, /`proxy` is the boolean true/],
    ["a URL that is a number", { url: 5 }, /`proxy` is the number 5; it takes the URL of a proxy/],
    ["credentials of three parts", { url: "http://p:1", auth: ["u", "s3cret", "x"] }, /`proxy\.auth` takes/],
    ["credentials as a string", { url: "http://p:1", auth: "u:s3cret" }, /`proxy\.auth` takes/],
    [
      "a header of the message itself",
      { url: "http://p:1", headers: { Host: "x" } },
      /`proxy\.headers` has Host/,
    ],
    [
      "a token for SOCKS",
      { url: "socks5://p:1", auth: secret("s3cret") },
      /`proxy\.auth` is for http and https/,
    ],
    [
      "headers for SOCKS",
      { url: "socks5://p:1", headers: { a: "b" } },
      /`proxy\.headers` is for http and https/,
    ],
    ["SOCKS credentials that are too long", `socks5://u:${"s3cret".repeat(50)}@p:1`, /1 to 255 bytes/],
    [
      "a bad option of TLS",
      { url: "https://p:1", tls: { verify: false } },
      /`proxy\.tls` has no field "verify"/,
    ],
    ["a bad list", { url: "https://p:1", noProxy: ["a b", "a/b"] }, /`proxy\.noProxy` has the entry/],
  ])("a bad option is refused before anything is sent: %s", (_what, given, message) => {
    const proxy: unknown = given;
    try {
      readProxies(proxy);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OptionsError);
      expect(error).toMatchObject({ message: expect.stringMatching(message) });
      expect(inspect(error)).not.toContain("s3cret");
    }
  });
});

test("a URL object is as good as its text", () => {
  expect(byOption(new URL("http://us:pw@p:3128"), "http://a.test/")).toBe("http://p:3128");
  expect(byOption({ url: new URL("socks5://p") }, "http://a.test/")).toBe("socks5://p:1080");
});

describe("where the runtime makes the connections", () => {
  test("a proxy is refused by name, and none is none", () => {
    expect(readOnWeb(null)).toBeNull();
    expect(() => readOnWeb("http://p:1")).toThrow(OptionsError);
    expect(() => readOnWeb("http://p:1")).toThrow("`proxy` needs Node");
  });
});

describe("what a proxy is told", () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
  test.each([
    ["a user and a password", "http://us:pw@p:1", basic("us:pw")],
    ["percent-encoded", "http://us%40x:p%3A%2F%20w@p:1", basic("us@x:p:/ w")],
    ["a percent sign that stands for itself", "http://us:50%@p:1", basic("us:50%")],
    ["in UTF-8", "http://us:%C3%A9@p:1", basic("us:é")],
    ["#110 an empty password", "http://us:@p:1", basic("us:")],
    ["#110 no password", "http://us@p:1", basic("us:")],
    ["#110 an empty user", "http://:pw@p:1", basic(":pw")],
  ])("%s", (_what, url, expected) => {
    expect(readProxyServer(url, "proxy").headers).toEqual(["proxy-authorization", expected]);
  });

  test("nobody's credentials are none", () => {
    expect(readProxyServer("http://p:1", "proxy").headers).toEqual([]);
  });

  test("credentials by option come before those of the URL", () => {
    const find = (proxy: ProxyOption) => readProxies(proxy)?.find(destinationOf("http://a.test"), undefined);
    expect(find({ url: "http://us:pw@p:1", auth: ["me", secret("mine")] })?.headers).toEqual([
      "proxy-authorization",
      basic("me:mine"),
    ]);
    expect(find({ url: "http://us:pw@p:1", auth: secret("t0ken") })?.headers).toEqual([
      "proxy-authorization",
      "Bearer t0ken",
    ]);
    expect(find({ url: "socks5://us:pw@p:1", auth: ["me", "mine"] })?.user).toEqual({
      username: "me",
      password: "mine",
    });
  });

  test("it prints without them", () => {
    const proxies = readProxies({
      "all://a.test": "http://us:s3cret@p:1",
      http: { url: "http://p:2", auth: secret("s3cret") },
    });
    const found = proxies?.find(destinationOf("http://a.test"), undefined);
    const printed =
      inspect([proxies, found], { depth: 9, showHidden: true }) + JSON.stringify([proxies, found]);
    expect(printed).not.toContain("s3cret");
    expect(printed).not.toContain(btoa("us:s3cret"));
    expect(printed).toContain("all://a.test: http://p:1");
  });

  test("S32 other credentials, headers or certificates are another proxy, and the same are the same", () => {
    const key = (proxy: ProxyOption): string | undefined =>
      readProxies(proxy)?.find(destinationOf("http://a.test"), undefined)?.over(undefined).key;
    const keys = [
      key("http://p:1"),
      key("http://us:pw@p:1"),
      key("http://us:pq@p:1"),
      key("http://p:2"),
      key("https://p:1"),
      key("socks5://us:pw@p:1"),
      key("socks5h://us:pw@p:1"),
      key({ url: "http://p:1", headers: { a: "b" } }),
      key({ url: "https://p:1", tls: { rejectUnauthorized: false } }),
      key({ url: "https://p:1", tls: { servername: "q" } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(key("http://us:pw@p:1")).toBe(key({ url: "http://p:1", auth: ["us", "pw"] }));
  });
});
