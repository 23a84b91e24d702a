/**
 * Pools of values against a model that knows every single value: nothing leaks, nothing is held twice, overlapping
 * offers count once, after every step.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ItemPool, RangePool } from '../../src/index.ts';
import { valuesOfRanges } from '../../src/offers/ranges.ts';

const RUNS = 150;
const STEPS_PER_RUN = 60;

const offerIds = ['o1', 'o2', 'o3'] as const;
const holders = ['t1', 't2', 't3', 't4'] as const;
const lanes = ['', 'a', 'b'] as const;
const VALUES = 24;

const rangeArbitrary = fc
  .tuple(fc.nat(VALUES - 1), fc.nat(9))
  .map(([begin, length]) => [begin, Math.min(VALUES - 1, begin + length)] as const);
const rangesArbitrary = fc.array(rangeArbitrary, { maxLength: 3 });

const stepArbitrary = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      offer: fc.constantFrom(...offerIds),
      lane: fc.constantFrom(...lanes),
      values: rangesArbitrary,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('withdraw' as const), offer: fc.constantFrom(...offerIds) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      holder: fc.constantFrom(...holders),
      count: fc.nat(6),
      lane: fc.option(fc.constantFrom(...lanes), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('claim' as const, 'hold' as const),
      holder: fc.constantFrom(...holders),
      values: fc.array(
        fc.nat(VALUES - 1).map((value) => [value, value] as const),
        { maxLength: 3 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('release' as const), holder: fc.constantFrom(...holders) }),
  },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer S> ? S : never;

/** Who offers and who holds each value. */
class Model {
  readonly offers = new Map<string, Map<string, Set<number>>>();
  readonly holderOf = new Map<number, string>();

  laneOf(value: number): string | undefined {
    return [...lanes]
      .sort()
      .find((lane) => [...this.offers.values()].some((byLane) => byLane.get(lane)?.has(value)));
  }

  free(lane?: string): number[] {
    return Array.from({ length: VALUES }, (_, value) => value).filter((value) => {
      const own = this.laneOf(value);
      return own !== undefined && !this.holderOf.has(value) && (lane === undefined || lane === own);
    });
  }

  heldBy(holder: string): number[] {
    return Array.from({ length: VALUES }, (_, value) => value).filter(
      (value) => this.holderOf.get(value) === holder,
    );
  }
}

const expand = (ranges: readonly (readonly [number, number])[]): number[] =>
  ranges.flatMap(([begin, end]) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i));

/** A pool seen as numbers, whatever its values are. */
interface NumberPool {
  offer(offer: string, values: number[], lane: string): void;
  withdraw(offer: string): void;
  take(holder: string, count: number, lane?: string): number[];
  claim(holder: string, values: number[]): void;
  hold(holder: string, values: number[]): void;
  release(holder: string): number[];
  free(lane?: string): number[];
  freeCount(lane?: string): number;
  heldBy(holder: string): number[];
}

function rangePool(): NumberPool {
  const pool = new RangePool();
  const single = (values: number[]) => values.map((value) => [value, value] as const);
  return {
    offer: (offer, values, lane) => pool.offer(offer, single(values), lane),
    withdraw: (offer) => pool.withdraw(offer),
    take: (holder, count, lane) => valuesOfRanges(pool.take(holder, count, lane)),
    claim: (holder, values) => pool.claim(holder, single(values)),
    hold: (holder, values) => pool.hold(holder, single(values)),
    release: (holder) => valuesOfRanges(pool.release(holder)),
    free: (lane) => valuesOfRanges(pool.free(lane)),
    freeCount: (lane) => pool.freeCount(lane),
    heldBy: (holder) => valuesOfRanges(pool.heldBy(holder)),
  };
}

function itemPool(): NumberPool {
  const pool = new ItemPool();
  const names = (values: readonly number[]) =>
    values.map((value) => `device-${String(value).padStart(2, '0')}`);
  const numbers = (items: readonly string[]) => items.map((item) => Number(item.slice(7)));
  return {
    offer: (offer, values, lane) => pool.offer(offer, names(values), lane),
    withdraw: (offer) => pool.withdraw(offer),
    take: (holder, count, lane) => numbers(pool.take(holder, count, lane)),
    claim: (holder, values) => pool.claim(holder, names(values)),
    hold: (holder, values) => pool.hold(holder, names(values)),
    release: (holder) => numbers(pool.release(holder)),
    free: (lane) => numbers(pool.free(lane)),
    freeCount: (lane) => pool.freeCount(lane),
    heldBy: (holder) => numbers(pool.heldBy(holder)),
  };
}

function apply(step: Step, pool: NumberPool, model: Model): void {
  switch (step.kind) {
    case 'offer': {
      pool.offer(step.offer, expand(step.values), step.lane);
      const byLane = model.offers.get(step.offer) ?? new Map<string, Set<number>>();
      byLane.set(step.lane, new Set([...(byLane.get(step.lane) ?? []), ...expand(step.values)]));
      model.offers.set(step.offer, byLane);
      break;
    }
    case 'withdraw':
      pool.withdraw(step.offer);
      model.offers.delete(step.offer);
      break;
    case 'take': {
      const free = model.free(step.lane);
      if (free.length < step.count) {
        expect(() => pool.take(step.holder, step.count, step.lane)).toThrow('UNAVAILABLE_VALUES');
        break;
      }
      const expected = free.slice(0, step.count);
      expect(pool.take(step.holder, step.count, step.lane)).toEqual(expected);
      for (const value of expected) model.holderOf.set(value, step.holder);
      break;
    }
    case 'claim':
    case 'hold': {
      const values = expand(step.values);
      const mayHave =
        step.kind === 'claim'
          ? values.every((value) => model.free().includes(value))
          : values.every((value) => (model.holderOf.get(value) ?? step.holder) === step.holder);
      if (!mayHave) {
        expect(() => pool[step.kind](step.holder, values)).toThrow('UNAVAILABLE_VALUES');
        break;
      }
      pool[step.kind](step.holder, values);
      for (const value of values) model.holderOf.set(value, step.holder);
      break;
    }
    case 'release': {
      const held = model.heldBy(step.holder);
      expect(pool.release(step.holder)).toEqual(held);
      for (const value of held) model.holderOf.delete(value);
      break;
    }
  }
}

for (const [name, create] of [
  ['RangePool', rangePool],
  ['ItemPool', itemPool],
] as const) {
  test(`${name} is a map from value to holder, over ${RUNS * STEPS_PER_RUN} random steps`, () => {
    let steps = 0;
    fc.assert(
      fc.property(
        fc.array(stepArbitrary, { minLength: STEPS_PER_RUN, maxLength: STEPS_PER_RUN }),
        (sequence) => {
          const pool = create();
          const model = new Model();
          for (const step of sequence) {
            apply(step, pool, model);
            steps++;
            for (const lane of [undefined, ...lanes]) {
              expect(pool.free(lane)).toEqual(model.free(lane));
              expect(pool.freeCount(lane)).toBe(model.free(lane).length);
            }
            const held = holders.map((holder) => pool.heldBy(holder));
            expect(held).toEqual(holders.map((holder) => model.heldBy(holder)));
            expect(new Set(held.flat()).size).toBe(held.flat().length);
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(steps).toBeGreaterThanOrEqual(RUNS * STEPS_PER_RUN);
  });
}

test('counts that are no counts are refused', () => {
  for (const count of [-1, 1.5, Number.NaN, Infinity])
    expect(() => new RangePool().take('t', count)).toThrow('INVALID_QUANTITY');
});

test('values are checked at the door', () => {
  const pool = new RangePool();
  expect(() => pool.offer('o', [[4, 3]])).toThrow('INVALID_OFFER');
  expect(() => pool.claim('t', [[-1, 3]])).toThrow('INVALID_OFFER');
  expect(() => pool.hold('t', [[0.5, 3]])).toThrow('INVALID_OFFER');
  expect(() => new ItemPool().offer('o', [''])).toThrow('INVALID_OFFER');
});
