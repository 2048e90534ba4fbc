import fc from "fast-check";
import { expect, test } from "vitest";
import { Chain, type Link } from "../src/chain.ts";

class Numbered implements Link<Numbered> {
  readonly number: number;
  previous: Numbered | undefined;
  next: Numbered | undefined;

  constructor(number: number) {
    this.number = number;
  }
}

test("a chain has what a Set would have, in its order, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), (turns) => {
      const links = Array.from({ length: 10 }, (_, at) => new Numbered(at));
      const chain = new Chain<Numbered>();
      const set = new Set<Numbered>();
      for (const at of turns) {
        const link = links[at];
        if (link === undefined) continue;
        const wasThere = set.delete(link);
        expect(chain.remove(link)).toBe(wasThere);
        if (!wasThere) {
          chain.add(link);
          set.add(link);
        }
        expect(chain.all()).toEqual([...set]);
        expect(chain.first).toBe([...set][0]);
      }
      for (const link of links) {
        if (!set.has(link)) expect([link.previous, link.next]).toEqual([undefined, undefined]);
      }
    }),
    { seed: 3, numRuns: 500 },
  );
});
