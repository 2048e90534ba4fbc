import { type Rule, rulesOf } from "./rule.ts";

const CHOICE = ["proxy/proxy-choice.test.ts", "proxy/no-proxy.test.ts", "client/proxies.test.ts"];
const TUNNELS = ["proxy/tunnels.test.ts", "client/proxies.test.ts"];
const TLS = [
  "transport/connection-options.test.ts",
  "client/tls.test.ts",
  "client/connections.test.ts",
  "client/proxies.test.ts",
];

/** By which way a connection is made, whom it trusts, and who may use it. */
export const CONNECTION_RULES: readonly Rule[] = [
  ...rulesOf("transport/proxy/environment.ts", CHOICE, [
    [
      "this machine is never reached by the environment's proxy",
      "ProxyServer | undefined {\n    if (isLoopback(destination.host)) return undefined;",
      "ProxyServer | undefined {",
    ],
    ["NO_PROXY is obeyed", "if (list?.find(destination) !== undefined) return undefined;", ""],
    [
      "a list of the option's beats the environment's",
      "const list = noProxy ?? this.#noProxy?.list;",
      "const list = this.#noProxy?.list;",
    ],
    [
      "under CGI HTTP_PROXY is somebody's header",
      'const cgi = variables("REQUEST_METHOD") !== undefined;',
      "const cgi = false;",
    ],
    ["an empty variable is no proxy", 'if (this.#text.trim() === "") return undefined;', ""],
    [
      "a proxy of http is none of https",
      '(scheme === "https" ? this.#https : this.#http) ?? this.#all',
      "this.#http ?? this.#https ?? this.#all",
    ],
    [
      "the lower case comes first",
      "only(variables, name) ?? only(variables, name.toUpperCase())",
      "only(variables, name.toUpperCase()) ?? only(variables, name)",
    ],
  ]),
  ...rulesOf("transport/proxy/no-proxy.ts", CHOICE, [
    ["a name ends at a dot", "destination.host.endsWith(`.${host}`)", "destination.host.endsWith(host)"],
    ["an entry's port is the port", "if (port !== undefined && port !== destination.port) return false;", ""],
    [
      "an entry's host is read as a host",
      'const host = canonicalHost(name.replace(/^\\*?\\./, ""));',
      'const host = name.replace(/^\\*?\\./, "");',
    ],
    [
      "addresses are compared as addresses",
      "return own !== undefined && isWithin(bytes, { bytes: own, bits: own.length * 8 });",
      "return destination.host === host;",
    ],
    [
      "a block has its bits",
      'if (typeof host !== "string") return bytes !== undefined && isWithin(bytes, host);',
      'if (typeof host !== "string") return false;',
    ],
  ]),
  ...rulesOf("transport/proxy/address.ts", CHOICE, [
    [
      "a dot at the end of a host is nothing",
      'return host.endsWith(".") ? host.slice(0, -1) : host;',
      "return host;",
    ],
    [
      "an IPv4 address within IPv6 is that address",
      "return isMapped(bytes) ? bytes.slice(MAPPED) : bytes;",
      "return bytes;",
    ],
    ["all of 127/8 is this machine", "bytes[0] === 127 ||", "(bytes[0] === 127 && bytes[3] === 1) ||"],
    [
      "::1 is this machine",
      "return bytes.slice(0, 15).every((byte) => byte === 0) && (bytes[15] ?? 0) <= 1;",
      "return false;",
    ],
  ]),
  ...rulesOf("transport/proxy/proxies.ts", CHOICE, [
    ["the pattern that says most wins", "new Proxies(patterns.sort(bySpecificity))", "new Proxies(patterns)"],
    ["null is a direct connection", "if (said?.proxy === null || said?.noProxy", "if (said?.noProxy"],
    [
      "without trust the environment is left out",
      "return this.#environment ? environment?.find(destination, said?.noProxy) : undefined;",
      "return environment?.find(destination, said?.noProxy);",
    ],
  ]),
  ...rulesOf(
    "transport/proxy/proxied-exchange.ts",
    ["client/proxies.test.ts"],
    [
      ["a proxy's credentials are not given by hand", "refuseByHand(exchange.headers);", ""],
      [
        "through a tunnel the server learns nothing of the proxy",
        "this.headers = this.#isForwarded ? [...exchange.headers, ...server.headers] : exchange.headers;",
        "this.headers = [...exchange.headers, ...server.headers];",
      ],
      [
        "a proxy is told its credentials",
        "this.headers = this.#isForwarded ? [...exchange.headers, ...server.headers] : exchange.headers;",
        "this.headers = exchange.headers;",
      ],
      ["a 407 is the proxy's", "if (this.#isForwarded && head.status === 407) {", "if (false) {"],
      [
        "what is https is not forwarded",
        '!server.isSocks && exchange.origin.startsWith("http:")',
        "!server.isSocks",
      ],
    ],
  ),
  ...rulesOf("transport/proxy/through-proxy.ts", TUNNELS, [
    [
      "https goes through a tunnel",
      'if (target.protocol === "http:" && !proxy.isSocks) return socket;',
      "if (!proxy.isSocks) return socket;",
    ],
    ["what comes before the tunnel was used is refused", "refuseEarlyBytes(socket, proxy);", ""],
    ["pins and names of the proxy's own are checked", "secure.check(secured, target, tls);", ""],
  ]),
  ...rulesOf("transport/proxy/connect-tunnel.ts", TUNNELS, [
    [
      "a proxy's interim answers end",
      "interim <= INTERIM_LIMIT;",
      "interim <= 1e9;",
      "an answer to CONNECT is read strictly",
    ],
    [
      "a proxy's answer has an end",
      "if (bytes.length > HEADER_LIMIT) throw",
      "if (false) throw",
      "an answer to CONNECT is read strictly",
    ],
    [
      "a status line is one",
      "if (status === undefined) throw notHttp",
      "if (false) throw notHttp",
      "an answer to CONNECT is read strictly",
    ],
    [
      "a header is one",
      'if (fields.includes(null)) throw notHttp(proxy, "a bad header");',
      "",
      "an answer to CONNECT is read strictly",
    ],
    ["only a 2xx is a tunnel", "if (status < 300) return;", "return;"],
  ]),
  ...rulesOf("transport/proxy/socks5.ts", TUNNELS, [
    [
      "a method is one that was offered",
      "if (!methods.includes(method)) throw notSocks(proxy);",
      "",
      "SOCKS: an answer is read strictly",
    ],
    ["credentials must be accepted", "if (status === 0) return;", "return;", "credentials that are refused"],
    ["a reply must say yes", "if (code !== 0) {", "if (false) {", "SOCKS: an answer is read strictly"],
    [
      "a reply is of SOCKS 5",
      "if (version !== VERSION) throw notSocks(proxy);\n  if (code",
      "if (code",
      "SOCKS: an answer is read strictly",
    ],
  ]),
  ...rulesOf(
    "transport/proxy/proxy-server.ts",
    ["proxy/proxy-choice.test.ts", "client/proxies.test.ts"],
    [
      [
        "other credentials are another proxy",
        "JSON.stringify([user?.username, user?.password, ...this.#headers, tls?.key])",
        "JSON.stringify([tls?.key])",
      ],
      ["other TLS is another proxy", "...this.#headers, tls?.key]", "...this.#headers]"],
      [
        "a proxy prints without its credentials",
        "return `${this.protocol}://${this.host}`;",
        "return `${this.protocol}://${this.#headers.join()}${this.host}`;",
      ],
      [
        "a proxy's URL has no path",
        'if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return refusePath(source);',
        "",
      ],
      ["a scheme is one that is spoken", "if (!isProtocol(protocol)) {", "if (false) {"],
    ],
  ),
  ...rulesOf("transport/pool.ts", TLS, [
    [
      "the options of a connection are part of its key",
      "return options === undefined ? origin : `${origin} ${options.key}`;",
      "return origin;",
    ],
  ]),
  ...rulesOf(
    "transport/origin-pool.ts",
    ["client/network-errors.test.ts", "client/pool-limits.test.ts", "client/timeouts.test.ts"],
    [["connections have an end", "if (this.#all.size >= this.#pool.limits.perOrigin) return undefined;", ""]],
  ),
  ...rulesOf(
    "transport/stream-end.ts",
    ["client/http2.test.ts"],
    [["a stream that is cut off is no whole body", "isCutOff = stream.closed;", "isCutOff = false;"]],
  ),
  ...rulesOf("transport/connection-options.ts", TLS, [
    [
      "a client's certificate stays at home",
      '["cert", "key", "pfx", "passphrase", "servername", "pins"] as const',
      '["servername", "pins"] as const',
    ],
    [
      "a Unix socket stays at home",
      "unixSocket: staysBehind(unixSocket, home?.unixSocket) ? undefined : unixSocket,",
      "unixSocket,",
    ],
    ["a function is told from another", "return { function: numberOf(value) };", "return {};"],
    [
      "a passphrase is told from another",
      "if (isSecret(value)) return value.reveal();",
      "if (isSecret(value)) return null;",
    ],
  ]),
  ...rulesOf("transport/secure-socket.ts", TLS, [
    ["certificates are checked", "rejectUnauthorized: !unverified,", "rejectUnauthorized: false,"],
    [
      "a session belongs to its options",
      '`${options?.key ?? ""} ${target.hostname} ',
      "`${target.hostname} ",
    ],
    ["a pin is held", "if (pins.includes(seen)) return;", "return;"],
    [
      "a context belongs to its options",
      'const key = tls === undefined && trustEnv === undefined ? "" : (options?.key ?? "");',
      'const key = "";',
    ],
    [
      "who does not verify is warned",
      "if (unverified) this.#warn();",
      "",
      "warns once a client, and only when it happens",
    ],
  ]),
  // No row speaks of pins.
  {
    name: "no session stands for a pin",
    file: "transport/secure-socket.ts",
    is: "const resumed = tls?.pins === undefined && !unverified;",
    becomes: "const resumed = !unverified;",
    tests: ["client/tls.test.ts"],
    heldBy: "let the pinned key in, also when it comes back on a session or a new connection",
  },
  // No row speaks of versions.
  {
    name: "an older TLS is not spoken",
    file: "transport/connection-options.ts",
    is: 'LOWEST_VERSION: TlsVersion = "TLSv1.2";',
    becomes: 'LOWEST_VERSION: TlsVersion = "TLSv1";',
    tests: ["client/tls.test.ts"],
    heldBy: "below TLS 1.2 none is spoken unless it is asked for",
  },
];
