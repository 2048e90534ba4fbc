import { ApiState } from "./apis/state.ts";
import { Clients } from "./auth/clients.ts";
import { Nonces } from "./auth/nonces.ts";
import { SignIns } from "./auth/sign-ins.ts";
import { Signatures } from "./auth/signatures.ts";
import { Tokens } from "./auth/tokens.ts";
import type { Settings } from "./options.ts";
import { type Base, generatedBases, listedBase } from "./rows/base.ts";
import { Collection } from "./rows/collection.ts";
import { type Keeper, memoryKeeper } from "./rows/keeper.ts";
import { isRow, type Row } from "./rows/row.ts";
import { sqliteKeeper } from "./rows/sqlite-keeper.ts";
import { Runs } from "./runs.ts";

/** What the handlers share: the rows, the counters, the settings. */
export interface World {
  readonly settings: Settings;
  readonly collections: ReadonlyMap<string, Collection>;
  /** Objects of own data, which are resources of one row, such as `/profile`. */
  readonly singles: Map<string, Row>;
  readonly keeper: Keeper;
  readonly runs: Runs;
  readonly tokens: Tokens;
  readonly clients: Clients;
  readonly signIns: SignIns;
  readonly signatures: Signatures;
  readonly nonces: Nonces;
  /** The users of the sessions, by the value of the cookie. */
  readonly sessions: Map<string, string>;
  /** What was written to the look-alikes. */
  readonly apis: ApiState;
}

/** The resource under which the objects of own data are kept. No array can have this name in a URL. */
const SINGLES = "";

/** Makes the rows and everything around them. */
export function makeWorld(settings: Settings): World {
  const { data, keep, posts, seed } = settings;
  const origin = data
    ? `the own data with ${Object.keys(data).sort().join(", ")}`
    : `${posts} posts of seed ${seed}`;
  const keeper = typeof keep === "string" ? sqliteKeeper(keep, origin) : memoryKeeper;
  const bases = data ? listedBases(data) : generatedBases(posts, seed);
  const singles = new Map(
    Object.entries(data ?? {}).filter((entry): entry is [string, Row] => isRow(entry[1])),
  );
  for (const [name, row] of keeper.load(SINGLES)) if (row) singles.set(name, row);
  return {
    settings,
    keeper,
    singles,
    collections: new Map([...bases].map(([name, base]) => [name, new Collection(name, base, keeper)])),
    runs: new Runs(),
    tokens: new Tokens(settings.now),
    clients: new Clients(settings.now),
    signIns: new SignIns(settings.now),
    signatures: new Signatures(),
    nonces: new Nonces(),
    sessions: new Map(),
    apis: new ApiState(),
  };
}

/** Forgets what a run has counted; without a run everything but the rows: counts, tokens, clients, sessions. */
export function forget(world: World, run?: string): void {
  world.runs.forget(run);
  if (run !== undefined) return;
  world.tokens.forget();
  world.clients.forget();
  world.signIns.forget();
  world.signatures.forget();
  world.nonces.forget();
  world.sessions.clear();
  world.apis.forget();
}

/** Writes the one row of a single resource. */
export function writeSingle(world: World, name: string, row: Row): void {
  world.singles.set(name, row);
  world.keeper.save(SINGLES, name, row);
}

function listedBases(data: Readonly<Record<string, unknown>>): Map<string, Base> {
  const arrays = Object.entries(data).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  return new Map(arrays.map(([name, items]) => [name, listedBase(items)]));
}
