/**
 * Evictions of crowded agents: more opportunistic tasks of all priorities and stages than histories bring together.
 */
import { PlacementEngine } from '@stowage/core';
import { ReferenceScheduler, taintsArbitrary, tolerationsArbitrary } from '@stowage/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const resources = [{ name: 'cpu' }, { name: 'memory' }];
const units = fc.nat({ max: 3 });
const amounts = fc.record({ cpu: units, memory: units });
const task = fc.record({
  resources: amounts,
  opportunistic: fc.record({ cpu: fc.nat({ max: 9 }), memory: fc.nat({ max: 9 }) }),
  priority: fc.integer({ min: -1, max: 1 }),
  tolerations: fc.oneof(fc.constant([{}]), tolerationsArbitrary()),
});

const roomy = { resources: { cpu: 200, memory: 200 } };

it('engine and oracle name the same tasks, in the same order, and no more than needed', () => {
  let named = 0;
  let spared = 0;
  fc.assert(
    fc.property(
      fc.array(fc.record({ task, isReserved: fc.boolean() }), { maxLength: 10, size: 'max' }),
      fc.record({ cpu: fc.nat({ max: 20 }), memory: fc.nat({ max: 20 }) }),
      fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: taintsArbitrary() }),
      (tasks, lent, taints) => {
        const engine = new PlacementEngine({ resources });
        const oracle = new ReferenceScheduler({ resources });
        for (const side of [engine, oracle]) side.addAgent(roomy);
        const ids = new Map<number, number>();
        for (const { task: requirements, isReserved } of tasks) {
          const id = engine.defineClass(requirements);
          const handle = isReserved ? engine.reserve(id) : engine.place(id);
          const placement = isReserved ? oracle.reserve(requirements) : oracle.place(requirements);
          ids.set(placement!.id, handle);
        }
        for (const side of [engine, oracle]) {
          side.reportAgent(0, { lent });
          side.updateAgent(0, { ...roomy, taints });
          const [cpu, memory] = engine.usageOf(0);
          side.resizeAgent(0, { cpu, memory });
        }
        const evictions = engine.evictions();
        expect(evictions).toEqual(
          oracle.evictions().map(({ id, row, reason }) => ({ handle: ids.get(id), row, reason })),
        );
        const borrowers = evictions.filter(({ reason }) => reason === 'opportunistic');
        for (const { handle } of evictions) engine.release(handle);
        expect(engine.evictions()).toEqual([]);
        named += evictions.length;
        if (borrowers.length > 0 && borrowers.length < engine.taskCount) spared++;
      },
    ),
    { numRuns: 1500 },
  );
  expect(Math.min(named, spared)).toBeGreaterThan(300);
});
