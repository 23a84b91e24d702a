/**
 * The rankings in WebAssembly against a plain list of agents: same answers, and no broken invariant after any step.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '@stowage/simulator';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { likelyNodes, MOST_ENTRIES, RankForest, TIGHTNESS_STEPS } from '../src/structures/rank-forest.ts';

const ROWS = 400;
/** Domains of two types each; groups are numbered by domain first. */
const DOMAINS = 3;
const GROUPS = 2 * DOMAINS;
/** Per type and scalar: load of one unit, and what an agent has. */
const WEIGHTS = [
  [3, 2, 1, 4],
  [6, 1, 3, 2],
] as const;
const TOTALS = [
  [40, 60, 30, 16],
  [20, 120, 10, 32],
] as const;
const SLOTS = 4;
const typeOf = (group: number): number => group % 2;
const domainOf = (group: number): number => group >> 1;

interface Agent {
  readonly group: number;
  readonly free: readonly number[];
}

type Step =
  | {
      readonly kind: 'enter';
      readonly row: number;
      readonly group: number;
      readonly parts: readonly number[];
    }
  | { readonly kind: 'remove'; readonly row: number }
  | { readonly kind: 'find'; readonly need: readonly number[]; readonly picky: boolean }
  | { readonly kind: 'find-better'; readonly need: readonly number[]; readonly known: number }
  | {
      readonly kind: 'find-by-domains';
      readonly need: readonly number[];
      readonly scores: readonly number[];
    };

/** A few rows that come and go often, so that groups and domains run empty. */
const row = fc.oneof(fc.nat(ROWS - 1), fc.nat(3));
const group = fc.nat(GROUPS - 1);
const part = fc.constantFrom(0, 0, 0.1, 0.25, 0.5, 0.5, 0.75, 1);
const units = (most: number): fc.Arbitrary<number> => fc.oneof(fc.constant(0), fc.nat(most));
const need = fc.tuple(units(40), units(60), units(12), units(12), units(SLOTS - 1));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('enter' as const),
      row,
      group,
      parts: fc.tuple(part, part, part, part, part),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('remove' as const), row }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('find' as const), need, picky: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('find-better' as const), need, known: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('find-by-domains' as const),
      need,
      scores: fc.array(fc.constantFrom(0, 0, 1, 2, NaN), { minLength: DOMAINS, maxLength: DOMAINS }),
    }),
  },
);

/** The ranking as a list, searched from end to end. */
class Model {
  readonly agents = new Map<number, Agent>();
  readonly #sign: number;
  readonly #scalars: number;

  constructor(prefer: 'greater' | 'smaller', scalars: number) {
    this.#scalars = scalars;
    this.#sign = prefer === 'greater' ? 1 : -1;
  }

  /** Rows that fit, and the one that is known to, best first. */
  ranked(
    need: readonly number[],
    scoreOf: (group: number) => number,
    accepts: (row: number) => boolean,
    known = -1,
  ): number[] {
    const key = (row: number): readonly number[] => {
      return [scoreOf(this.agents.get(row)!.group), this.#sign * this.#load(row, need)];
    };
    return [...this.agents]
      .filter(
        ([row, { free }]) => row === known || (free.every((units, d) => units >= need[d]) && accepts(row)),
      )
      .map(([row]) => row)
      .sort((a, b) => key(b)[0] - key(a)[0] || key(b)[1] - key(a)[1] || a - b);
  }

  /** Those among them that tie with the first. */
  ties(ranked: readonly number[], need: readonly number[], scoreOf: (group: number) => number): number[] {
    return ranked.filter(
      (row) =>
        this.#load(row, need) === this.#load(ranked[0], need) &&
        scoreOf(this.agents.get(row)!.group) === scoreOf(this.agents.get(ranked[0])!.group),
    );
  }

  #load(row: number, need: readonly number[]): number {
    const { group, free } = this.agents.get(row)!;
    const type = typeOf(group);
    let load = 0;
    for (let r = 0; r < this.#scalars; r++) load += WEIGHTS[type][r] * (TOTALS[type][r] - free[r] + need[r]);
    return load;
  }
}

function newForest(
  prefer: 'greater' | 'smaller',
  nodes: number,
  { scalars = 2, rowCapacity = ROWS } = {},
): RankForest {
  const types = WEIGHTS.map((all, type) => {
    const weights = all.slice(0, scalars);
    return Float64Array.of(
      weights.reduce((sum, weight, r) => sum + weight * TOTALS[type][r], 0),
      ...weights.flatMap((weight, r) => [
        weight,
        Math.floor(TIGHTNESS_STEPS / TOTALS[type][r]),
        TOTALS[type][r],
      ]),
    );
  });
  return new RankForest({
    domains: DOMAINS,
    types,
    scalars,
    slots: 1,
    rowCapacity,
    prefer,
    nodes,
  });
}

/** Enters one row, or takes it out. @returns false if there are not enough nodes */
function enter(forest: RankForest, row: number, group: number, free: readonly number[] = []): boolean {
  forest.entries.set([row, group, ...free]);
  return forest.enter(1) === 1;
}

/** Runs a history on both. @returns how often the forest had no node left */
function run(steps: readonly Step[], prefer: 'greater' | 'smaller', nodes: number, scalars = 2): number {
  const forest = newForest(prefer, nodes, { scalars });
  const model = new Model(prefer, scalars);
  /** Numbers of all scalars and of slots, of those only that the forest knows. */
  const knownNumbers = (numbers: readonly number[]): number[] => [
    ...numbers.slice(0, scalars),
    numbers[numbers.length - 1],
  ];
  const isEven = (row: number): boolean => row % 2 === 0;
  let refused = 0;
  for (const step of steps) {
    switch (step.kind) {
      case 'enter': {
        const totals = [...TOTALS[typeOf(step.group)], SLOTS];
        const free = knownNumbers(totals.map((total, d) => Math.round(total * step.parts[d])));
        if (enter(forest, step.row, step.group, free))
          model.agents.set(step.row, { group: step.group, free });
        else refused++;
        break;
      }
      case 'remove':
        enter(forest, step.row, -1);
        model.agents.delete(step.row);
        break;
      case 'find': {
        const need = knownNumbers(step.need);
        forest.request.set(need);
        const accepts = step.picky ? isEven : undefined;
        const ranked = model.ranked(need, () => 0, accepts ?? (() => true));
        expect(forest.find(accepts)).toBe(ranked[0] ?? -1);
        if (ranked.length === 0) break;
        const ties = forest.rows.slice(0, forest.findTies(accepts, false));
        expect([...ties].sort((a, b) => a - b)).toEqual(
          model.ties(ranked, need, () => 0).sort((a, b) => a - b),
        );
        break;
      }
      case 'find-better': {
        const rows = [...model.agents.keys()];
        const known = rows.length === 0 ? -1 : rows[step.known % rows.length];
        const need = knownNumbers(step.need);
        forest.request.set(need);
        const ranked = model.ranked(
          need,
          () => 0,
          () => true,
          known,
        );
        expect(forest.find(undefined, known)).toBe(ranked[0] ?? -1);
        break;
      }
      case 'find-by-domains': {
        const scoreOf = (group: number): number => step.scores[domainOf(group)];
        const samples = [...forest.samples.subarray(0, forest.findSamples())];
        const groups = [...model.agents.values()].map(({ group }) => group);
        expect(forest.countLiveGroups()).toBe(new Set(groups).size);
        expect(samples.map((row) => domainOf(model.agents.get(row)!.group)).sort()).toEqual(
          [...new Set(groups.map(domainOf))].sort(),
        );
        samples.forEach((row, i) => (forest.domainScores[i] = scoreOf(model.agents.get(row)!.group)));
        const need = knownNumbers(step.need);
        forest.request.set(need);
        const isAllowed = (row: number): boolean => !Number.isNaN(scoreOf(model.agents.get(row)!.group));
        const ranked = model.ranked(need, scoreOf, isAllowed);
        expect(forest.findByDomains(undefined)).toBe(ranked[0] ?? -1);
      }
    }
    expect(forest.countProblems()).toBe(0);
    for (const [row, { group }] of model.agents) expect(forest.groupOf(row)).toBe(group);
  }
  return refused;
}

test.each([
  ['greater', 1],
  ['greater', 2],
  ['smaller', 1],
  ['smaller', 2],
  ['greater', 4],
] as const)('ranks as a sorted list does: %s loads of %i scalars first', (prefer, scalars) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 600, size: 'max' }), (steps) => {
      expect(run(steps, prefer, likelyNodes(ROWS, GROUPS), scalars)).toBe(0);
    }),
    { numRuns: 15 },
  );
});

test('the module makes room for as many entries as are written at a time', () => {
  const source = readFileSync(join(import.meta.dirname, '../assembly/memory-map.ts'), 'utf8');
  expect(source).toContain(`const MOST_ENTRIES: i32 = ${MOST_ENTRIES};`);
});

test('refuses what it has no nodes for, and stays as it was', () => {
  const steps = Array.from({ length: ROWS }, (_, row): Step[] => [
    { kind: 'enter', row, group: row % GROUPS, parts: [(row % 37) / 37, (row % 11) / 11, 1, 1, 1] },
    { kind: 'find', need: [row % 7, row % 13, 0, 0, 1], picky: false },
  ]).flat();
  expect(run(steps, 'greater', 14)).toBeGreaterThan(100);
});

test.each(['greater', 'smaller'] as const)(
  'stays right while trees of three levels grow and shrink again: %s loads first',
  (prefer) => {
    const rows = 6000;
    const forest = newForest(prefer, likelyNodes(rows, GROUPS), { rowCapacity: rows });
    const free = new Int32Array(rows);
    const random = new SeededRandom(7);
    const change = (row: number): void => {
      free[row] = random.below(41);
      expect(enter(forest, row, 0, [free[row], 60 - free[row], 4])).toBe(true);
    };
    for (let row = 0; row < rows; row++) change(row);
    for (let i = 0; i < 20_000; i++) change(random.below(rows));
    expect(forest.countProblems()).toBe(0);
    forest.request.set([0, 0, 1]);
    // Best first: inner nodes at the left end run empty, and the root comes down level by level.
    for (let left = rows; left > 0; left--) {
      const best = forest.find(undefined);
      enter(forest, best, -1);
      free[best] = -1;
      if (left % 500 !== 0) continue;
      expect(forest.countProblems()).toBe(0);
      for (let i = 0; i < 50; i++) {
        const row = random.below(rows);
        if (free[row] >= 0) change(row);
      }
      expect(forest.countProblems()).toBe(0);
    }
    expect(forest.find(undefined)).toBe(-1);
    expect(forest.countProblems()).toBe(0);
  },
);

test.each([2, 7, 21])('knows what ranks first when the last %i leave, whichever goes first', (few) => {
  const rows = 3000;
  const random = new SeededRandom(few);
  const forest = newForest('smaller', likelyNodes(rows, GROUPS), { rowCapacity: rows });
  for (let row = 0; row < rows; row++)
    expect(enter(forest, row, 0, [random.below(41), random.below(61), 4])).toBe(true);
  forest.request.set([0, 0, 1]);
  for (let left = rows; left > few; left--) enter(forest, forest.find(undefined), -1);
  const rest = Array.from({ length: rows }, (_, row) => row).filter((row) => forest.groupOf(row) === 0);
  for (const row of random.shuffled(rest)) {
    enter(forest, row, -1);
    expect(forest.countProblems()).toBe(0);
  }
});

test('enters many rows in one call as it does one by one', () => {
  const random = new SeededRandom(3);
  const [together, apart] = [0, 1].map(() => newForest('greater', likelyNodes(ROWS, GROUPS)));
  for (let round = 0; round < 200; round++) {
    const count = 1 + random.below(MOST_ENTRIES);
    for (let i = 0; i < count; i++) {
      // One in eight is taken out; some rows come twice.
      const group = random.below(8) === 0 ? -1 : random.below(GROUPS);
      const entry = [random.below(50), group, random.below(21), random.below(61), random.below(SLOTS)];
      together.entries.set(entry, i * together.entryWords);
      expect(enter(apart, entry[0], group, entry.slice(2))).toBe(true);
    }
    const need = [random.below(10), random.below(30), 1];
    for (const forest of [together, apart]) forest.request.set(need);
    expect(together.enter(count)).toBe(1);
    expect(together.find(undefined)).toBe(apart.find(undefined));
    expect(together.countProblems()).toBe(0);
    for (let row = 0; row < 50; row++) expect(together.groupOf(row)).toBe(apart.groupOf(row));
  }
});

test('looks into one leaf only where the least loaded agent of all fits', () => {
  const forest = newForest('smaller', likelyNodes(ROWS, GROUPS));
  const random = new SeededRandom(11);
  const change = (row: number): void => {
    const least = row % GROUPS === 0 ? [30, 45, 0] : [0, 0, 0];
    enter(
      forest,
      row,
      row % GROUPS,
      least.map((units) => units + random.below(11)),
    );
  };
  for (let row = 0; row < ROWS; row++) change(row);
  for (let i = 0; i < 1000; i++) {
    forest.request.set([random.below(4), random.below(11), 0]);
    const row = forest.find(undefined);
    expect(row % GROUPS).toBe(0);
    expect(forest.visits).toBe(1);
    change(row);
    change(random.below(ROWS));
  }
});

test('does not look at the least loaded agents where they lack something', () => {
  const forest = newForest('smaller', likelyNodes(ROWS, GROUPS));
  const random = new SeededRandom(12);
  const change = (row: number): void => {
    enter(forest, row, 0, row < 64 ? [0, 60, 0] : [20 + random.below(6), 20, 0]);
  };
  for (let row = 0; row < ROWS; row++) change(row);
  for (let i = 0; i < 1000; i++) {
    forest.request.set([1 + random.below(10), random.below(11), 0]);
    expect(forest.find(undefined)).toBeGreaterThanOrEqual(64);
    // The root, and the first leaf with an agent that fits.
    expect(forest.visits).toBe(2);
    change(random.below(ROWS));
  }
});

test('refuses more memory than there can be', () => {
  expect(() => newForest('greater', 2 ** 30)).toThrow(RangeError);
});
