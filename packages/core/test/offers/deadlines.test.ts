import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Deadlines } from '../../src/offers/deadlines.ts';
import { GiveBackLimit } from '../../src/offers/give-back-limit.ts';
import { RescindedIds } from '../../src/offers/rescinded-ids.ts';

describe('deadlines', () => {
  test('the first one is the lowest by time, order and key, as in a sorted list', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('set' as const),
        key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
        atMs: fc.integer({ min: -5, max: 5 }),
        order: fc.nat(2),
      }),
      fc.record({ kind: fc.constant('delete' as const), key: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ kind: fc.constant('take' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const deadlines = new Deadlines();
        const model = new Map<string, { atMs: number; order: number }>();
        const firstOfModel = () =>
          [...model]
            .map(([key, { atMs, order }]) => ({ key, atMs, order }))
            .sort((a, b) => a.atMs - b.atMs || a.order - b.order || (a.key < b.key ? -1 : 1))[0];
        for (const given of steps) {
          if (given.kind === 'set') {
            deadlines.set(given.key, given.atMs, given.order);
            model.set(given.key, { atMs: given.atMs, order: given.order });
          } else if (given.kind === 'delete') {
            expect(deadlines.delete(given.key)).toBe(model.delete(given.key));
          } else {
            const first = deadlines.first();
            if (first !== undefined) deadlines.delete(first.key);
            if (first !== undefined) model.delete(first.key);
          }
          expect(deadlines.first()).toEqual(firstOfModel());
          expect(deadlines.size).toBe(model.size);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('the heap follows the number of live keys, not of calls', () => {
    const deadlines = new Deadlines();
    let compared = 0;
    for (let i = 0; i < 100_000; i++) {
      deadlines.set('only', {
        valueOf() {
          compared++;
          return -i;
        },
      } as unknown as number);
    }
    expect(deadlines.size).toBe(1);
    // Each call sifts in a heap of at most 18 entries; an uncollected heap would need up to 17 comparisons each.
    expect(compared).toBeLessThan(100_000 * 2 * 6);
  });
});

describe('the limit of agents given back', () => {
  test('no interval as long as the window sees more than the limit, and nothing is held back without need', () => {
    const gaps = fc.array(fc.nat(40), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(fc.nat(4), fc.integer({ min: 1, max: 50 }), gaps, (maxAgents, windowMs, steps) => {
        const limit = new GiveBackLimit(maxAgents, windowMs);
        const times: number[] = [];
        let nowMs = 0;
        for (const gap of steps) {
          nowMs += gap;
          const recent = times.filter((time) => nowMs - time < windowMs).length;
          expect(limit.allows(nowMs)).toBe(recent < maxAgents);
          if (!limit.allows(nowMs)) continue;
          limit.count(nowMs);
          times.push(nowMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a clock that goes backwards lifts no limit', () => {
    const limit = new GiveBackLimit(2, 100);
    limit.count(1000);
    limit.count(500);
    expect(limit.allows(500)).toBe(false);
    expect(limit.allows(1099)).toBe(false);
    expect(limit.allows(1100)).toBe(true);
    limit.count(1100);
    limit.count(1100);
    expect(limit.allows(1200)).toBe(true);
    expect(limit.allows(1150)).toBe(true);
  });

  test('infinity has no limit', () => {
    const limit = new GiveBackLimit(Infinity, 100);
    for (let i = 0; i < 1000; i++) limit.count(0);
    expect(limit.allows(0)).toBe(true);
  });
});

describe('rescinded ids', () => {
  test('are forgotten after their time', () => {
    const ids = new RescindedIds(100, 10);
    ids.remember('a', 0);
    ids.remember('b', 50);
    expect([ids.has('a', 99), ids.has('b', 99)]).toEqual([true, true]);
    expect([ids.has('a', 100), ids.has('b', 100)]).toEqual([false, true]);
    expect(ids.size).toBe(1);
  });

  test('the oldest is forgotten first when there are too many', () => {
    const ids = new RescindedIds(100, 3);
    for (let i = 0; i < 1000; i++) ids.remember(`offer-${i}`, 0);
    expect(ids.size).toBe(3);
    expect([996, 997, 998, 999].map((i) => ids.has(`offer-${i}`, 0))).toEqual([false, true, true, true]);
  });

  test('a repeated rescind renews the time', () => {
    const ids = new RescindedIds(100, 3);
    ids.remember('a', 0);
    ids.remember('a', 60);
    expect([ids.has('a', 159), ids.has('a', 160), ids.size]).toEqual([true, false, 0]);
  });
});
