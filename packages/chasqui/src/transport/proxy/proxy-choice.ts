import type { ChasquiError } from "../../errors/chasqui-error.ts";
import { tellHint } from "../../errors/chasqui-error.ts";
import { NetworkError } from "../../errors/network-error.ts";
import { TimeoutError } from "../../errors/timeout-error.ts";
import type { Exchange } from "../transport.ts";
import { isLoopback } from "./address.ts";
import { EnvironmentProxies } from "./environment.ts";
import type { Destination } from "./no-proxy.ts";
import { destinationOf } from "./proxies.ts";
import type { ProxyServer } from "./proxy-server.ts";

/** Reads what the environment of the process says of proxies. */
function readEnvironment(): EnvironmentProxies | undefined {
  const { env, platform } = process;
  // By own property: what Object.prototype lends is no variable (S55).
  return EnvironmentProxies.read(
    (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
    platform === "win32",
  );
}

/** Chooses the proxies of a client's exchanges. The environment is read once, when it is first asked for. */
export class ProxyChoice {
  #environment: EnvironmentProxies | undefined;
  #isRead = false;

  /**
   * The proxy for an exchange; undefined is a direct connection.
   *
   * @throws {OptionsError} when a variable of the environment that is to be followed cannot be read.
   */
  for({ origin, proxy, connection }: Exchange): ProxyServer | undefined {
    if (proxy === null) return undefined;
    const environment = this.#environmentOnce();
    if (proxy === undefined && environment === undefined) return undefined;
    // Where a socket is the way there is no other.
    if (connection?.settings.unixSocket !== undefined) return undefined;
    const destination = destinationOf(origin);
    return proxy === undefined ? environment?.find(destination) : proxy.find(destination, environment);
  }

  #environmentOnce(): EnvironmentProxies | undefined {
    if (!this.#isRead) {
      this.#isRead = true;
      this.#environment = readEnvironment();
    }
    return this.#environment;
  }
}

/** Failures that may be of a network out of which only a proxy leads. */
const NO_WAY: ReadonlySet<string> = new Set(["dns", "unreachable", "refused"]);

/** Adds to a failure to connect directly what the proxies that were not used have to do with it (P12). */
export function adviseOnProxies(error: ChasquiError, { origin, proxy, connection }: Exchange): void {
  const timedOut = error instanceof TimeoutError && error.phase === "connect";
  if (!timedOut && !(error instanceof NetworkError && NO_WAY.has(error.kind))) return;
  const { proxy: used, unixSocket } = connection?.settings ?? {};
  if (used !== undefined || unixSocket !== undefined) return;
  const destination = destinationOf(origin);
  if (isLoopback(destination.host)) return;
  const advice = adviceFor(destination, proxy, error);
  if (advice !== undefined) tellHint(error, error.hint === undefined ? advice : `${error.hint} ${advice}`);
}

function adviceFor(
  destination: Destination,
  proxy: Exchange["proxy"],
  error: ChasquiError,
): string | undefined {
  const environment = readEnvironment();
  if (proxy === null) {
    const variable = environment?.variableFor(destination);
    return variable === undefined
      ? undefined
      : `The environment has ${variable}, which was not followed: \`trustEnv\` is false or \`proxy\` null.`;
  }
  if (proxy !== undefined) return "The option `proxy` names none for this host, so that no proxy was used.";
  if (environment !== undefined) return environment.why(destination);
  // Who refuses a connection has been reached.
  return error instanceof NetworkError && error.kind === "refused"
    ? undefined
    : "Where only a proxy leads out of the network, set HTTPS_PROXY (for http://, HTTP_PROXY) or the option `proxy`.";
}
