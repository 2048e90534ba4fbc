/** Who runs against whom: clients in processes of their own, beside a server in its own. */
import { fileURLToPath } from "node:url";
import { PYTHON, PYTHON_RUNNER } from "./clients/index.ts";
import { Talker } from "./processes.ts";
import type { Place, Round, Scenario, StartScenario } from "./scenario.ts";

/** One that is compared. */
export interface Contender extends AsyncDisposable {
  readonly name: string;
  round(units: number): Promise<Round>;
}

const SERVER = fileURLToPath(new URL("./server.ts", import.meta.url));
const RUNNER = fileURLToPath(new URL("./runner.ts", import.meta.url));

function isRound(value: unknown): value is Round {
  return typeof value === "object" && value !== null && "wall" in value && "cpu" in value && "peak" in value;
}

/** A client at work in a process of its own. */
export class ClientProcess implements Contender {
  readonly name: string;
  readonly #talker: Talker;

  private constructor(name: string, talker: Talker) {
    this.name = name;
    this.#talker = talker;
  }

  /** @param node the Node that runs it */
  static async start(scenario: Scenario, name: string, place: Place, node: string): Promise<ClientProcess> {
    const runner = name === PYTHON ? ["python3", PYTHON_RUNNER] : [node, RUNNER];
    const command = [...runner, scenario.name, name, JSON.stringify(place)];
    const talker = new Talker(`${scenario.name} ${name}`, command);
    await talker.hear();
    return new ClientProcess(name, talker);
  }

  async round(units: number): Promise<Round> {
    const round: unknown = JSON.parse(await this.#talker.ask(String(units)));
    if (!isRound(round)) throw new Error(`${this.name} gave no round`);
    return round;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#talker[Symbol.asyncDispose]();
  }
}

/** A program that is started anew for each round: from its start until it has its data. */
export class FreshProgram implements Contender {
  readonly name: string;
  readonly #command: readonly string[];

  /** @param node the Node that runs it */
  constructor(scenario: StartScenario, name: string, { origin }: Place, node: string) {
    this.name = name;
    const program = ["--input-type=module", "--eval", scenario.program(name)];
    this.#command = [node, ...program, `${origin}${scenario.path}`];
  }

  async round(): Promise<Round> {
    const before = performance.now();
    await using talker = new Talker(this.name, this.#command);
    const line = await talker.hear();
    const wall = performance.now() - before;
    const round: unknown = { wall, ...JSON.parse(line) };
    if (!isRound(round)) throw new Error(`${this.name} gave no round`);
    return round;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The server, as long as it is needed. */
export class ServerProcess implements AsyncDisposable {
  readonly origin: string;
  readonly uploads: string;
  readonly #talker: Talker;

  private constructor(talker: Talker, { origin, uploads }: { origin: string; uploads: string }) {
    this.#talker = talker;
    this.origin = origin;
    this.uploads = uploads;
  }

  static async start(): Promise<ServerProcess> {
    const talker = new Talker("the server", [process.execPath, SERVER]);
    return new ServerProcess(talker, JSON.parse(await talker.hear()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#talker[Symbol.asyncDispose]();
  }
}
