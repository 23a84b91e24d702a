import { describe, expect, test } from 'vitest';
import { StructureCosts } from '../src/structures/cost-model.ts';
import { LastScan } from '../src/structures/last-scan.ts';
import { isWorthwhile } from '../src/structures/rental.ts';

const MILLION = 1_000_000;
/** Beyond it V8 keeps a number as an object. */
const SMALL_INTEGERS = 2 ** 30;

function costsFor(agents: number): StructureCosts {
  const costs = new StructureCosts();
  costs.refresh(agents);
  return costs;
}

describe('what structures cost', () => {
  test('grows with the agents that there are, and falls again with them', () => {
    const costs = costsFor(1000);
    const few = [costs.tree(100, 0, 1), costs.tree(100, 0, 3), costs.indexUpdate(2), costs.index(10, 3)];
    costs.refresh(100_000);
    const many = [costs.tree(100, 0, 1), costs.tree(100, 0, 3), costs.indexUpdate(2), costs.index(10, 3)];
    for (const [i, ns] of many.entries()) expect(ns).toBeGreaterThan(1.7 * few[i]);
    costs.refresh(1000);
    expect(costs.index(10, 3)).toBe(few[3]);
  });

  test('is a small integer with a million agents, all of which have changed', () => {
    const costs = costsFor(MILLION);
    const scan = new LastScan(50, 40);
    scan.note(MILLION, MILLION, 1);
    const all = [
      costs.tree(MILLION, 50, 256),
      costs.indexUpdate(MILLION),
      costs.index(9999, 999),
      scan.costNs(MILLION, 1),
    ];
    for (const ns of all) {
      expect(Number.isInteger(ns)).toBe(true);
      expect(ns).toBeLessThan(SMALL_INTEGERS);
    }
  });
});

describe('what a scan costs', () => {
  test('constraints count for agents that fit, scores for those that are feasible', () => {
    const scan = new LastScan(6, 18);
    scan.note(100, 10, 7);
    const none = new LastScan(0, 0).costNs(1000, 7);
    expect(scan.costNs(1000, 7) - none).toBe(100 * 6 + 10 * 18);
  });

  test('is that of half the agents before the first, and after as many changes as there are agents', () => {
    const scan = new LastScan(6, 18);
    const unknownNs = scan.costNs(1000, 7);
    scan.note(1000, 1000, 7);
    expect(scan.costNs(1000, 1007)).toBeGreaterThan(unknownNs);
    expect(scan.costNs(1000, 1008)).toBe(unknownNs);
  });

  test('does not count agents that have left', () => {
    const scan = new LastScan(6, 18);
    scan.note(1000, 1000, 7);
    const small = new LastScan(6, 18);
    small.note(10, 10, 7);
    expect(scan.costNs(10, 7)).toBe(small.costNs(10, 7));
  });
});

describe('filling a structure is worthwhile', () => {
  /** Decisions that cost so much without the structure and so much with it, until it is filled for that price. */
  const decisionsUntil = (fillNs: number, withoutNs: number, withNs: number): number => {
    const rented = { savedNs: 0 };
    for (let decision = 1; decision <= 1000; decision++)
      if (isWorthwhile(rented, fillNs, withNs, withoutNs, 1)) return decision;
    return Infinity;
  };

  test('once it would have saved what that costs', () => {
    expect(decisionsUntil(9000, 1000, 100)).toBe(10);
    expect(decisionsUntil(900, 1000, 100)).toBe(1);
  });

  test('never to save less than a quarter', () => {
    expect(decisionsUntil(2600, 1000, 740)).toBe(10);
    expect(decisionsUntil(2500, 1000, 760)).toBe(Infinity);
  });

  test('whatever others save little, but less soon when others would lose by it', () => {
    const rented = { savedNs: 500 };
    isWorthwhile(rented, 9000, 900, 1000, 10);
    expect(rented.savedNs).toBe(500);
    isWorthwhile(rented, 9000, 1100, 1000, 3);
    expect(rented.savedNs).toBe(200);
  });

  test('also where it costs more than is counted', () => {
    expect(isWorthwhile({ savedNs: 999_999_999 }, 3e9, 1000, 2e9, 5)).toBe(true);
  });
});
