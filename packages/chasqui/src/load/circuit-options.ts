import { type Duration, milliseconds } from "../duration.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { Breakers, type CircuitPolicy } from "./breaker.ts";
import { fieldsOf, shareOf, wholeOf } from "./fields.ts";

/** When calls to an origin that fails are no longer made. What is left out keeps its default. */
export interface CircuitOptions {
  /** The share of requests, from 0 to 1, that has to fail for the circuit to open. Default 0.5. */
  readonly share?: number | undefined;
  /** How many requests there have to be in the window before a share means anything. Default 20. */
  readonly minimum?: number | undefined;
  /** How far back requests count. Default 30 s. */
  readonly window?: Duration | undefined;
  /** How long nothing is sent once it is open. Default 30 s. */
  readonly cooldown?: Duration | undefined;
  /** How many requests at a time are let through after that, to see whether the server is well again. Default 1. */
  readonly probes?: number | undefined;
  /** Statuses that count as failures. Default 500, 502, 503, 504. */
  readonly statuses?: readonly number[] | undefined;
}

/** The option `circuit`: true for the defaults, parts of a policy, or false. */
export type CircuitOption = boolean | CircuitOptions;

/** A policy, and what its clients have seen: those that share the policy share that too. */
export interface Circuits {
  readonly policy: CircuitPolicy;
  readonly breakers: Breakers;
}

const DEFAULTS: CircuitPolicy = {
  share: 0.5,
  minimum: 20,
  window: 30_000,
  cooldown: 30_000,
  probes: 1,
  statuses: [500, 502, 503, 504],
};

const FIELDS = ["share", "minimum", "window", "cooldown", "probes", "statuses"] as const;

/**
 * Reads the option of a client.
 *
 * @throws {OptionsError} naming what is wrong with it.
 */
export function readCircuit(value: unknown): Circuits | undefined {
  if (value === false) return undefined;
  const given = value === true ? {} : fieldsOf(value, FIELDS, "circuit");
  const policy: CircuitPolicy = {
    share: given.share === undefined ? DEFAULTS.share : shareOf(given.share, "circuit.share"),
    minimum: given.minimum === undefined ? DEFAULTS.minimum : wholeOf(given.minimum, "circuit.minimum"),
    window: given.window === undefined ? DEFAULTS.window : milliseconds(given.window, "circuit.window"),
    cooldown:
      given.cooldown === undefined ? DEFAULTS.cooldown : milliseconds(given.cooldown, "circuit.cooldown"),
    probes: given.probes === undefined ? DEFAULTS.probes : wholeOf(given.probes, "circuit.probes"),
    statuses: given.statuses === undefined ? DEFAULTS.statuses : statusesOf(given.statuses),
  };
  return { policy, breakers: new Breakers(policy) };
}

function statusesOf(given: unknown): readonly number[] {
  const fits = (status: unknown): status is number =>
    Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 999;
  if (Array.isArray(given) && given.every(fits)) return [...given];
  throw new OptionsError(
    `\`circuit.statuses\` is ${kindOf(given)}; it takes a list of numbers from 200 to 999`,
    {
      option: "circuit.statuses",
    },
  );
}
