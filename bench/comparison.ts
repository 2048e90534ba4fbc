/** Rounds in turn, and what they come to. */
import type { Contender } from "./contender.ts";
import type { Comparison, Round, Target } from "./scenario.ts";
import { REFERENCE } from "./scenario.ts";

/** What a client took in one round, and right beside it those that it is held to. */
export interface Turn {
  readonly own: Round;
  readonly beside: ReadonlyMap<string, Round>;
}

/** The turns of all contenders in one round. */
export type Rounds = ReadonlyMap<string, Turn>;

/** The middle value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share of all values lies, between two of them in proportion. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * Holds one client after the other to the reference, and to whom else a target names: they take turns, round by round, and the client
 * begins every second one. So they have the same machine, which others use too and which is another one ten seconds later. All begin
 * anew with each client, so that V8 has optimized as much of the one as of the other, and none waits while others work: code that has
 * not run for some seconds is thrown away.
 *
 * @param start - Makes ready what is compared, by its name.
 */
export async function compare(
  names: readonly string[],
  start: (name: string) => Promise<Contender>,
  {
    units,
    rounds,
    warmUp,
    warmFor = 0,
    targets,
  }: Omit<Comparison, "name" | "title" | "unit" | "clients" | "by">,
): Promise<Rounds[]> {
  const all = Array.from({ length: rounds }, () => new Map<string, Turn>());
  for (const name of names) {
    await using stack = new AsyncDisposableStack();
    const client = stack.use(await start(name));
    const held = targets.flatMap((target) =>
      "over" in target && target.client === name && names.includes(target.over) ? [target.over] : [],
    );
    const others: Contender[] = [];
    for (const other of new Set([REFERENCE, ...held])) {
      if (other !== name) others.push(stack.use(await start(other)));
    }
    let worked = 0;
    for (let i = 0; i < warmUp || worked < warmFor; i++) {
      worked += (await client.round(units)).wall;
      for (const other of others) await other.round(units);
    }
    for (const [i, round] of all.entries()) {
      const took = new Map<string, Round>();
      for (const each of i % 2 === 0 ? [...others, client] : [client, ...others]) {
        took.set(each.name, await each.round(units));
      }
      const own = took.get(name);
      if (own !== undefined) round.set(name, { own, beside: took });
    }
  }
  return all;
}

/** What `over` took divided by what `client` took beside it, round by round: above 1 the client is the cheaper. */
export function ratios(
  rounds: readonly Rounds[],
  by: Comparison["by"],
  client: string,
  over: string,
): readonly number[] {
  return rounds.flatMap((round) => {
    const turn = round.get(client);
    const other = turn?.beside.get(over);
    return turn === undefined || other === undefined ? [] : [other[by] / turn.own[by]];
  });
}

/** What one contender came to. */
export interface Figures {
  readonly name: string;
  /** Milliseconds a unit. */
  readonly wall: number;
  readonly cpu: number;
  /** To the reference; undefined where it did not run. The middle half of the rounds lies between `low` and `high`. */
  readonly ratio: { readonly median: number; readonly low: number; readonly high: number } | undefined;
  /** MB. */
  readonly peak: number;
}

export function figuresOf(
  rounds: readonly Rounds[],
  { by, units }: Pick<Comparison, "by" | "units">,
  name: string,
): Figures {
  const own = rounds.flatMap((round) => round.get(name)?.own ?? []);
  const paired = ratios(rounds, by, name, REFERENCE);
  return {
    name,
    wall: median(own.map(({ wall }) => wall)) / units,
    cpu: median(own.map(({ cpu }) => cpu)) / units,
    ratio:
      paired.length === 0
        ? undefined
        : { median: median(paired), low: quantile(paired, 0.25), high: quantile(paired, 0.75) },
    peak: Math.max(...own.map(({ peak }) => peak)),
  };
}

/** A target beside what came out; undefined where those that it names did not run. */
export function verdictOn(
  target: Target,
  rounds: readonly Rounds[],
  { by, units }: Pick<Comparison, "by" | "units">,
): string | undefined {
  if ("peakBelow" in target) {
    const { peak } = figuresOf(rounds, { by, units }, target.client);
    if (!Number.isFinite(peak)) return undefined;
    const said = peak < target.peakBelow ? "met" : "MISSED";
    return `${target.client}: peak memory ${peak.toFixed(0)} MB, to be below ${target.peakBelow} MB: ${said}`;
  }
  const figure = median(ratios(rounds, by, target.client, target.over));
  if (Number.isNaN(figure)) return undefined;
  const said = figure >= target.atLeast ? "met" : "MISSED";
  return `${target.client} over ${target.over}: ${figure.toFixed(2)}, to be at least ${target.atLeast}: ${said}`;
}
