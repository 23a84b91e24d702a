import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameCpus } from '../../src/cpu/cpu-list.ts';
import { type CpusetChange, orderedWrites } from '../../src/cpu/cpuset-changes.ts';

const anyCpus = fc.uniqueArray(fc.nat(9), { minLength: 1 }).map((cpus) => cpus.sort((a, b) => a - b));

/** Owners have disjoint CPUs before and after; the others share what is left, which never is nothing. */
const anyTransition: fc.Arbitrary<CpusetChange[]> = fc
  .record({
    before: fc.array(fc.nat(4), { minLength: 10, maxLength: 10 }),
    after: fc.array(fc.nat(4), { minLength: 10, maxLength: 10 }),
    pooled: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ before, after, pooled }) => {
    const cpusOf = (owners: number[], owner: number): number[] =>
      [...owners.keys()].filter((cpu) => owners[cpu] === owner);
    const change = (id: string, owner: number): CpusetChange => ({
      id,
      from: cpusOf(before, owner),
      to: cpusOf(after, owner),
    });
    return [
      ...[1, 2, 3, 4].map((owner) => change(`owner${owner}`, owner)),
      ...Array.from({ length: pooled }, (_, i) => change(`pooled${i}`, 0)),
    ].filter(({ from, to }) => from.length > 0 && to.length > 0);
  });

describe('order of writes', () => {
  it('takes a CPU from the pool before its owner gets it, and gives it back after', () => {
    const pooled = { id: 'burst', from: [0, 1], to: [0] };
    expect(orderedWrites([{ id: 'own', from: [0], to: [1] }, pooled])).toEqual([
      { id: 'burst', cpus: [0] },
      { id: 'own', cpus: [1] },
    ]);
    expect(
      orderedWrites([
        { id: 'burst', from: [0], to: [1] },
        { id: 'own', from: [1], to: [2] },
      ]),
    ).toEqual([
      { id: 'own', cpus: [2] },
      { id: 'burst', cpus: [1] },
    ]);
  });

  it('opens a ring, as it cannot do better', () => {
    const ring = [
      { id: 'a', from: [0], to: [1] },
      { id: 'b', from: [1], to: [0] },
    ];
    expect(orderedWrites(ring)).toEqual([
      { id: 'a', cpus: [1] },
      { id: 'b', cpus: [0] },
    ]);
  });

  it('writes nothing where nothing changes', () => {
    fc.assert(
      fc.property(fc.array(anyCpus), (sets) => {
        expect(orderedWrites(sets.map((cpus, i) => ({ id: `${i}`, from: cpus, to: cpus })))).toEqual([]);
      }),
    );
  });

  it('ends where it should, never with an empty set, each at most twice', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ from: anyCpus, to: anyCpus }), { maxLength: 6 }), (sets) => {
        const changes = sets.map((set, i) => ({ id: `${i}`, ...set }));
        const held = new Map(changes.map(({ id, from }) => [id, from as readonly number[]]));
        const counts = new Map<string, number>();
        for (const { id, cpus } of orderedWrites(changes)) {
          expect(cpus.length).toBeGreaterThan(0);
          held.set(id, cpus);
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
        expect(held).toEqual(new Map(changes.map(({ id, to }) => [id, to])));
        expect(Math.max(0, ...counts.values())).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('never gives a CPU to two, except to open a ring', () => {
    fc.assert(
      fc.property(anyTransition, (changes) => {
        const held = new Map(changes.map(({ id, from }) => [id, from]));
        const kind = (id: string): string => (id.startsWith('pooled') ? 'pool' : id);
        const clashes = (id: string, cpus: readonly number[]): boolean =>
          [...held].some(
            ([other, theirs]) => kind(other) !== kind(id) && theirs.some((cpu) => cpus.includes(cpu)),
          );
        for (const { id, cpus } of orderedWrites(changes)) {
          // Where one clashes, all that have still to move would clash.
          if (clashes(id, cpus)) {
            const waiting = changes.filter((change) => !sameCpus(held.get(change.id)!, change.to));
            for (const { id: other, to } of waiting) expect(clashes(other, to)).toBe(true);
          }
          held.set(id, cpus);
        }
      }),
      { numRuns: 500 },
    );
  });
});
