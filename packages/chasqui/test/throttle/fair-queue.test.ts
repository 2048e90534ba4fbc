import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FairQueue, type ThrottlePriority, type Waiting } from "../../src/throttle/fair-queue.ts";

class One implements Waiting<One> {
  readonly name: string;
  readonly party: object;
  readonly priority: ThrottlePriority;
  previous: One | undefined;
  next: One | undefined;

  constructor(name: string, party: object, priority: ThrottlePriority = "auto") {
    this.name = name;
    this.party = party;
    this.priority = priority;
  }
}

/** Serves them one after the other, always the first that is to be tried. */
function served(queue: FairQueue<One>): string[] {
  const names: string[] = [];
  for (let [first] = queue.heads(); first !== undefined; [first] = queue.heads()) {
    queue.serve(first);
    names.push(first.name);
  }
  return names;
}

function queueOf(...ones: One[]): FairQueue<One> {
  const queue = new FairQueue<One>();
  for (const one of ones) queue.add(one);
  return queue;
}

const [a, b, c] = [{}, {}, {}];

describe("turns", () => {
  test.each<readonly [string, One[], string]>([
    ["one party: who came first", [new One("1", a), new One("2", a), new One("3", a)], "1 2 3"],
    [
      "parties one after the other",
      [
        new One("a1", a),
        new One("a2", a),
        new One("a3", a),
        new One("b1", b),
        new One("b2", b),
        new One("c1", c),
      ],
      "a1 b1 c1 a2 b2 a3",
    ],
    [
      "priorities before parties",
      [new One("low", a, "low"), new One("auto", a), new One("high", b, "high"), new One("high2", b, "high")],
      "high high2 auto low",
    ],
  ])("%s", (_, ones, order) => {
    expect(served(queueOf(...ones)).join(" ")).toBe(order);
  });

  test("a lower priority has one turn of nine while higher ones do not end", () => {
    const highs = Array.from({ length: 30 }, (_, n) => new One(`h${n}`, a, "high"));
    const lows = Array.from({ length: 3 }, (_, n) => new One(`l${n}`, a, "low"));
    const names = served(queueOf(...highs, ...lows));
    expect(names.map((name, at) => (name.startsWith("l") ? at : -1)).filter((at) => at >= 0)).toEqual([
      8, 17, 26,
    ]);
  });

  test("one that leaves is not served, and its party's turn is the next one's", () => {
    const gone = new One("a1", a);
    const queue = queueOf(gone, new One("a2", a), new One("b1", b));
    expect(queue.remove(gone)).toBe(true);
    expect(queue.remove(gone)).toBe(false);
    expect(queue.serve(gone)).toBe(false);
    expect(queue.size).toBe(2);
    expect(served(queue)).toEqual(["a2", "b1"]);
  });

  test("every head is offered once, so that one party's limits do not stop another", () => {
    const queue = queueOf(new One("a1", a), new One("a2", a), new One("b1", b), new One("c1", c, "low"));
    expect([...queue.heads()].map(({ name }) => name)).toEqual(["a1", "b1", "c1"]);
  });
});

test("whoever comes and goes, no party is served twice while another of its priority waits all along", () => {
  const parties = [{}, {}, {}, {}];
  const step = fc.record({ party: fc.nat(3), what: fc.constantFrom("come", "come", "serve", "leave") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new FairQueue<One>();
      const waiting: One[] = [];
      /** Of each party, who was served since it began to wait without a pause. */
      const passed = parties.map(() => new Map<object, number>());
      for (const [at, { party, what }] of steps.entries()) {
        const own = parties[party] ?? {};
        if (what === "come") {
          if (!waiting.some((one) => one.party === own)) passed[party]?.clear();
          const one = new One(String(at), own);
          queue.add(one);
          waiting.push(one);
        } else if (what === "leave") {
          const one = waiting.find((candidate) => candidate.party === own);
          if (one === undefined) continue;
          queue.remove(one);
          waiting.splice(waiting.indexOf(one), 1);
        } else {
          const [first] = queue.heads();
          if (first === undefined) continue;
          queue.serve(first);
          waiting.splice(waiting.indexOf(first), 1);
          for (const [index, other] of parties.entries()) {
            const times = passed[index];
            if (other === first.party) times?.clear();
            else if (waiting.some((one) => one.party === other)) {
              const count = (times?.get(first.party) ?? 0) + 1;
              times?.set(first.party, count);
              expect(count).toBeLessThanOrEqual(1);
            }
          }
        }
        expect(queue.size).toBe(waiting.length);
      }
    }),
  );
});
