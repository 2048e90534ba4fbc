import { diagnosticChannel } from "#platform";
import type { Channel } from "./channel.ts";

/** What the process can be told: `node:diagnostics_channel` names them so. */
export type Told = (typeof NAMES)[number];

const NAMES = [
  "chasqui:call:start",
  "chasqui:call:end",
  "chasqui:exchange:start",
  "chasqui:exchange:end",
] as const;

const CHANNELS = new Map(NAMES.map((name) => [name, diagnosticChannel(name)]));

/** The channel, where somebody listens to it. */
export function heard(name: Told): Channel | undefined {
  const channel = CHANNELS.get(name);
  return channel?.hasSubscribers === true ? channel : undefined;
}

const [callStart, callEnd, exchangeStart, exchangeEnd] = NAMES.map((name) => CHANNELS.get(name));

/** Whether anybody listens to any of them: read for each call, so it reads four properties and no more. */
export function anyHeard(): boolean {
  return (
    callStart?.hasSubscribers === true ||
    callEnd?.hasSubscribers === true ||
    exchangeStart?.hasSubscribers === true ||
    exchangeEnd?.hasSubscribers === true
  );
}
